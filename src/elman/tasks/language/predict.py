"""What a trained language model is asked: how probable is a text, how does it go on.

Legend of shapes: T time steps, B sequences, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from elman.core.errors import InputError
from elman.data.batch import SequenceBatch
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
_LONGEST = 10**9
_LARGEST_SEED = 2**63 - 1
_WINDOW = 1024
_SCORES_IN_MEMORY = 1 << 22


def score(model: LanguageModel, text: str) -> Score:
    """The score of a text, its closing symbols included; raises InputError when there is no symbol."""
    return score_symbols(model, model.vocabulary.encode_with_warning(text))


@torch.inference_mode()
def score_symbols(model: LanguageModel, symbols_T: Symbols | NDArray[np.int64]) -> Score:
    """The score of symbols and the closing ones after them, read in windows that carry the state."""
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
    return Score(log_prob, total, model.vocabulary.kind)


def evaluate(model: LanguageModel, data: LanguageData) -> Score:
    """The score of the whole validation part in one stream, the state carried from its first character."""
    return score_symbols(model, data.held_out)


def evaluate_file(model: LanguageModel, path: Path) -> Score:
    """The score of a whole text, in one stream; raises InputError when it cannot be read."""
    text = read_tokens(Source.of(path), model.config.level)
    return score_symbols(model, Symbols(text, model.vocabulary))


def stream(
    model: LanguageModel, prompt: str, length: int, decoding: Decoding, seed: int | None
) -> Iterator[str]:
    """The characters or words after a prompt, one by one, until a closing symbol or `length` of them."""
    require_integer("length", length, 0, _LONGEST)
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
    steps = Stream(model.recurrent, model.projection, _state_after(model, inputs_T[:-1]))
    before = int(inputs_T[-1])
    forbidden = model.vocabulary.unwritten.difference(model.closing)
    for symbols in steps.generate(before, length, decoding, generator, forbidden, model.closing):
        yield from model.vocabulary.spell(symbols, before)
        before = symbols[-1]


@torch.inference_mode()
def _state_after(model: LanguageModel, symbols_T: NDArray[np.int64]) -> State | None:
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
