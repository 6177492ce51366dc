"""From a text to streams of characters in which phrases are planted.

Legend of shapes: T time steps, B sequences, K phrases.
"""

import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from elman.core.errors import InputError
from elman.data.source import Source
from elman.data.stream import StreamBatches, fitting_batch
from elman.data.symbols import Symbols, Tokens
from elman.data.text import Progress, unseen
from elman.data.tokens import read_tokens
from elman.tasks.spot.config import SpotConfig
from elman.tasks.spot.planting import Numbered, Planted, phrase_ends
from elman.tasks.spot.vocabulary import FoldedVocabulary, folded

_VALIDATION_STREAM = 1000
_HELD_OUT = (0, 0)


@dataclass(frozen=True)
class SpotBatch:
    """B stretches of T characters, inputs (T, B) int64, and which phrases end at each, ends (T, B, K) bool.

    lengths (B,) says how many characters of each stretch count; None means all T. continues says that the
    state after the batch before is the state before this one.
    """

    inputs: Tensor
    ends: Tensor
    lengths: Tensor | None = None
    continues: bool = False

    @property
    def symbols(self) -> int:
        """How many characters count."""
        return self.inputs.numel() if self.lengths is None else int(self.lengths.sum())

    def counted(self, values_TBK: Tensor) -> Tensor:
        """The values at the characters that count: of (T, B, K) the (N, K)."""
        if self.lengths is None:
            return values_TBK.flatten(0, 1)
        steps = torch.arange(len(self.inputs), device=self.lengths.device)
        return values_TBK[steps[:, None] < self.lengths]

    def to(self, device: torch.device | str) -> "SpotBatch":
        """The same batch on another device."""
        lengths = None if self.lengths is None else self.lengths.to(device)
        return SpotBatch(self.inputs.to(device), self.ends.to(device), lengths, self.continues)


class SpotBatches:
    """Windows over the streams of a text, in every epoch with other things planted, if a seed is given."""

    def __init__(
        self,
        text: Numbered,
        phrases: tuple[NDArray[np.int64], ...],
        spacing: int,
        streams: StreamBatches,
        seed: int | None = None,
    ) -> None:
        self._text, self._phrases, self._spacing = text, phrases, spacing
        self._streams, self._seed = streams, seed

    def __len__(self) -> int:
        return len(self._streams)

    def planted(self, number: int = 0) -> Planted:
        """The text of an epoch."""
        seed = _HELD_OUT if self._seed is None else (1 + self._seed, number)
        return Planted(self._text, self._phrases, self._spacing, seed)

    def epoch(self, number: int, start: int = 0) -> Iterator[SpotBatch]:
        """The windows from number `start` on, in the order of the text."""
        planted = self.planted(number)
        for window in self._streams.epoch(number, start):
            places = window.targets.numpy()
            ends = phrase_ends(planted, self._phrases, places)
            yield SpotBatch(
                torch.from_numpy(planted[places]), torch.from_numpy(ends), window.lengths, window.continues
            )

    def shard(self, rank: int, world: int) -> Self:
        """The streams that one of `world` processes reads, in as many windows as the others."""
        part = copy.copy(self)
        part._streams = self._streams.shard(rank, world)
        return part


class _Places:
    """The text in which at every place stands its number."""

    def __init__(self, length: int) -> None:
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: NDArray[np.int64]) -> NDArray[np.int64]:
        return index


@dataclass(frozen=True)
class SpotData:
    """The first 90% of a text to train on, the rest, or a file of its own, to validate.

    The vocabulary is that of the training part with the characters of the phrases. What is planted in the
    validation part is always the same.
    """

    vocabulary: FoldedVocabulary
    train: SpotBatches
    validation: SpotBatches
    notes: tuple[str, ...]

    @classmethod
    def read(cls, path: Path, config: SpotConfig, seed: int, progress: Progress = unseen) -> "SpotData":
        """Read a text; the seed determines what is planted in each epoch; progress is told of bytes read.

        Raises InputError when the text cannot be used or a part of it has no room for a phrase.
        """
        text = read_tokens(Source.of(path), "character", progress)
        if config.validation_file is None:
            cut = int((1.0 - config.validation_share) * len(text))
            other, start = text, cut
        else:
            cut = len(text)
            other, start = read_tokens(Source.of(config.validation_file), "character", progress), 0
        for length, where in ((cut, path), (len(other) - start, config.validation_file or path)):
            if length < config.spacing:
                raise InputError(
                    f"{where}: {length:,} characters to train or to validate on have no room for a phrase "
                    f"in every {config.spacing} of them; give a longer text, or a smaller spacing"
                )
        vocabulary = _vocabulary(text, cut, config)
        phrases = tuple(map(vocabulary.encode, config.each_phrase))
        train, held_out = Symbols(text, vocabulary, 0, cut), Symbols(other, vocabulary, start)
        batch_size, length = fitting_batch(cut, config.batch_size, config.sequence_length)
        notes = ()
        if (batch_size, length) != (config.batch_size, config.sequence_length):
            notes = (
                f"{cut:,} characters to train on are fewer than one batch: reading {batch_size} streams "
                f"(not {config.batch_size}), {length} characters at a time (not {config.sequence_length})",
            )
        streams = max(1, min(config.batch_size, len(held_out) // _VALIDATION_STREAM))
        return cls(
            vocabulary,
            SpotBatches(train, phrases, config.spacing, _streams(train, batch_size, length), seed),
            SpotBatches(held_out, phrases, config.spacing, _streams(held_out, streams, length)),
            notes,
        )


def _streams(text: Numbered, batch_size: int, length: int) -> StreamBatches:
    """Streams of the places of a text."""
    return StreamBatches(cast(Any, _Places(len(text))), batch_size, length)


def _vocabulary(text: Tokens, cut: int, config: SpotConfig) -> FoldedVocabulary:
    """The characters that occur often enough in the training part, and those of the phrases."""
    counts = Counter(dict.fromkeys(folded(config.phrases), config.min_count))
    for character, count in zip(text.symbols, text.counts_before(cut).tolist(), strict=True):
        counts[folded(character)] += count
    found = np.fromiter(counts.values(), np.int64, len(counts))
    return FoldedVocabulary.most_frequent(list(counts), found, config.vocabulary_size, config.min_count)
