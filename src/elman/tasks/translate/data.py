"""From pairs of texts to the two parts that a translator is trained and validated on.

Legend of shapes: S places of a source, T steps of a target, B pairs.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from elman.core.errors import InputError
from elman.data.batch import SequenceBatch
from elman.data.buckets import LengthBatches, padded
from elman.data.pairs import Pair, beside, read_pairs
from elman.data.text import Progress, unseen
from elman.data.vocabulary import EOS
from elman.tasks.splitting import held_out
from elman.tasks.translate.config import TranslateConfig
from elman.tasks.translate.vocabulary import PairVocabulary, Side

_SEVERAL = 2


@dataclass(frozen=True)
class PairBatch:
    """B sources of at most S symbols, `<eos>` included, and what is to be written for each.

    sources (S, B) and lengths (B,) are int64, no length is 0; targets are those of a language model.
    """

    sources: Tensor
    lengths: Tensor
    targets: SequenceBatch
    continues: bool = False

    @property
    def symbols(self) -> int:
        """How many targets count."""
        return self.targets.symbols

    def to(self, device: torch.device | str) -> "PairBatch":
        """The same batch on another device."""
        return PairBatch(self.sources.to(device), self.lengths.to(device), self.targets.to(device))


class PairBatches(LengthBatches[PairBatch]):
    """Pairs of symbols in batches of B, seeded or not as all batches by length are.

    Those of one target length stand together, and of these those of one source length: little is padding.
    """

    def __init__(
        self,
        sources: Sequence[NDArray[np.int64]],
        targets: Sequence[NDArray[np.int64]],
        batch_size: int,
        seed: int | None = None,
    ) -> None:
        # A target stands with `<eos>` before or behind it.
        sizes = [(len(target) + 1, len(source)) for source, target in zip(sources, targets, strict=True)]
        super().__init__(sizes, batch_size, self._batch, seed)
        self._sources, self._targets = sources, targets

    def _batch(self, chosen: NDArray[np.intp]) -> PairBatch:
        if not len(chosen):
            nothing = torch.full((1, 1), EOS)
            targets = SequenceBatch(nothing, nothing, torch.zeros(1, dtype=torch.int64))
            return PairBatch(nothing, torch.ones(1, dtype=torch.int64), targets)
        sources = [self._sources[i] for i in chosen]
        framed = [np.pad(self._targets[i], 1, constant_values=EOS) for i in chosen]
        targets = torch.from_numpy(padded(framed, EOS))
        return PairBatch(
            torch.from_numpy(padded(sources, EOS)),
            torch.tensor([len(source) for source in sources]),
            SequenceBatch(targets[:-1], targets[1:], torch.tensor([len(one) - 1 for one in framed])),
        )


@dataclass(frozen=True)
class TranslateData:
    """Pairs to train on, and those that validate: a share of the sources, or a file of its own.

    The vocabularies are those of the training part. What is longer on a side than the configuration says is
    left out, with a note.
    """

    vocabulary: PairVocabulary
    train: PairBatches
    validation: PairBatches
    held_out: tuple[Pair, ...]
    notes: tuple[str, ...]

    @classmethod
    def read(
        cls,
        path: Path,
        config: TranslateConfig,
        seed: int,
        progress: Progress = unseen,
    ) -> "TranslateData":
        """Read pairs; the seed determines their order in each epoch; progress is told of bytes read.

        Raises InputError when the files cannot be used, or nothing is left to train on or to validate.
        """
        target_file = None if config.target_file is None else Path(config.target_file)
        pairs = cls.pairs(path, target_file, config, progress)
        if config.validation_file is None:
            chosen = held_out([pair.source for pair in pairs], config.validation_share)
            train, validation = ([pairs[i] for i in np.flatnonzero(part)] for part in (~chosen, chosen))
            where = path
        else:
            where = Path(config.validation_file)
            train, validation = pairs, cls.other_pairs(where, config)
        if not train or not validation:
            raise InputError(f"{path}: the sources are all the same: give {_SEVERAL} different ones at least")
        size, count = config.vocabulary_size, config.min_count
        level, target_level = config.levels
        vocabulary = PairVocabulary(
            Side.of((pair.source for pair in train), level, size, count, config.lower),
            Side.of((pair.target for pair in train), target_level, size, count, config.lower),
        )
        notes: list[str] = []
        parts = [
            _numbered(part, vocabulary, config.longest, source, notes)
            for part, source in ((train, path), (validation, where))
        ]
        (_, sources, targets), (kept, held_sources, held_targets) = parts
        if len(sources) < config.batch_size:
            notes.append(f"{len(sources)} pairs to train on are fewer than one batch: reading all at once")
        return cls(
            vocabulary,
            PairBatches(sources, targets, config.batch_size, seed),
            PairBatches(held_sources, held_targets, config.batch_size),
            tuple(kept),
            tuple(notes),
        )

    @classmethod
    def pairs(
        cls, path: Path, target_file: Path | None, config: Any, progress: Progress = unseen
    ) -> list[Pair]:
        """The pairs of a file, or of two, in the direction in which they are translated.

        Raises InputError as `read_pairs` does.
        """
        return [_directed(pair, config.reverse) for pair in read_pairs(path, target_file, progress)]

    @classmethod
    def other_pairs(cls, path: Path, config: TranslateConfig) -> list[Pair]:
        """The pairs of a file of the same form as those trained on, whose targets, if they have files of
        their own, are in the file beside it. Raises InputError as `pairs` and `beside` do.
        """
        target_file = None if config.target_file is None else beside(path, Path(config.target_file))
        return cls.pairs(path, target_file, config)


def _directed(pair: Pair, reverse: bool) -> Pair:
    source, target = (pair.target, pair.source) if reverse else (pair.source, pair.target)
    return Pair(normal(source), target, pair.line)


def normal(source: str) -> str:
    """A source with the ordinary forms of full-width and other such characters (NFKC)."""
    return unicodedata.normalize("NFKC", source)


def _numbered(
    pairs: Sequence[Pair], vocabulary: PairVocabulary, longest: int, path: Path, notes: list[str]
) -> tuple[list[Pair], list[NDArray[np.int64]], list[NDArray[np.int64]]]:
    """The pairs that are short enough, and the numbers of their sources and targets."""
    sources = [vocabulary.read(pair.source) for pair in pairs]
    targets = [vocabulary.target.encode(pair.target) for pair in pairs]
    fits = [max(len(source), len(target)) <= longest for source, target in zip(sources, targets, strict=True)]
    kept = [i for i, fit in enumerate(fits) if fit]
    if not kept:
        raise InputError(f"{path}: all {len(pairs):,} pairs have more than {longest:,} symbols on a side")
    if len(kept) < len(pairs):
        first = fits.index(False)
        notes.append(
            f"{path}: {len(pairs) - len(kept):,} pairs with more than {longest:,} symbols on a side are left "
            f"out, line {pairs[first].line:,} the first; sequence_length sets the limit"
        )
    return [pairs[i] for i in kept], [sources[i] for i in kept], [targets[i] for i in kept]
