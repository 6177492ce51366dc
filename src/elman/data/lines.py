"""Batches of separate lines, of about equal length, padded."""

import copy
from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from elman.data.batch import SequenceBatch
from elman.data.vocabulary import EOS


class LineBatches:
    """Lines in batches of B: inputs `<eos> n a m e`, targets `n a m e <eos>`, padded with `<eos>`.

    Lines of about the same length share a batch, so that little is padding. Given a seed, which lines share a
    batch and the order of the batches are drawn anew for each epoch; without one every epoch is the same.
    """

    def __init__(self, lines: Sequence[NDArray[np.int64]], batch_size: int, seed: int | None = None) -> None:
        self._lines = lines
        self._sizes = np.array([len(line) for line in lines])
        self._batch_size = batch_size
        self._seed = seed
        self._share = slice(None)

    def __len__(self) -> int:
        return -(-len(self._lines) // self._batch_size)

    def epoch(self, number: int, start: int = 0) -> Iterator[SequenceBatch]:
        """The batches of an epoch from number `start` on, which the seed and the epoch's number determine."""
        order = np.arange(len(self._lines))
        buckets = np.arange(len(self))
        if self._seed is not None:
            random = np.random.default_rng([self._seed, number])
            random.shuffle(order)
            random.shuffle(buckets)
        # A stable sort keeps the drawn order among lines of one length, so these meet different neighbours.
        order = order[np.argsort(self._sizes[order], kind="stable")]
        for bucket in buckets[start:]:
            first = bucket * self._batch_size
            yield self._batch(order[first : first + self._batch_size][self._share])

    def shard(self, rank: int, world: int) -> Self:
        """The lines of every batch that one of `world` processes reads.

        Where none is left for a process, it reads a line of which no symbol counts.
        """
        part = copy.copy(self)
        part._share = slice(rank, None, world)
        return part

    def _batch(self, chosen: NDArray[np.intp]) -> SequenceBatch:
        if not len(chosen):
            nothing = torch.full((1, 1), EOS)
            return SequenceBatch(nothing, nothing, torch.zeros(1, dtype=torch.int64))
        longest = int(self._sizes[chosen].max())
        framed = np.full((longest + 2, len(chosen)), EOS, dtype=np.int64)
        for b, index in enumerate(chosen):
            framed[1 : 1 + self._sizes[index], b] = self._lines[index]
        symbols = torch.from_numpy(framed)
        lengths = torch.from_numpy(self._sizes[chosen] + 1)
        return SequenceBatch(symbols[:-1], symbols[1:], lengths)
