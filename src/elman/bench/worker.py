"""The process in which one side runs.

Run as `python -m elman.bench.worker` by `process.Worker`. Between two requests it waits for a line, and its
threads sleep.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import torch

from elman.bench import footprint, peak
from elman.bench.digest import digest
from elman.bench.jobs import Job
from elman.bench.layers import Work
from elman.bench.serving import serve
from elman.bench.sides import ready

_TRIES = 3


class _Side:
    """One side, at work on one job."""

    def __init__(self) -> None:
        self._work: Work | None = None
        self._repeats = 1

    def prepare(self, job: dict[str, Any], threads: int, seconds: float) -> dict[str, Any]:
        """Readies and warms a job, at the number of threads that is best, for rounds of some seconds.

        Returns that number, and a digest of the numbers that the job computes.
        """
        self._work = work = ready(Job(**job))
        best = (float("inf"), 1)
        for count in thread_counts(threads):
            torch.set_num_threads(count)
            work.run()
            best = min(best, (min(_timed(work.run, 1) for _ in range(_TRIES)), count))
        fastest, count = best
        torch.set_num_threads(count)
        self._repeats = max(1, round(seconds / fastest))
        return {"threads": count, "digest": digest(work)}

    def round(self) -> float:
        """Returns the seconds of a run, of as many runs as fill a round."""
        assert self._work is not None
        return _timed(self._work.run, self._repeats)

    def used(self) -> float:
        """Returns the processor time of all threads since the process began, seconds."""
        return time.process_time()


def thread_counts(most: int) -> list[int]:
    """Returns the numbers of threads to try: 1, 2, 4, … and the most."""
    return sorted({most, *(1 << power for power in range(most.bit_length()) if 1 << power <= most)})


def _timed(run: Callable[[], object], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        run()
    return (time.perf_counter() - start) / repeats


def main() -> None:
    """Answers requests until there are no more."""
    warnings.simplefilter("error", RuntimeWarning)  # a kernel that is not compiled must not pass for one
    side = _Side()
    serve(
        {
            "prepare": side.prepare,
            "round": side.round,
            "used": side.used,
            "peak": peak.peak,
            "memory": footprint.memory,
            "start": footprint.start,
        }
    )


if __name__ == "__main__":
    main()
