"""From rows to batches of pairs.

Legend of shapes: T symbols, P pairs.
"""

import copy
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from elman.core.errors import InputError
from elman.data.buckets import LengthBatches, padded
from elman.data.segment import segment
from elman.data.text import Progress, unseen
from elman.data.vectors import Vectors
from elman.data.vocabulary import EOS, LEVELS
from elman.tasks.pretrained import described, vectors_for
from elman.tasks.similar.config import SimilarConfig
from elman.tasks.similar.examples import Example, Examples, read_examples
from elman.tasks.similar.vocabulary import SimilarVocabulary
from elman.tasks.splitting import held_out

_FEWEST = 2


@dataclass(frozen=True)
class PairBatch:
    """P pairs: texts (T, 2P) int64, the first ones and then the second ones, with their lengths (2P,).

    texts that are the same, before views are made of them, have the same number in same (2P,). scores (P,),
    of which those from 0 to 1 were trained on, are None where every pair is alike. count: how many pairs
    count, all or none.
    """

    texts: Tensor
    lengths: Tensor
    same: Tensor
    scores: Tensor | None
    count: int
    continues: bool = False

    @property
    def symbols(self) -> int:
        """How many pairs count."""
        return self.count

    def to(self, device: torch.device | str) -> "PairBatch":
        """The same batch on another device."""
        texts, lengths, same = (tensor.to(device) for tensor in (self.texts, self.lengths, self.same))
        scores = None if self.scores is None else self.scores.to(device)
        return PairBatch(texts, lengths, same, scores, self.count)


def interchangeable(first: Tensor, second: Tensor, rows: slice = slice(None)) -> Tensor:
    """Whether pairs, some (R,) and all (P,), have a text in common, (R, P), so that the partner in one is
    right for the other, too. Pairs are given by the numbers of their texts.
    """
    some_first, some_second = first[rows, None], second[rows, None]
    return (some_first == first) | (some_second == second) | (some_first == second) | (some_second == first)


