"""Measuring a case on a GPU: both sides in one process, in turns."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from elman.bench.cases import Case
from elman.bench.gpu.pool import Pool
from elman.bench.measure import Plan, differing
from elman.bench.outcome import Outcome
from elman.bench.process import WorkerError

TOLERANCES = {"tf32": 1e-2, "bfloat16": 5e-2, "float16": 2e-2}
"""By which length and direction may differ over hundreds of steps. Accuracy is checked elsewhere."""
SECONDS = 0.05
"""About how long a round of a side takes."""


def measure(case: Case, plan: Plan, pool: Pool) -> Outcome:
    """Returns what a case comes to; its `failure` says what kept it from being measured."""
    outcome = Outcome(case.name, case.what, case.against, case.goal)
    jobs: dict[str, Any] = {"mine": asdict(case.mine), "theirs": asdict(case.theirs)}
    try:
        if case.measure == "memory":
            outcome.unit = "B"
            figures = pool.ask("memory", **jobs)
        else:
            more = {"rounds": plan.rounds, "seconds": plan.seconds, "same": case.same}
            figures = pool.ask("speed", **jobs, **more)
            outcome.flop = case.mine.flop, 0.0  # theirs may be other work: what is compared is the time alone
            outcome.peak = [figures["peak"]] * plan.rounds
            own, other = figures["digests"] if case.same else ({}, {})
            if names := differing(own, other, TOLERANCES[case.mine.dtype]):
                raise WorkerError(f"both sides do not compute the same {', '.join(names)}")
        if figures["told"]:
            raise WorkerError("; ".join(figures["told"]))
    except WorkerError as error:
        outcome.failure = str(error)
        return outcome
    outcome.plan, outcome.mine, outcome.theirs = figures["plan"], figures["mine"], figures["theirs"]
    return outcome
