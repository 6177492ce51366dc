"""How the rows of a batch lie in time, and the order in which a loop takes them.

Legend: T steps, B sequences, N = Σ_t B_t rows: one for each step of each sequence, step by step, as
PackedSequence lays them out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from elman.core.errors import InputError


@dataclass(frozen=True)
class Layout:
    """`batch_sizes[t]` sequences take step t, the longest first; backwards in time where `reverse`."""

    batch_sizes: tuple[int, ...]
    reverse: bool = False

    @property
    def rows(self) -> int:
        """N, the number of rows."""
        return sum(self.batch_sizes)

    @property
    def batch(self) -> int:
        """B, the number of sequences."""
        return self.batch_sizes[0]

    def steps(self) -> Iterator[tuple[int, int]]:
        """Yields (t, B_t) in the order in which the cell takes the steps."""
        steps = list(enumerate(self.batch_sizes))
        return iter(reversed(steps) if self.reverse else steps)

    def backwards(self) -> Iterator[tuple[int, int]]:
        """Yields (t, B_t) from the last step that the cell took to the first."""
        return Layout(self.batch_sizes, not self.reverse).steps()

    def lengths(self) -> list[int]:
        """The number of steps that each sequence takes."""
        sizes = torch.tensor(self.batch_sizes)
        return (sizes > torch.arange(self.batch).unsqueeze(1)).sum(1).tolist()


@dataclass(frozen=True)
class Schedule:
    """Where each row's carried value stands: `carried[n]`, the row left by the step taken before.

    What the first step of each sequence starts from stands in B rows in front of row 0, or behind row N - 1
    where `reverse`, so that with equal lengths the carried values of all rows lie one after the other.
    last[b]: the row of the last step of sequence b.
    """

    carried: Tensor
    last: Tensor
    order: tuple[tuple[int, int], ...]
    """(first row, sequences) of each step, in the order taken."""
    even: bool
    """Whether all sequences have the same length."""


@lru_cache(maxsize=64)
def schedule(layout: Layout) -> Schedule:
    """Returns the schedule of a loop over a layout."""
    rows = layout.rows
    offsets = [0, *accumulate(layout.batch_sizes)]
    carried = torch.empty(rows, dtype=torch.int64)
    first = rows if layout.reverse else -layout.batch
    latest = torch.arange(first, first + layout.batch)
    order = []
    for t, batch in layout.steps():
        start = offsets[t]
        carried[start : start + batch] = latest[:batch]
        latest[:batch] = torch.arange(start, start + batch)
        order.append((start, batch))
    return Schedule(carried, latest, tuple(order), layout.batch_sizes[-1] == layout.batch)


class Places(NamedTuple):
    """`carried` and `last` of a schedule, and its order as two tensors."""

    carried: Tensor
    last: Tensor
    firsts: Tensor
    counts: Tensor


class Sent(NamedTuple):
    """Places on a device, with the stream on which they arrive there; None where nothing has to be waited
    for.
    """

    places: Places
    stream: torch.cuda.Stream | None = None
    arrived: torch.cuda.Event | None = None


_captured: dict[tuple[Layout, torch.device], Sent] = {}
"""What graphs read that others made of loops; they do so for as long as they live, which nobody is told."""


def places(layout: Layout, device: torch.device) -> Places:
    """Returns where carried values stand, on a device, for its current stream; the host does not wait.

    Raises InputError while a CUDA graph of a loop is captured that has not run before.
    """
    found = _sent(layout, device)
    if found.stream is not None and found.arrived is not None:
        here = torch.cuda.current_stream(device)
        if torch.cuda.is_current_stream_capturing():
            _captured[layout, device] = found
        elif here != found.stream:
            here.wait_event(found.arrived)
            for table in found.places:
                table.record_stream(here)
    return found.places


@lru_cache(maxsize=64)
def _sent(layout: Layout, device: torch.device) -> Sent:
    plan = schedule(layout)
    firsts, counts = torch.tensor(plan.order).unbind(1)
    tables = [table.contiguous() for table in (plan.carried, plan.last, firsts, counts)]
    if device.type != "cuda":
        return Sent(Places(*(table.to(device) for table in tables)))
    if torch.cuda.is_current_stream_capturing():
        raise InputError(
            f"a loop of {layout.batch} sequences and {len(layout.batch_sizes)} steps runs for the first time "
            "while a CUDA graph is captured; run it once before"
        )
    stream = torch.cuda.current_stream(device)
    sent = Places(*(table.pin_memory().to(device, non_blocking=True) for table in tables))
    arrived = torch.cuda.Event()
    arrived.record(stream)
    return Sent(sent, stream, arrived)


@lru_cache(maxsize=64)
def segments(layout: Layout, other: Layout | None = None) -> Tensor:
    """Returns the work of a loop, (·, 5): step row, carried row, other row, first sequence, how many
    sequences.

    Each segment is a run of sequences whose carried rows follow one another; so do the rows of `other`,
    another loop's carried rows.
    """
    mine = schedule(layout)
    theirs = schedule(other).carried if other is not None else mine.carried
    found: list[tuple[int, int, int, int, int]] = []
    for start, batch in mine.order:
        a, b = mine.carried[start : start + batch], theirs[start : start + batch]
        breaks = ((a.diff() != 1) | (b.diff() != 1)).nonzero().flatten() + 1
        edges = [0, *breaks.tolist(), batch]
        found += [
            (start + low, int(a[low]), int(b[low]), low, high - low)
            for low, high in pairwise(edges)
            if high > low
        ]
    return torch.tensor(found, dtype=torch.int64).reshape(-1, 5)


@lru_cache(maxsize=64)
def one_segment(rows: int) -> Tensor:
    """Returns the work of a kernel without a recurrence: all rows at once."""
    return torch.tensor([[0, 0, 0, 0, rows]], dtype=torch.int64)
