"""What a trained language model is asked: how probable is a text, how does it go on.

Legend of shapes: T time steps, B sequences, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from elman.core.errors import InputError
from elman.data.batch import SequenceBatch
from elman.data.buckets import padded
from elman.data.source import Source
from elman.data.symbols import Symbols
from elman.data.tokens import read_tokens
from elman.data.vocabulary import EOS
from elman.nn.decode import Decoding
from elman.nn.stream import Stream
from elman.tasks.language.metrics import Score, negative_log_likelihood
from elman.tasks.options import require_integer

if TYPE_CHECKING:
    from elman.tasks.language.data import LanguageData
    from elman.tasks.language.model import LanguageModel
    from elman.tasks.parts import State

SAMPLES = 1
LONGEST = 10**9
_LARGEST_SEED = 2**63 - 1
_WINDOW = 1024
_SCORES_IN_MEMORY = 1 << 22
_SIDE_BY_SIDE = 64


def score(model: LanguageModel, text: str) -> Score:
    """The score of a text, its closing symbols included; raises InputError when there is no symbol."""
    return score_symbols(model, model.vocabulary.encode_with_warning(text), len(text))


@torch.inference_mode()
def score_symbols(
    model: LanguageModel, symbols_T: Symbols | NDArray[np.int64], characters: int | None = None
) -> Score:
    """The score of symbols and the closing ones after them, read in windows that carry the state; characters
    is how many they are spelled with.
    """
    size = len(symbols_T)
    total = size + len(model.closing)
    if not total:
        raise InputError("an empty text has no symbols to score")
    before = EOS
    state = None
    log_prob = 0.0
    for window in _windows(total, len(model.vocabulary)):
        closing = model.closing[max(0, window.start - size) : max(0, window.stop - size)]
        targets = np.append(symbols_T[window], closing).astype(np.int64)
        scores_T1V, state = read(model, _column(model, np.append(before, targets[:-1])), state)
        targets_T1 = _column(model, targets)
        log_prob -= float(negative_log_likelihood(scores_T1V, SequenceBatch(targets_T1, targets_T1)))
        before = targets[-1]
    with_closing = None if characters is None else characters + len(model.closing)
    return Score(log_prob, total, model.vocabulary.kind, with_closing)


@torch.inference_mode()
def log_probs(model: LanguageModel, texts: Sequence[str]) -> NDArray[np.float64]:
    """ln p of each text, its closing symbols included; those of about one length are read side by side.

    Unknown symbols are read as `<unk>`. Raises InputError for a text without a symbol.
    """
    targets = [np.append(model.vocabulary.encode(text), model.closing).astype(np.int64) for text in texts]
    for text, symbols_T in zip(texts, targets, strict=True):
        if not len(symbols_T):
            raise InputError(f"the text {text!r} has no symbols to score")
    order = np.argsort([len(symbols_T) for symbols_T in targets], kind="stable")
    found = np.zeros(len(texts))
    for start in range(0, len(texts), _SIDE_BY_SIDE):
        chosen = order[start : start + _SIDE_BY_SIDE]
        found[chosen] = _log_probs_of(model, [targets[i] for i in chosen])
    return found


def _log_probs_of(model: LanguageModel, sequences: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
    framed_TB = padded([np.append(EOS, symbols_T) for symbols_T in sequences], EOS)
    lengths_B = np.array([len(symbols_T) for symbols_T in sequences])
    state, log_prob_B = None, np.zeros(len(sequences))
    for window in _windows(len(framed_TB) - 1, len(model.vocabulary) * len(sequences)):
        inputs_TB, targets_TB = (
            torch.from_numpy(symbols_TB[window]).to(model.device)
            for symbols_TB in (framed_TB[:-1], framed_TB[1:])
        )
        scores_TBV, state = read(model, inputs_TB, state)
        nats_TB = functional.cross_entropy(scores_TBV.flatten(0, 1), targets_TB.flatten(), reduction="none")
        steps_T1 = window.start + np.arange(len(targets_TB))[:, None]
        nats = nats_TB.view_as(targets_TB).double().cpu().numpy()
        log_prob_B -= np.where(steps_T1 < lengths_B, nats, 0.0).sum(0)
    return log_prob_B


def evaluate(model: LanguageModel, data: LanguageData) -> Score:
    """The score of the whole validation part in one stream, the state carried from its first character."""
    return score_symbols(model, data.held_out, data.held_out.characters)


def evaluate_file(model: LanguageModel, path: Path) -> Score:
    """The score of a whole text, in one stream; raises InputError when it cannot be read."""
    text = read_tokens(Source.of(path), model.config.level)
    symbols = Symbols(text, model.vocabulary)
    return score_symbols(model, symbols, symbols.characters)


def stream(
    model: LanguageModel, prompt: str, length: int, decoding: Decoding, seed: int | None
) -> Iterator[str]:
    """The text after a prompt, symbol by symbol, until a closing symbol or `length` of them."""
    require_integer("length", length, 0, LONGEST)
    if seed is not None:
        require_integer("seed", seed, 0, _LARGEST_SEED)
    inputs_T = np.append(EOS, model.vocabulary.encode_with_warning(prompt))
    return _symbols(model, inputs_T, length, decoding, seed)


def demonstrate(model: LanguageModel, data: LanguageData, seed: int) -> str:
    """What a fresh model is shown off with: a sample."""
    return f"A sample of {model.sample_length} {model.vocabulary.kind}s:\n\n{model.sample(seed=seed)}"


def _symbols(
    model: LanguageModel, inputs_T: NDArray[np.int64], length: int, decoding: Decoding, seed: int | None
) -> Iterator[str]:
    generator = torch.Generator()
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    steps = Stream(model.recurrent, model.projection, state_after(model, inputs_T[:-1]))
    before = int(inputs_T[-1])
    forbidden = model.vocabulary.unwritten.difference(model.closing)
    chosen = steps.generate(before, length, decoding, generator, forbidden, model.closing)
    return model.vocabulary.spell(chain.from_iterable(chosen), before)


@torch.inference_mode()
def state_after(model: LanguageModel, symbols_T: NDArray[np.int64]) -> State | None:
    """The state after some symbols, None after none."""
    state = None
    for window in _windows(len(symbols_T), len(model.vocabulary)):
        _, state = read(model, _column(model, symbols_T[window]), state)
    return state


def _column(model: LanguageModel, symbols_T: NDArray[np.int64]) -> Tensor:
    return torch.from_numpy(symbols_T[:, None]).to(model.device)


def _windows(steps: int, vocabulary: int) -> Iterator[slice]:
    """Slices of the time steps, short enough that the scores of one take little memory."""
    window = min(_WINDOW, max(1, _SCORES_IN_MEMORY // vocabulary))
    return (slice(start, start + window) for start in range(0, steps, window))


def read(model: LanguageModel, symbols_TB: Tensor, state: State | None = None) -> tuple[Tensor, State]:
    """One pass without dropout, whatever mode the model is in: scores (T, B, V), and the state after it."""
    training = model.training
    model.eval()
    try:
        return model(symbols_TB, state)
    finally:
        model.train(training)
