"""What a trained model of likeness is asked: how alike are two texts, which lines are most like one.

Legend of shapes: T symbols, N texts, P pairs, O numbers of a vector.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from elman.core.errors import InputError
from elman.data.buckets import padded
from elman.data.source import Source
from elman.data.text import lines_of
from elman.data.vocabulary import EOS
from elman.tasks.similar.config import PredictOptions
from elman.tasks.similar.data import PairBatches, encode, interchangeable
from elman.tasks.similar.examples import read_examples
from elman.tasks.similar.index import Index, Neighbour
from elman.tasks.similar.metrics import SimilarScore, spearman

if TYPE_CHECKING:
    from elman.tasks.similar.data import SimilarData
    from elman.tasks.similar.model import SimilarModel

_CANDIDATES = 10_000
_BLOCK = 1024
_TEXTS = 256
_EXAMPLES = 5


@dataclass(frozen=True)
class Likeness:
    """How alike two texts are, from -1 to 1."""

    likeness: float

    def to_dict(self) -> dict[str, object]:
        """The likeness as JSON can hold it."""
        return {"likeness": self.likeness}

    def text(self) -> str:
        """The likeness in a line."""
        return f"{self.likeness:.3f}"


@dataclass(frozen=True)
class Ranking:
    """The lines that are most alike to a text, the most alike first."""

    nearest: tuple[Neighbour, ...]

    def to_dict(self) -> dict[str, object]:
        """The lines as JSON can hold them."""
        return {"nearest": [neighbour.to_dict() for neighbour in self.nearest]}

    def text(self) -> str:
        """A line each: likeness and text."""
        return "\n".join(f"{neighbour.likeness:.3f}  {neighbour.text}" for neighbour in self.nearest)


def predictions(
    model: SimilarModel, texts: Iterable[str], options: PredictOptions | None = None
) -> Iterator[Likeness | Ranking]:
    """What is most like each text, or, where there is nothing to compare with, how alike its two parts are.

    Raises InputError for a text of blanks, for one without a tab where nothing else is given, and where the
    file to compare with cannot be read.
    """
    options = options or PredictOptions()
    for text in texts:
        if options.against is not None:
            yield Ranking(tuple(_index(model, options.against).nearest(text, options.top)))
        else:
            first, tab, second = text.partition("\t")
            if not tab:
                raise InputError(
                    f"{text[:40]!r} is one text: give a file whose lines it is compared with "
                    "(--against FILE), or a second text behind a tab"
                )
            yield Likeness(model.likeness(first, second))


# One at a time: a command asks for many texts against one file.
@lru_cache(maxsize=1)
def _index(model: SimilarModel, against: str) -> Index:
    return model.index(lines_of(Source.of(against)))


def vectors(model: SimilarModel, texts: Iterable[str]) -> Tensor:
    """The vectors of texts, (N, O), of norm 1, on the CPU; raises InputError for a text of blanks."""
    encoded: list[NDArray[np.int64]] = []
    for text in texts:
        if not text.strip():
            raise InputError(f"text {len(encoded) + 1} is blank: there is nothing to compare")
        encoded.append(encode(text, model.vocabulary, model.config))
    return _vectors(model, encoded)


def evaluate(model: SimilarModel, data: SimilarData) -> SimilarScore:
    """The score of all pairs that validate."""
    return _score(model, data.validation)


def evaluate_file(model: SimilarModel, path: Path) -> SimilarScore:
    """The score of the rows of a file; raises InputError as `read_examples` does."""
    found = read_examples(path, model.config)
    return _score(model, PairBatches(found.rows, model.vocabulary, model.config, found.form == "lines"))


def demonstrate(model: SimilarModel, data: SimilarData, seed: int) -> str:
    """What a fresh model is shown off with: some texts, and what of the validation part is most like each."""
    texts = sorted({text for row in data.validation.rows[:_CANDIDATES] for text in (row.first, row.second)})
    chosen = np.random.default_rng(seed).permutation(len(texts))[:_EXAMPLES]
    index = model.index(texts)
    lines = ["Texts that were not trained on, and the most alike of the others:"]
    for text in (texts[i] for i in chosen):
        other = next((n for n in index.nearest(text, 2) if n.text != text), None)
        lines.append(f"  {text}" if other is None else f"  {text}\n    {other.likeness:.3f}  {other.text}")
    return "\n".join(lines)


@torch.inference_mode()
def _score(model: SimilarModel, batches: PairBatches) -> SimilarScore:
    """Nats are None where pairs have scores and the model was trained on alike ones, or the reverse."""
    trained_for = batches.scored == (model.vocabulary.scores is not None)
    nats, pairs, vectors_2PO, same_2P, scores_P = 0.0, 0, [], [], []
    for batch in batches.epoch(0):
        batch = batch.to(model.device)
        vectors_2PO.append(_read(model, batch.texts, batch.lengths))
        same_2P.append(batch.same)
        if trained_for:
            nats += float(model.nats(vectors_2PO[-1], batch).sum())
        pairs += batch.count
        scores_P += [] if batch.scores is None else [batch.scores]
    told = nats if trained_for else None
    first_PO, second_PO = _halves(vectors_2PO)
    if scores_P:
        likeness_P = (first_PO * second_PO).sum(-1)
        return SimilarScore(pairs, told, spearman=spearman(likeness_P.cpu(), torch.cat(scores_P).cpu()))
    first_P, second_P = _halves(same_2P)
    places = _places(
        first_PO[:_CANDIDATES], second_PO[:_CANDIDATES], first_P[:_CANDIDATES], second_P[:_CANDIDATES]
    )
    found, reciprocal = float((places == 1).mean()), float((1.0 / places).mean())
    return SimilarScore(pairs, told, found=found, reciprocal_rank=reciprocal, among=len(places))


def _halves(batches: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """What belongs to the first texts and to the second ones, of all batches."""
    first, second = zip(*(batch.chunk(2) for batch in batches), strict=True)
    return torch.cat(first), torch.cat(second)


def _places(first_PO: Tensor, second_PO: Tensor, first_P: Tensor, second_P: Tensor) -> NDArray[np.float64]:
    """The place of each first text's partner among all second texts, by likeness, the last of equal ones."""
    places: list[Tensor] = []
    for start in range(0, len(first_PO), _BLOCK):
        rows = slice(start, start + _BLOCK)
        likeness_RP = first_PO[rows] @ second_PO.T
        right_R = (first_PO[rows] * second_PO[rows]).sum(-1, keepdim=True)
        before_RP = (likeness_RP >= right_R) & ~interchangeable(first_P, second_P, rows)
        places.append(1 + before_RP.sum(-1))
    return torch.cat(places).cpu().numpy().astype(np.float64)


def _vectors(model: SimilarModel, encoded: Sequence[NDArray[np.int64]]) -> Tensor:
    """The vectors of encoded texts, those of about equal length read together."""
    order = np.argsort([len(text) for text in encoded], kind="stable")
    found = torch.empty(len(encoded), model.recurrent.output_size)
    for start in range(0, len(order), _TEXTS):
        some = order[start : start + _TEXTS]
        texts = torch.from_numpy(padded([encoded[i] for i in some], EOS)).to(model.device)
        lengths = torch.tensor([len(encoded[i]) for i in some], device=model.device)
        found[torch.from_numpy(some)] = _read(model, texts, lengths).float().cpu()
    return found


@torch.inference_mode()
def _read(model: SimilarModel, texts: Tensor, lengths: Tensor) -> Tensor:
    """One pass without dropout, whatever mode the model is in: (N, O)."""
    training = model.training
    model.eval()
    try:
        return model(texts, lengths)
    finally:
        model.train(training)
