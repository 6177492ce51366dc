"""Batches of separate sequences, those of about equal length together, so that little is padding."""

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from elman.data.batch import Batch

_SIDES = 2
Made = TypeVar("Made", bound=Batch)


class LengthBatches(Generic[Made]):
    """Examples in batches of B; `make` builds the batch of some, given their numbers.

    sizes: how long each is, (N,), or each of its K sides, (N, K): those of about equal first sides stand
    together, and of these those of about equal second ones.

    Given a seed, which examples share a batch and the order of the batches are drawn anew for each epoch;
    without one every epoch is the same, from short to long. `make` may be asked for the batch of no example,
    of which nothing counts.
    """

    def __init__(
        self,
        sizes: Sequence[int] | Sequence[Sequence[int]] | NDArray[np.int64],
        batch_size: int,
        make: Callable[[NDArray[np.intp]], Made],
        seed: int | None = None,
    ) -> None:
        sides = np.asarray(sizes, np.int64)
        self._sizes = sides if sides.ndim == _SIDES else sides[:, None]
        self._batch_size = batch_size
        self._make = make
        self._seed = seed
        self._share = slice(None)

    def __len__(self) -> int:
        return -(-len(self._sizes) // self._batch_size)

    @property
    def padding(self) -> float:
        """The share of an epoch's places, in all batches and sides, that no example fills."""
        sizes = self._sizes[_ascending(self._sizes)]
        starts = np.arange(0, len(sizes), self._batch_size)
        longest = np.maximum.reduceat(sizes, starts)
        places = longest * np.diff(starts, append=len(sizes))[:, None]
        return float((places.sum() - sizes.sum()) / max(1, places.sum()))

    def epoch(self, number: int, start: int = 0) -> Iterator[Made]:
        """The batches of an epoch from number `start` on, which the seed and the epoch's number determine."""
        order = np.arange(len(self._sizes))
        buckets = np.arange(len(self))
        if self._seed is not None:
            random = np.random.default_rng([self._seed, number])
            random.shuffle(order)
            random.shuffle(buckets)
        # The sort is stable: it keeps the drawn order among examples of one length, so these meet others.
        order = order[_ascending(self._sizes[order])]
        for bucket in buckets[start:]:
            first = bucket * self._batch_size
            yield self._make(order[first : first + self._batch_size][self._share])

    def shard(self, rank: int, world: int) -> Self:
        """The examples of every batch that one of `world` processes reads; in some it may have none."""
        part = copy.copy(self)
        part._share = slice(rank, None, world)
        return part


def _ascending(sizes: NDArray[np.int64]) -> NDArray[np.intp]:
    """The order of sizes (N, K) by their first column, where it is equal by the second, and so on."""
    return np.lexsort(sizes.T[::-1])


def padded(sequences: Sequence[NDArray[np.int64]], filler: int) -> NDArray[np.int64]:
    """Sequences side by side, (T, B), the shorter ones filled up at their ends; T is 1 at least."""
    longest = max((len(sequence) for sequence in sequences), default=0)
    table = np.full((max(1, longest), len(sequences)), filler, np.int64)
    for b, sequence in enumerate(sequences):
        table[: len(sequence), b] = sequence
    return table
