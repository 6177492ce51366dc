"""The plan of a loop without products: one launch for all steps, states in registers."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from elman.emit.triton.writer import Launch, strides
from elman.run.gpu.launch import functions, is_interpreted
from elman.run.gpu.plan import Plan, Work

UNITS = 128
"""The units of a tile, of several sequences where these have fewer: four for each thread of one warp."""


class ScanPlan(Plan):
    """Tiles of sequences and units, each of which takes its steps by itself."""

    name = "one launch for all steps, states in registers"
    kind = "scan"

    def run(self, work: Work) -> None:
        """Launches all steps at once."""
        batch = work.layout.batch
        for which, launch in enumerate(self.source.launches):
            width = work.sizes.get(launch.size, 1)
            units = min(UNITS, power(width))
            rows = min(UNITS // units, power(batch))
            self.launch(which, work, (-(-batch // rows), -(-width // units)), (rows, units))

    def launch(
        self, which: int, work: Work, grid: tuple[int, ...], tile: tuple[int, int], *more: Any
    ) -> None:
        """Launches one function for all steps, in tiles of one warp; more: what it takes beside the steps."""
        launch, layout, places = self.source.launches[which], work.layout, work.places
        function = functions(self.source.text, tuple(one.name for one in self.source.launches))[which]
        initial = layout.rows if layout.reverse else -layout.batch
        batch = layout.batch if work.steps else 0
        time = work.steps, batch, initial, places.firsts, places.counts, *more
        number = getattr(import_module("triton.language"), str(work.wide).removeprefix("torch."))
        options = {} if is_interpreted(function) else {"num_warps": 1, "enable_fp_fusion": True}
        with work.on_device():
            function[grid](*time, *_operands(launch, work), number, "ieee", *tile, 1, **options)


def _operands(launch: Launch, work: Work) -> Sequence[Any]:
    """What a launch works on, as its arguments."""
    tables = work.tables
    given: list[Any] = [tables[row] for row in launch.tables]
    for node in launch.arguments:
        tensor = work.values[node]
        given += [tensor, *(tensor.stride(way) for way in range(strides(node)))]
    return [*given, *(work.sizes[size] for size in launch.sizes)]


def power(count: int) -> int:
    """The least power of two that is not below a number."""
    return 1 << (count - 1).bit_length()
