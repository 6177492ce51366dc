"""A value that a loop carries from step to step: a state, or an error on its way back.

Legend: B sequences, N rows: one for each step of each sequence, step by step.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from elman.run.buffers import empty_rows
from elman.run.layout import Layout, places, schedule


@dataclass(frozen=True)
class Carried:
    """What every step left, beside what the first step of each sequence starts from, in one array (see
    `Schedule`).
    """

    everything: Tensor
    layout: Layout

    @classmethod
    def start(cls, first: Tensor, layout: Layout, lanes: int) -> Carried:
        """Returns the array, all steps yet to be written; first: (B, n)."""
        value = cls(empty_rows(layout.rows + layout.batch, first.shape[1], lanes, first), layout)
        begin = layout.rows if layout.reverse else 0
        start = value.everything[begin : begin + layout.batch]
        start[:, : first.shape[1]] = first
        start[:, first.shape[1] :] = 0.0
        return value

    @property
    def rows(self) -> Tensor:
        """What each step left, (N, ·)."""
        front = self._front
        return self.everything[front : front + self.layout.rows]

    @property
    def before(self) -> Tensor:
        """What each step started from, (N, ·)."""
        if schedule(self.layout).even:
            front = self.layout.batch if self.layout.reverse else 0
            return self.everything[front : front + self.layout.rows]
        return self.everything.index_select(
            0, places(self.layout, self.everything.device).carried + self._front
        )

    @property
    def last(self) -> Tensor:
        """What the last step of each sequence left, (B, ·)."""
        return self.rows.index_select(0, places(self.layout, self.everything.device).last)

    @property
    def _front(self) -> int:
        return 0 if self.layout.reverse else self.layout.batch
