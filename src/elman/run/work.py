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
ROWS_PER_CALL = 64
"""The least rows in a call, for which reading the weights again pays."""


@dataclass(frozen=True, eq=False)
class Work:
    """What a kernel does in the order of time, (segments, 5) int64; and the sequences of each part, bounds
    (parts + 1,) int64.
    """

    segments: Tensor
    bounds: Tensor

    @property
    def parts(self) -> int:
        """Among how many threads the work is shared."""
        return len(self.bounds) - 1

    @cached_property
    def addresses(self) -> tuple[int, int, int]:
        """Where the segments are, how many, and where the bounds are."""
        return self.segments.data_ptr(), len(self.segments), self.bounds.data_ptr()


def even_bounds(count: int) -> Tensor:
    """Returns bounds that share `count` equal pieces among the threads."""
    return _even_bounds(count, max(1, min(threads(), count)))


@lru_cache(maxsize=256)
def _even_bounds(count: int, parts: int) -> Tensor:
    return torch.linspace(0, count, parts + 1, dtype=torch.float64).round().long()


def rows_work(rows: int) -> Work:
    """Returns the work of a kernel without a recurrence: all rows at once."""
    return _rows_work(rows, max(1, min(threads(), rows)))


@lru_cache(maxsize=256)
def _rows_work(rows: int, parts: int) -> Work:
    return Work(one_segment(rows), _even_bounds(rows, parts))


def loop_work(layout: Layout, other: Layout | None, rows_per_tile: int) -> Work:
    """Returns the work of a loop, every thread with a run of sequences that have about as many steps; other:
    the layout of a second loop, whose states are read.
    """
    return _loop_work(layout, other, max(1, min(threads(), -(-layout.batch // rows_per_tile))))


@lru_cache(maxsize=256)
def _loop_work(layout: Layout, other: Layout | None, parts: int) -> Work:
    return Work(segments(layout, other), _split_rows(layout, parts))


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
    products = [
        sizes[result.shape[-1]] * sizes[operand.shape[-1]]
        for bundle in kernel.fused.products
        for result in bundle.results
        for operand in bundle.operands
    ]
    units = sum(sizes.get(node.shape[-1], 1) for node in values)
    return 2 * sum(products) + OPERATIONS_PER_VALUE * units + OPERATIONS_PER_STEP


def calls(work: Work, row_cost: int) -> tuple[Work, ...]:
    """Returns the work in pieces of at most OPERATIONS_PER_CALL, or of ROWS_PER_CALL rows if that is more."""
    return _calls(work, max(ROWS_PER_CALL, OPERATIONS_PER_CALL // row_cost))


@lru_cache(maxsize=256)
def _calls(work: Work, most: int) -> tuple[Work, ...]:
    return tuple(_pieces(work, most))


def _pieces(work: Work, most: int) -> Iterator[Work]:
    ends = work.segments[:, 4].cumsum(0)
    low, done = 0, 0
    while low < len(ends):
        high = max(low + 1, int(torch.searchsorted(ends, done + most, right=True)))
        segments, rows = work.segments[low:high], int(ends[high - 1]) - done
        if rows <= most:
            yield Work(segments, work.bounds)
        else:
            yield from _by_sequences(segments, -(-rows // most))
        low, done = high, done + rows


def _by_sequences(segment: Tensor, pieces: int) -> Iterator[Work]:
    """Cuts one segment into pieces of its sequences."""
    *_, begin, count = segment[0].tolist()
    for piece in range(pieces):
        low, high = count * piece // pieces, count * (piece + 1) // pieces
        yield Work(segment, begin + low + even_bounds(high - low))
