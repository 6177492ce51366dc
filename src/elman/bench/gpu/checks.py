"""All checks of a GPU, by name, in the order in which they begin."""

from __future__ import annotations

import time
from dataclasses import asdict

from elman.bench.gpu.accuracy import GRID, SUBJECTS
from elman.bench.gpu.cases import GPU_CASES
from elman.bench.gpu.conduct import CONDUCT
from elman.bench.gpu.pool import Pool
from elman.bench.gpu.verdict import Verdict
from elman.bench.process import WorkerError

READY = "ready: "
"""Before the names of cases: their kernels are compiled here, several at a time."""

IN_TIME = 0.7
"""The share of the time that a check has in which it begins with another shape."""


def checks() -> list[str]:
    """Returns the names: conduct, each layer in each format, and, before the last formats, each case's
    kernels.
    """
    firsts = {case.mine: case.name for case in reversed(GPU_CASES)}
    ready = [READY + name for name in reversed(firsts.values())]
    accuracy = [f"{subject} {form}" for form in GRID for subject in SUBJECTS]
    half = len(SUBJECTS) * 2
    return [*CONDUCT, *accuracy[:half], *ready, *accuracy[half:]]


def run(name: str, pool: Pool, seed: int) -> Verdict:
    """Returns the verdict of a check, run in a process of the pool."""
    start = time.monotonic()
    try:
        if name.startswith(READY):
            job = next(case.mine for case in GPU_CASES if case.name == name.removeprefix(READY))
            pool.ask("ready", job=asdict(job))
            verdict = Verdict(name)
        else:
            verdict = Verdict(**pool.ask("check", name=name, seed=seed, seconds=IN_TIME * pool.left()))
    except WorkerError as error:
        verdict = Verdict(name, failures=[str(error)])
    verdict.seconds = time.monotonic() - start
    return verdict