class PairBatches:
    """Pairs of about equal length in batches; with a seed in an order drawn anew for each epoch.

    Where views are asked for, each text of a pair is one of its line, in every epoch another if seeded.
    """

    def __init__(
        self,
        rows: Sequence[Example],
        vocabulary: SimilarVocabulary,
        config: SimilarConfig,
        views: bool,
        seed: int | None = None,
    ) -> None:
        self.rows = rows
        self._config, self._views, self._seed = config, views, seed
        number_of: dict[str, int] = {}
        self._pairs = [
            tuple(number_of.setdefault(text, len(number_of)) for text in (row.first, row.second))
            for row in rows
        ]
        self._texts = [encode(text, vocabulary, config) for text in number_of]
        told = [row.score for row in rows if row.score is not None]
        self._scores = scaled(told, vocabulary.scores or (0.0, 1.0)) if told else None
        self._sizes = [max(len(self._texts[text]) for text in pair) for pair in self._pairs]
        self._share = (0, 1)

    def __len__(self) -> int:
        return -(-len(self._pairs) // self._config.batch_size)

    @property
    def scored(self) -> bool:
        """Whether the pairs have scores."""
        return self._scores is not None

    def epoch(self, number: int, start: int = 0) -> Iterator[PairBatch]:
        """The batches of an epoch from number `start` on, which the seed and the epoch's number determine."""
        make = partial(self._batch, 0 if self._seed is None else number)
        batches = LengthBatches(self._sizes, self._config.batch_size, make, self._seed)
        return batches.shard(*self._share).epoch(number, start)

    def shard(self, rank: int, world: int) -> Self:
        """The pairs of every batch that one of `world` processes reads; in some it may have none."""
        part = copy.copy(self)
        part._share = (rank, world)
        return part

    def _batch(self, epoch: int, chosen: NDArray[np.intp]) -> PairBatch:
        count = len(chosen)
        pairs = [self._pairs[i] for i in chosen] or [(0, 0)]
        numbers = [*(first for first, _ in pairs), *(second for _, second in pairs)]
        texts = [self._texts[number] for number in numbers]
        if self._views and count:
            random = np.random.default_rng([1 + (self._seed or 0), epoch, int(chosen[0])])
            texts = [view(text, self._config, random) for text in texts]
        lengths = torch.tensor([len(text) for text in texts])
        scores = None
        if self._scores is not None:
            scores = torch.from_numpy(self._scores[chosen if count else [0]])
        return PairBatch(torch.from_numpy(padded(texts, EOS)), lengths, torch.tensor(numbers), scores, count)


@dataclass(frozen=True)
class SimilarData:
    """Rows to train on, the others, drawn by a hash, or a file of their own, to validate.

    The vocabulary is that of the training part. A pair that validates does not train, in whichever order.
    """

    vocabulary: SimilarVocabulary
    train: PairBatches
    validation: PairBatches
    notes: tuple[str, ...]

    @classmethod
    def read(cls, path: Path, config: SimilarConfig, seed: int, progress: Progress = unseen) -> "SimilarData":
        """Read rows; the seed determines their order and views in each epoch; progress is told of bytes read.

        Raises InputError as `read_examples` does, and where too few are left to train on or to validate.
        """
        found = read_examples(path, config, progress)
        train, validation = _parts(found, config)
        scores = None
        if found.form == "scores":
            told = [row.score for row in train if row.score is not None]
            scores = (min(told), max(told))
            if scores[0] == scores[1]:
                raise InputError(
                    f"{path}: all {len(told):,} pairs that train have the score {told[0]:g}: give more pairs"
                )
        counts = _counts(train, config)
        vectors = vectors_for(config.vectors, counts, config.embedding_size)
        vocabulary = SimilarVocabulary(_symbols(counts, vectors, config), scores, vectors)
        views = found.form == "lines"
        rows = f"{len(train):,} to train on, {len(validation):,} to validate"
        notes = [f"{path.name}: {_FORMS[found.form]}, {rows}"]
        if vectors is not None:
            notes.append(described(vectors, config.vectors, len(vocabulary.symbols), "symbols"))
        return cls(
            vocabulary,
            PairBatches(train, vocabulary, config, views, seed),
            PairBatches(validation, vocabulary, config, views),
            tuple(notes),
        )


_FORMS = {
    "lines": "lines, of which two views each are made",
    "adjacent": "lines, each like the next",
    "pairs": "pairs of texts that are alike",
    "scores": "pairs of texts with scores",
}


def encode(text: str, vocabulary: SimilarVocabulary, config: SimilarConfig) -> NDArray[np.int64]:
    """The numbers of the symbols of a text as far as it is read; a text of none is `<eos>`."""
    symbols = segment(text, config.segments, config.lower)[: config.sequence_length]
    return vocabulary.symbols.numbers(symbols) if symbols else np.array([EOS], np.int64)


def scaled(scores: Sequence[float], between: tuple[float, float]) -> NDArray[np.float32]:
    """Scores such that those of a range go from 0 to 1."""
    low, high = between
    return ((np.array(scores, np.float64) - low) / (high - low)).astype(np.float32)


def view(text: NDArray[np.int64], config: SimilarConfig, random: np.random.Generator) -> NDArray[np.int64]:
    """A part of a text without some of its symbols, one symbol at least."""
    shortest = max(1, round(config.shortest_view * len(text)))
    length = int(random.integers(shortest, len(text) + 1))
    start = int(random.integers(len(text) - length + 1))
    part = text[start : start + length]
    kept = random.random(length) >= config.word_dropout
    return part[kept] if kept.any() else part[:1]


def _parts(found: Examples, config: SimilarConfig) -> tuple[list[Example], list[Example]]:
    """What trains, and what validates."""
    if config.validation_file is None:
        held = held_out([row.key for row in found.rows], config.validation_share)
        train = [row for row, out in zip(found.rows, held, strict=True) if not out]
        validation = [row for row, out in zip(found.rows, held, strict=True) if out]
    else:
        file = read_examples(Path(config.validation_file), config)
        if file.form != found.form:
            raise InputError(
                f"{file.path}: holds {_FORMS[file.form]}, and {found.path} {_FORMS[found.form]}; "
                "give both one form"
            )
        validation = list(file.rows)
        seen = {(row.key, max(row.first, row.second)) for row in validation}
        train = [row for row in found.rows if (row.key, max(row.first, row.second)) not in seen]
    if min(len(train), len(validation)) < _FEWEST:
        raise InputError(
            f"{found.path}: {len(train):,} rows to train on and {len(validation):,} to validate: "
            f"each part needs {_FEWEST} at least"
        )
    return train, validation


def _counts(rows: Sequence[Example], config: SimilarConfig) -> Counter[str]:
    texts = {text for row in rows for text in (row.first, row.second)}
    symbols = (map(sys.intern, segment(text, config.segments, config.lower)) for text in sorted(texts))
    return Counter(chain.from_iterable(symbols))


def _symbols(counts: Counter[str], vectors: Vectors | None, config: SimilarConfig) -> Any:
    if vectors is not None:
        # A vector tells more of a rare symbol than the texts do.
        counts = counts | Counter(dict.fromkeys(vectors.words, config.min_count))
    kind = LEVELS["character" if config.segments == "character" else "word"]
    found = np.array(list(counts.values()), np.int64)
    return kind.most_frequent(list(counts), found, config.vocabulary_size, config.min_count)
