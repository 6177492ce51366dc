"""The plan of a loop without products: one launch for all steps, states in registers."""

from __future__ import annotations

from typing import Any

from elman.run.gpu.launch import functions, is_interpreted, language, operands, power
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
        launch = self.source.launches[which]
        function = functions(self.source.text, tuple(one.name for one in self.source.launches))[which]
        given = operands(launch, work.values, work.tables)
        given += [*(work.sizes[size] for size in launch.sizes), language(work.wide), "ieee", *tile, 1]
        options = {} if is_interpreted(function) else {"num_warps": 1, "enable_fp_fusion": True}
        with work.on_device():
            function[grid](*work.time(work.steps), *more, *given, **options)
