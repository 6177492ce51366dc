"""What a kernel has to do: shared among threads, and cut into calls.

Between two calls Python looks at its signals, so that Ctrl-C is heard during a long loop. Neither changes a
result: the sequences of a step do not depend on each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import torch
from torch import Tensor

from elman.emit.plan import Kernel
from elman.run.layout import Layout, one_segment, segments
from elman.run.threads import threads

OPERATIONS_PER_CALL = 4_000_000_000
"""Floating-point operations: some 10 ms on a fast processor, some 100 ms on a slow one."""
OPERATIONS_PER_VALUE = 32
"""What an elementwise operation costs, as counted here: few are a single instruction."""
OPERATIONS_PER_STEP = 1000
"""What a step costs however small it is."""
OPERATIONS_PER_THREAD = 250_000
"""Floating-point operations for which it pays to call a second thread: some microseconds."""
BYTES_PER_THREAD = 1 << 19
"""Of the matrices that a step of one sequence reads: less is read by one thread before a second one has heard
of it.
"""
ROWS_PER_CALL = 64
"""The least rows in a call, for which reading the weights again pays."""


@dataclass(frozen=True, eq=False)
class Work:
    """What a kernel does in the order of time, (segments, 5) int64; and the sequences of each part, bounds
    (parts + 1,) int64.
    """

    segments: Tensor
    bounds: Tensor
    single: bool = False
    """Whether it is the steps of one sequence."""

    @property
    def parts(self) -> int:
        """Among how many threads the work is shared."""
        return len(self.bounds) - 1

    @cached_property
    def addresses(self) -> tuple[int, int, int]:
        """Where the segments are, how many, and where the bounds are."""
        return self.segments.data_ptr(), len(self.segments), self.bounds.data_ptr()


def even_bounds(count: int, most: int) -> Tensor:
    """Returns bounds that share `count` equal pieces among the threads, at most so many of them."""
    return _even_bounds(count, max(1, min(threads(), count, most)))


@lru_cache(maxsize=256)
def _even_bounds(count: int, parts: int) -> Tensor:
    return torch.linspace(0, count, parts + 1, dtype=torch.float64).round().long()


def rows_work(rows: int) -> Work:
    """Returns the work of a kernel without a recurrence: all rows at once."""
    return _rows_work(rows, max(1, min(threads(), rows)))


@lru_cache(maxsize=256)
def _rows_work(rows: int, parts: int) -> Work:
    return Work(one_segment(rows), _even_bounds(rows, parts))


def loop_work(layout: Layout, other: Layout | None, rows_per_tile: int, loops: int = 1) -> Work:
    """Returns the work of a loop, every thread with a run of sequences that have about as many steps; other:
    the layout of a second loop, whose states are read; loops: how many run at the same time.
    """
    parts = min(threads() // loops, _tiles(layout, rows_per_tile))
    return _loop_work(layout, other, max(1, parts), loops == 1 and layout.batch == 1)


@lru_cache(maxsize=256)
def _loop_work(layout: Layout, other: Layout | None, parts: int, single: bool) -> Work:
    return Work(segments(layout, other), _split_rows(layout, parts), single)


def leaves_half_idle(layout: Layout, rows_per_tile: int, row_cost: int) -> bool:
    """Whether a loop over sequences has work for half of the threads at most, and enough for those."""
    return 2 * _tiles(layout, rows_per_tile) <= threads() and layout.rows * row_cost >= OPERATIONS_PER_THREAD


def _tiles(layout: Layout, rows_per_tile: int) -> int:
    return -(-layout.batch // rows_per_tile)


def team(size: int) -> int:
    """Returns how many threads share the steps of one sequence that each read matrices of so many bytes."""
    return max(1, min(threads(), size // BYTES_PER_THREAD))


def _split_rows(layout: Layout, parts: int) -> Tensor:
    total = torch.tensor([0, *layout.lengths()]).cumsum(0)
    wanted = torch.arange(parts + 1, dtype=torch.float64) * (float(total[-1]) / parts)
    bounds = torch.searchsorted(total.double(), wanted)
    bounds[0], bounds[-1] = 0, layout.batch
    return bounds


def row_cost(kernel: Kernel, sizes: Mapping[str, int]) -> int:
    """Returns about how many floating-point operations a kernel does for one row."""
    stages = kernel.fused.stages
    values = [node for stage in stages for node in stage.rows]
    values += [node for stage in stages for block in stage.blocks for node in block.nodes]
    units = sum(sizes.get(node.shape[-1], 1) for node in values)
    return 2 * weights(kernel, sizes) + OPERATIONS_PER_VALUE * units + OPERATIONS_PER_STEP


def weights(kernel: Kernel, sizes: Mapping[str, int]) -> int:
    """Returns how many numbers the matrices hold that a kernel multiplies by."""
    return sum(
        sizes[result.shape[-1]] * sizes[operand.shape[-1]]
        for bundle in kernel.fused.products
        for result in bundle.results
        for operand in bundle.operands
    )


def calls(work: Work, row_cost: int) -> tuple[Work, ...]:
    """Returns the work in pieces of at most OPERATIONS_PER_CALL, or of ROWS_PER_CALL rows if that is more,
    each for no more threads than it keeps busy.
    """
    most = max(ROWS_PER_CALL, OPERATIONS_PER_CALL // row_cost)
    return _calls(work, most, -(-OPERATIONS_PER_THREAD // row_cost))


@lru_cache(maxsize=256)
def _calls(work: Work, most: int, least: int) -> tuple[Work, ...]:
    return tuple(_pieces(work, most, least))


def _pieces(work: Work, most: int, least: int) -> Iterator[Work]:
    """Pieces of at most `most` rows, with at least `least` rows for a thread."""
    ends = work.segments[:, 4].cumsum(0)
    low, done = 0, 0
    while low < len(ends):
        high = max(low + 1, int(torch.searchsorted(ends, done + most, right=True)))
        segments, rows = work.segments[low:high], int(ends[high - 1]) - done
        if rows <= most:
            yield Work(segments, _fewer(work.bounds, rows // least), work.single)
        else:
            yield from _by_sequences(segments, -(-rows // most), least)
        low, done = high, done + rows


def _fewer(bounds: Tensor, most: int) -> Tensor:
    """The bounds with parts put together where there are more than `most`."""
    parts = len(bounds) - 1
    return bounds if parts <= most else bounds[_even_bounds(parts, max(1, most))]


def _by_sequences(segment: Tensor, pieces: int, least: int) -> Iterator[Work]:
    """Cuts one segment into pieces of its sequences."""
    *_, begin, count = segment[0].tolist()
    for piece in range(pieces):
        low, high = count * piece // pieces, count * (piece + 1) // pieces
        yield Work(segment, begin + low + even_bounds(high - low, (high - low) // least))
