"""The plan of a loop that is linear in its states: tiles of many steps, by an associative scan."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import torch

from elman.emit.triton.writer import Launch, Source, strides
from elman.run.gpu.launch import functions, is_interpreted, processors
from elman.run.gpu.plan import Plan, Work

STEPS, UNITS = 32, 32
"""A tile at its largest, for one warp: as many rows of 128 bytes are under way at once."""
LANES = 1024
"""So many units of sequences, each for itself step by step, keep the memory of a multiprocessor busy."""
BUSY, IDLE = 8, 2
"""Tiles for each multiprocessor: with fewer than IDLE, spans make them up to BUSY; not measured yet."""
SPAN = 128
"""The steps that a span has at least."""


class LinearPlan(Plan):
    """Tiles of steps and units of one sequence, one after the other, or several spans of them at once."""

    name = "many steps at a time, by an associative scan"
    kind = "linear"

    def __init__(self, source: Source, states: int) -> None:
        super().__init__(source)
        self._states = states

    def slower(self, work: Work) -> str | None:
        """With few steps, or where sequences and units alone keep memory busy."""
        if 0 < work.steps < STEPS:
            return f"{work.steps} steps are few, {STEPS} are taken at a time"
        batch, units = work.layout.batch, self._units(work)
        if work.steps and batch * units >= LANES * processors(work.device):
            return f"{batch} sequences of {units} units fill the device step by step"
        return None

    def run(self, work: Work) -> None:
        """Launches all steps at once, behind what the spans make of the states where there are several."""
        layout, places = work.layout, work.places
        size, wide = self._units(work), work.wide
        rows, units = min(STEPS * 4 // wide.itemsize, _power(work.steps)), min(UNITS, _power(size))
        across = -(-size // units)
        spans = self.spans(work, layout.batch * across)
        totals = torch.empty(self._states, spans, 2, layout.batch, size, dtype=wide, device=work.device)
        initial = layout.rows if layout.reverse else -layout.batch
        batch = layout.batch if work.steps else 0
        time = work.steps, batch, initial, places.firsts, places.counts, totals
        number = getattr(import_module("triton.language"), str(wide).removeprefix("torch."))
        launches = self.source.launches
        made = functions(self.source.text, tuple(launch.name for launch in launches))
        needed = len(launches) if spans > 1 or not work.steps else 1  # a trial takes all of them
        with work.on_device():
            for launch, function in list(zip(launches, made, strict=True))[-needed:]:
                options = {} if is_interpreted(function) else {"num_warps": 1, "enable_fp_fusion": True}
                function[layout.batch, across, spans](
                    *time, *_given(launch, work), number, "ieee", rows, units, 1, **options
                )

    def spans(self, work: Work, tiles: int) -> int:
        """Over how many programs the steps of a sequence are spread, where `tiles` are taken by others."""
        count = processors(work.device)
        if len(self.source.launches) == 1 or tiles >= IDLE * count:
            return 1
        return max(1, min(BUSY * count // tiles, work.steps // SPAN))

    def _units(self, work: Work) -> int:
        return work.sizes[self.source.launches[-1].size]


def _given(launch: Launch, work: Work) -> list[Any]:
    """What a launch works on, as its arguments."""
    tables = work.tables
    given: list[Any] = [tables[row] for row in launch.tables]
    for node in launch.arguments:
        tensor = work.values[node]
        given += [tensor, *(tensor.stride(way) for way in range(strides(node)))]
    return [*given, *(work.sizes[size] for size in launch.sizes)]


def _power(count: int) -> int:
    """The least power of two that is not below a number."""
    return 1 << (count - 1).bit_length()
