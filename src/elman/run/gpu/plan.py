"""A plan: Triton source text, and how it is launched to take all steps of a loop."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from elman.core.ir import Node
from elman.emit.plan import Row
from elman.emit.triton.writer import Source
from elman.run.layout import Layout, Places, places


@dataclass(frozen=True, eq=False)
class Work:
    """What a plan is launched for.

    values: all that is known, and the memory that outputs are written to: rows (N, ·), vectors, matrices.
    other: the loop whose carried rows the other ones are. steps: so many; 0 is a trial, one step of no
    sequences. sizes: the values of sizes. dtype: the format that products multiply; wide: that of all else.
    """

    values: Mapping[Node, Tensor]
    layout: Layout
    other: Layout
    steps: int
    sizes: Mapping[str, int]
    dtype: torch.dtype
    wide: torch.dtype

    @property
    def device(self) -> torch.device:
        """Where the values are."""
        return next(iter(self.values.values())).device

    @property
    def places(self) -> Places:
        """Where the carried values of the loop stand."""
        return places(self.layout, self.device)

    @property
    def tables(self) -> dict[Row, Tensor]:
        """Which row of a carried value belongs to each row."""
        return {Row.CARRIED: self.places.carried, Row.OTHER: places(self.other, self.device).carried}

    def time(self, steps: int) -> tuple[int, int, int, Tensor, Tensor]:
        """What a launch of so many steps at once is told of them: how many, of how many sequences, the row
        that these start from, and the first row and the sequences of each.
        """
        layout, places = self.layout, self.places
        initial = layout.rows if layout.reverse else -layout.batch
        return steps, layout.batch if steps else 0, initial, places.firsts, places.counts

    def with_passing(self, source: Source) -> dict[Node, Tensor]:
        """The values, and memory for what a launch leaves for another, in even steps and in odd ones."""
        shapes = ((2 * self.layout.batch, self.sizes.get(node.shape[-1], 1)) for node in source.passing)
        memory = (torch.empty(shape, dtype=self.wide, device=self.device) for shape in shapes)
        return {**self.values, **dict(zip(source.passing, memory, strict=True))}

    def on_device(self) -> AbstractContextManager[object]:
        """Launches go to the stream that is current on the device of the values."""
        return torch.cuda.device(self.device) if self.device.type == "cuda" else nullcontext()


class Plan(ABC):
    """A way to take all steps."""

    name: ClassVar[str]
    """What it is called where it is shown."""
    kind: ClassVar[str]
    """What it is called where it is asked for."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def why_not(self, work: Work) -> str | None:
        """Why some work cannot be done so; None where it can."""
        return None

    def slower(self, work: Work) -> str | None:
        """Why it would take longer than by the plans behind this one; None where it would not."""
        return None

    @abstractmethod
    def run(self, work: Work) -> None:
        """Launches all steps, on the current stream, and waits for nothing."""
