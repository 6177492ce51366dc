"""What a trained model is asked: what stands in the blanks of a text.

Legend of shapes: T time steps, B sequences, N symbols, H hidden size, V vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from elman.core.errors import InputError
from elman.data.lines import Lines
from elman.data.source import Source
from elman.data.symbols import Symbols
from elman.data.tokens import read_tokens
from elman.data.vocabulary import EOS, UNKNOWN
from elman.tasks.blank.config import PredictOptions
from elman.tasks.blank.metrics import BlankScore
from elman.tasks.language.metrics import counted

if TYPE_CHECKING:
    from elman.tasks.blank.data import BlankBatches, BlankData
    from elman.tasks.blank.model import BlankModel

BLANK = "____"
_BLANK = re.compile("_{3,}")
_EXAMPLES = 3
_SHOWN = 60
_SCORES_IN_MEMORY = 1 << 22
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True)
class Filling:
    """What may stand in a blank, and its probability given the text around it."""

    text: str
    probability: float


@dataclass(frozen=True)
class BlankPrediction:
    """A text with the likeliest filling of each blank, and of each blank the likeliest ones."""

    filled: str
    blanks: tuple[tuple[Filling, ...], ...]

    def to_dict(self) -> dict[str, object]:
        """The prediction as JSON can hold it."""
        blanks = [[asdict(filling) for filling in fillings] for fillings in self.blanks]
        return {"text": self.filled, "blanks": blanks}

    def text(self) -> str:
        """The filled text, and a line for each blank."""
        return "\n".join([self.filled, *(f"  {_shown(fillings)}" for fillings in self.blanks)])


def _shown(fillings: Iterable[Filling]) -> str:
    return "  ".join(f"{f.text.strip() or repr(f.text)} {f.probability:.3f}" for f in fillings)


def predictions(
    model: BlankModel, texts: Iterable[str], options: PredictOptions
) -> Iterator[BlankPrediction]:
    """What stands in the blanks of each text, one symbol in each ____ (three underlines or more).

    Several blanks of a text are filled one by one from the left, each by its likeliest symbol, given those
    before it; the blanks after it are passed over. Raises InputError for a text without a blank.
    """
    for text in texts:
        parts = _BLANK.split(text)
        if len(parts) == 1:
            raise InputError(f"no blank in {text[:_SHOWN]!r}: write {BLANK} where something is missing")
        yield _filled(model, parts, options.top)


def evaluate(model: BlankModel, data: BlankData) -> BlankScore:
    """The score of every symbol of the lines that validate, each a blank while the others are there."""
    return _score(model, data.validation)


def evaluate_file(model: BlankModel, path: Path) -> BlankScore:
    """The score of every symbol of a text; raises InputError when it cannot be read or has none."""
    from elman.tasks.blank.data import BlankBatches

    symbols = Symbols(read_tokens(Source.of(path), model.config.level), model.vocabulary)
    lines = Lines(symbols, model.vocabulary, model.config.sequence_length)
    if not len(lines):
        raise InputError(f"{path}: all lines are blank")
    return _score(model, BlankBatches(lines, model.config.batch_size))


def demonstrate(model: BlankModel, data: BlankData, seed: int) -> str:
    """What a fresh model is shown off with: blanks in lines that it has not learned from."""
    random = np.random.default_rng(seed)
    said = ["Blanks in held-out lines:"]
    for number in random.permutation(len(data.held_out))[:_EXAMPLES].tolist():
        line = data.held_out[number]
        place = int(random.integers(len(line)))
        before, after = line[:place], line[place + 1 :]
        _, fillings = _fillings(model, before, after, _EXAMPLES)
        left, right = (model.vocabulary.decode(part.tolist()) for part in (before, after))
        said += [f"  {left}{BLANK}{right}", f"    {_shown(fillings)}"]
    return "\n".join(said)


def _filled(model: BlankModel, given: Sequence[str], top: int) -> BlankPrediction:
    """given: the parts of a text between which the blanks are."""
    if model.vocabulary.kind == "subword":
        # A subword begins with the blank before it.
        given = [*(part.removesuffix(" ") for part in given[:-1]), given[-1]]
    encoded = [model.vocabulary.encode_with_warning(part) for part in given]
    before, text, blanks = encoded[0], given[0], []
    for i, part in enumerate(given[1:], start=1):
        symbols, fillings = _fillings(model, before, np.concatenate(encoded[i:]), top)
        blanks.append(fillings)
        before = np.concatenate([before, symbols[:1], encoded[i]])
        text += fillings[0].text + part
    return BlankPrediction(text, tuple(blanks))


@torch.inference_mode()
def _fillings(
    model: BlankModel, before_T: NDArray[np.int64], after_T: NDArray[np.int64], top: int
) -> tuple[list[int], tuple[Filling, ...]]:
    """The likeliest symbols between two parts of a text, and what they say: whole characters alone."""
    before_T1, after_T1 = (
        torch.from_numpy(np.append(EOS, symbols_T))[:, None].to(model.device)
        for symbols_T in (before_T, after_T[::-1])
    )
    scores_V = model(before_T1, after_T1)[0].double()
    scores_V[[UNKNOWN, EOS]] = -torch.inf
    order_V = scores_V.argsort(descending=True, stable=True).tolist()
    texts = ((i, model.vocabulary.decode([i])) for i in order_V if i not in (UNKNOWN, EOS))
    chosen = list(islice(((symbol, text) for symbol, text in texts if _REPLACEMENT not in text), top))
    probability_V = scores_V.softmax(0).tolist()
    fillings = tuple(Filling(text, probability_V[symbol]) for symbol, text in chosen)
    return [symbol for symbol, _ in chosen], fillings


@torch.inference_mode()
def _score(model: BlankModel, batches: BlankBatches) -> BlankScore:
    training = model.training
    model.eval()
    try:
        return BlankScore.of(_predictions(model, batches), model.vocabulary.kind)
    finally:
        model.train(training)


def _predictions(model: BlankModel, batches: BlankBatches) -> Iterator[tuple[Tensor, Tensor]]:
    """Scores and targets of all symbols, some at a time."""
    size = max(1, _SCORES_IN_MEMORY // len(model.vocabulary))
    for batch in batches.epoch(0):
        batch = batch.to(model.device)
        rows_NH, targets_N = counted(model.hidden(batch), batch), counted(batch.targets, batch)
        for part_NH, part_N in zip(rows_NH.split(size), targets_N.split(size), strict=True):
            yield model.projection(part_NH), part_N
