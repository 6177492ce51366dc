"""Batches of separate lines, of about equal length, padded."""

from collections.abc import Iterator, Sequence

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

    def __len__(self) -> int:
        return -(-len(self._lines) // self._batch_size)

    def epoch(self, number: int) -> Iterator[SequenceBatch]:
        """The batches of one epoch, which depend on the seed and the epoch's number alone."""
        order = np.arange(len(self._lines))
        buckets = np.arange(len(self))
        if self._seed is not None:
            random = np.random.default_rng([self._seed, number])
            random.shuffle(order)
            random.shuffle(buckets)
        # A stable sort keeps the drawn order among lines of one length, so these meet different neighbours.
        order = order[np.argsort(self._sizes[order], kind="stable")]
        for bucket in buckets:
            start = bucket * self._batch_size
            yield self._batch(order[start : start + self._batch_size])

    def _batch(self, chosen: NDArray[np.intp]) -> SequenceBatch:
        longest = int(self._sizes[chosen].max())
        framed = np.full((longest + 2, len(chosen)), EOS, dtype=np.int64)
        for b, index in enumerate(chosen):
            framed[1 : 1 + self._sizes[index], b] = self._lines[index]
        symbols = torch.from_numpy(framed)
        lengths = torch.from_numpy(self._sizes[chosen] + 1)
        return SequenceBatch(symbols[:-1], symbols[1:], lengths)
