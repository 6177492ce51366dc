"""Batches of separate sequences, those of about equal length together, so that little is padding."""

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from elman.data.batch import Batch

Made = TypeVar("Made", bound=Batch)


class LengthBatches(Generic[Made]):
    """Examples in batches of B; `make` builds the batch of some, given their numbers.

    Given a seed, which examples share a batch and the order of the batches are drawn anew for each epoch;
    without one every epoch is the same, from short to long. `make` may be asked for the batch of no example,
    of which nothing counts.
    """

    def __init__(
        self,
        sizes: Sequence[int] | NDArray[np.int64],
        batch_size: int,
        make: Callable[[NDArray[np.intp]], Made],
        seed: int | None = None,
    ) -> None:
        self._sizes = np.asarray(sizes, np.int64)
        self._batch_size = batch_size
        self._make = make
        self._seed = seed
        self._share = slice(None)

    def __len__(self) -> int:
        return -(-len(self._sizes) // self._batch_size)

    def epoch(self, number: int, start: int = 0) -> Iterator[Made]:
        """The batches of an epoch from number `start` on, which the seed and the epoch's number determine."""
        order = np.arange(len(self._sizes))
        buckets = np.arange(len(self))
        if self._seed is not None:
            random = np.random.default_rng([self._seed, number])
            random.shuffle(order)
            random.shuffle(buckets)
        # A stable sort keeps the drawn order among examples of one length, so these meet others.
        order = order[np.argsort(self._sizes[order], kind="stable")]
        for bucket in buckets[start:]:
            first = bucket * self._batch_size
            yield self._make(order[first : first + self._batch_size][self._share])

    def shard(self, rank: int, world: int) -> Self:
        """The examples of every batch that one of `world` processes reads; in some it may have none."""
        part = copy.copy(self)
        part._share = slice(rank, None, world)
        return part


def padded(sequences: Sequence[NDArray[np.int64]], filler: int) -> NDArray[np.int64]:
    """Sequences side by side, (T, B), the shorter ones filled up at their ends; T is 1 at least."""
    longest = max((len(sequence) for sequence in sequences), default=0)
    table = np.full((max(1, longest), len(sequences)), filler, np.int64)
    for b, sequence in enumerate(sequences):
        table[: len(sequence), b] = sequence
    return table
