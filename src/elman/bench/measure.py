"""Measuring a case: both sides in processes of their own, in turns."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from statistics import median

from elman.bench.cases import COMPILED, Case
from elman.bench.machine import cores
from elman.bench.outcome import Outcome
from elman.bench.process import Worker, WorkerError
from elman.cells import NAMES

TOLERANCES = {"float32": 1e-3, "bfloat16": 1e-2}
"""By which length and direction may differ; in bfloat16 torch rounds more than elman does."""
SECONDS = 0.5
COMPILERS = ("g++", "clang++", "c++")


@dataclass(frozen=True)
class Plan:
    """How to measure. threads: the most that a side may use. seconds: about how long a round of it takes."""

    threads: int
    rounds: int = 7
    seconds: float = SECONDS


def measure(case: Case, plan: Plan) -> Outcome:
    """Returns what a case comes to; its `failure` says what kept it from being measured."""
    outcome = Outcome(case.name, case.what, case.against, case.goal, case.share)
    if case.against == COMPILED and not any(map(shutil.which, COMPILERS)):
        outcome.failure = f"needs a C++ compiler: {', '.join(COMPILERS)}"
        return outcome
    try:
        MEASURES[case.measure](case, plan, outcome)
    except WorkerError as error:
        outcome.failure = str(error)
    return outcome


def _speed(case: Case, plan: Plan, outcome: Outcome) -> None:
    with Worker() as mine, Worker() as theirs:
        _prepare(case, plan, outcome, mine, theirs)
        for _ in range(plan.rounds):
            outcome.mine.append(mine.ask("round"))
            outcome.theirs.append(theirs.ask("round"))
            outcome.peak.append(mine.ask("peak", threads=plan.threads))


def _busy(case: Case, plan: Plan, outcome: Outcome) -> None:
    """How many times as long a run takes beside a busy process on every core."""
    outcome.unit = "×"
    with Worker() as mine, Worker() as theirs:
        _prepare(case, plan, outcome, mine, theirs)
        quiet = [(mine.ask("round"), theirs.ask("round")) for _ in range(plan.rounds)]
        my_pace, their_pace = (median(seconds) for seconds in zip(*quiet, strict=True))
        with busy_cores():
            for _ in range(plan.rounds):
                outcome.mine.append(mine.ask("round") / my_pace)
                outcome.theirs.append(theirs.ask("round") / their_pace)


def _memory(case: Case, plan: Plan, outcome: Outcome) -> None:
    outcome.unit, outcome.threads = "B", (plan.threads, plan.threads)
    for _ in range(plan.rounds):
        for job, figures in ((case.mine, outcome.mine), (case.theirs, outcome.theirs)):
            with Worker() as fresh:
                figures.append(fresh.ask("memory", job=asdict(job), threads=plan.threads))


def _cold(case: Case, plan: Plan, outcome: Outcome) -> None:
    _worst(case, outcome, {cell: starts(cell)[0] for cell in NAMES})


def _cached(case: Case, plan: Plan, outcome: Outcome) -> None:
    _worst(case, outcome, {cell: starts(cell)[1] for cell in NAMES})


MEASURES: dict[str, Callable[[Case, Plan, Outcome], None]] = {
    "speed": _speed,
    "busy": _busy,
    "memory": _memory,
    "cold": _cold,
    "cached": _cached,
}


@lru_cache(maxsize=len(NAMES))
def starts(cell: str) -> tuple[float, float]:
    """Returns the seconds a cell takes to start in a new process: with an empty cache, and from the cache."""
    with tempfile.TemporaryDirectory() as folder:
        cold, cached = (_start(cell, folder) for _ in range(2))
    return cold, cached


def _start(cell: str, folder: str) -> float:
    with Worker({"ELMAN_CACHE": folder}) as fresh:
        return fresh.ask("start", cell=cell)


def _worst(case: Case, outcome: Outcome, seconds: dict[str, float]) -> None:
    outcome.parts, outcome.mine, outcome.theirs = seconds, [max(seconds.values())], [case.limit]


def _prepare(case: Case, plan: Plan, outcome: Outcome, mine: Worker, theirs: Worker) -> None:
    """Readies both sides, one after the other. Raises WorkerError where their numbers are not the same."""
    own, other = (
        worker.ask("prepare", job=asdict(job), threads=plan.threads, seconds=plan.seconds)
        for worker, job in ((mine, case.mine), (theirs, case.theirs))
    )
    outcome.threads = own["threads"], other["threads"]
    outcome.flop = case.mine.flop, case.theirs.flop
    tolerance = TOLERANCES[case.mine.dtype]
    if case.same and (names := differing(own["digest"], other["digest"], tolerance)):
        raise WorkerError(f"both sides do not compute the same {', '.join(names)}")


def differing(mine: dict[str, list[float]], theirs: dict[str, list[float]], tolerance: float) -> list[str]:
    """Returns the names of results that one side lacks, or whose length or direction is another."""
    lacking = mine.keys() ^ theirs.keys()
    other = {name for name in mine.keys() - lacking if not _close(mine[name], theirs[name], tolerance)}
    return sorted(lacking | other)


def _close(mine: list[float], theirs: list[float], tolerance: float) -> bool:
    length = theirs[0]
    return all(abs(a - b) <= tolerance * length for a, b in zip(mine, theirs, strict=True))  # false for NaN


@contextmanager
def busy_cores() -> Iterator[None]:
    """Keeps every core busy with a process that does nothing else."""
    command = [sys.executable, "-c", "while True: pass"]
    processes = [subprocess.Popen(command) for _ in range(cores())]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()
