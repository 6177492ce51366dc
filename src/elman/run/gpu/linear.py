"""The plan of a loop that is linear in its states: tiles of many steps, by an associative scan."""

from __future__ import annotations

import torch

from elman.emit.triton.writer import Source
from elman.run.gpu.launch import processors
from elman.run.gpu.plan import Work
from elman.run.gpu.scan import ScanPlan, power

STEPS, UNITS = 16, 32
"""A tile at its largest, for one warp: units of 128 bytes."""
LANES = 1024
"""So many units of sequences, each for itself step by step, keep the memory of a multiprocessor busy."""
BUSY, IDLE = 8, 2
"""Tiles for each multiprocessor: with fewer than IDLE, spans make them up to BUSY; not measured yet."""
SPAN = 128
"""The steps that a span has at least."""


class LinearPlan(ScanPlan):
    """Tiles of steps and units of one sequence, one after the other, or several spans of them at once."""

    name = "many steps at a time, by an associative scan"
    kind = "linear"

    def __init__(self, source: Source, states: int) -> None:
        super().__init__(source)
        self._states = states

    def slower(self, work: Work) -> str | None:
        """With few steps, or where sequences and units alone keep memory busy."""
        if 0 < work.steps < 2 * STEPS:
            return f"{work.steps} steps are few, {STEPS} are taken at a time"
        batch, units = work.layout.batch, self._units(work)
        if work.steps and batch * units >= LANES * processors(work.device):
            return f"{batch} sequences of {units} units fill the device step by step"
        return None

    def run(self, work: Work) -> None:
        """Launches all steps at once, behind what the spans make of the states where there are several."""
        batch, size, steps = work.layout.batch, self._units(work), work.steps
        tile = min(STEPS, power(steps or STEPS)), min(UNITS, power(size))
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
