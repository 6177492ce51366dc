"""The plan of a loop that is linear in its states: tiles of many steps, by an associative scan."""

from __future__ import annotations

import torch

from elman.emit.triton.linear import STEPS, why_slower
from elman.emit.triton.writer import Source
from elman.run.gpu.launch import power, processors
from elman.run.gpu.plan import Work
from elman.run.gpu.scan import ScanPlan

UNITS = 32
"""The units of a tile at its largest, for one warp: 128 bytes."""
BUSY, IDLE = 8, 2
"""Tiles for each multiprocessor: with fewer than IDLE, spans make them up to BUSY; not measured yet."""
VALUES = 8
"""The most values that a tile of all STEPS is loaded of or leaves; with more, it is of half of them."""
SPAN = 128
"""The steps that a span has at least."""


class LinearPlan(ScanPlan):
    """Tiles of steps and units of one sequence, one after the other, or several spans of them at once."""

    name = "many steps at a time, by an associative scan"
    kind = "linear"

    def __init__(self, source: Source, states: int) -> None:
        super().__init__(source)
        self._states = states
        self._values = max(len(launch.arguments) for launch in source.launches)

    def slower(self, work: Work) -> str | None:
        """With few steps, or where sequences and units alone keep memory busy."""
        if not work.steps:
            return None
        return why_slower(work.layout.batch, self._units(work), work.steps, processors(work.device))

    def run(self, work: Work) -> None:
        """Launches all steps at once, behind what the spans make of the states where there are several."""
        batch, size, steps = work.layout.batch, self._units(work), work.steps
        most = STEPS * 4 // work.wide.itemsize // (1 if self._values <= VALUES else 2)
        tile = min(most, power(steps or STEPS)), min(UNITS, power(size))
        across = -(-size // tile[1])
        spans = self.spans(work, batch * across)
        totals = torch.empty(self._states, spans, 2, batch, size, dtype=work.wide, device=work.device)
        last = len(self.source.launches) - 1
        for which in range(last + 1):
            if which == last or spans > 1 or not steps:  # a trial takes all of them
                self.launch(which, work, (batch, across, spans), tile, totals)

    def spans(self, work: Work, tiles: int) -> int:
        """Over how many programs the steps of a sequence are spread, where `tiles` are taken by others."""
        count = processors(work.device)
        if len(self.source.launches) == 1 or tiles >= IDLE * count:
            return 1
        return max(1, min(BUSY * count // tiles, work.steps // SPAN))

    def _units(self, work: Work) -> int:
        return work.sizes[self.source.launches[-1].size]
