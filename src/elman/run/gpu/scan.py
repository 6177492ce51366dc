"""The plan of a loop without products: one launch for all steps, states in registers."""

from __future__ import annotations

from elman.run.gpu.plan import Plan, Work


class ScanPlan(Plan):
    """Tiles of sequences and units, each of which takes its steps by itself."""

    name = "one launch for all steps, states in registers"
    kind = "scan"

    def run(self, work: Work) -> None:
        """Launches all steps at once."""
        layout, places = work.layout, work.places
        initial = layout.rows if layout.reverse else -layout.batch
        batch = layout.batch if work.steps else 0
        with work.on_device():
            for one in self.launchers(work):
                one(layout.batch, work.steps, batch, initial, places.firsts, places.counts)
