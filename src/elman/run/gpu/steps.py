"""The plan that fits every loop: a launch a stage of a step."""

from __future__ import annotations

from elman.run.gpu.plan import Plan, Work
from elman.run.layout import schedule


class StepPlan(Plan):
    """The launches of a step, one after the other, step by step."""

    name = "a launch a stage of every step"

    def run(self, work: Work) -> None:
        """Launches all steps."""
        ready = self.launchers(work)
        with work.on_device():
            for first, count in schedule(work.layout).order if work.steps else [(0, 0)]:
                for one in ready:
                    one(count, first, count)
