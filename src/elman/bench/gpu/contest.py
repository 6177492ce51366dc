"""Both sides of a case measured on a GPU, in one process, in turns: there is one queue of work, and threads
have no part in it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import torch

from elman.bench.digest import digest
from elman.bench.gpu.plans import recorded_plans
from elman.bench.gpu.sides import ready as made
from elman.bench.gpu.trial import products
from elman.bench.jobs import TORCH_LAYERS, Job
from elman.bench.layers import Work, format_of

WARM = 2
SQUARE = 8192
"""The size of the matrices whose product is the device's limit."""
_TRIES = 5


def ready(job: dict[str, Any]) -> None:
    """Runs a job once, so that its kernels are compiled, and lie in Triton's cache."""
    one = Job(**job)
    with products(one.dtype == "tf32"):
        made(one).run()
    torch.cuda.synchronize()


def speed(
    mine: dict[str, Any], theirs: dict[str, Any], rounds: int, seconds: float, same: bool
) -> dict[str, Any]:
    """Returns the seconds of a run of each side, a figure a round, and what ran.

    seconds: about how long a round takes. same: whether the results are to be compared, by the digests.
    """
    jobs = Job(**mine), Job(**theirs)
    figures: dict[str, Any] = {"mine": [], "theirs": [], "digests": [], "told": []}
    with products(jobs[0].dtype == "tf32"), recorded_plans() as plans, _warnings(figures["told"]):
        works = [made(job) for job in jobs]
        if same:
            figures["digests"] = [digest(work) for work in works]
        repeats = [_repeats(work, seconds) for work in works]
        for _ in range(rounds):
            for name, work, count in zip(("mine", "theirs"), works, repeats, strict=True):
                figures[name].append(timed(work.run, count))
        figures["peak"] = _peak(jobs[0].dtype)
    cell = TORCH_LAYERS.get(jobs[0].cell, jobs[0].cell)
    figures["plan"] = _listed(plan.name for name, plan in plans.ran.items() if name.startswith(cell))
    return figures


def memory(mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Returns the bytes of the device by which a warm run of each side raises what is allocated, at its
    peak.
    """
    figures: dict[str, Any] = {"told": []}
    with recorded_plans() as plans, _warnings(figures["told"]):
        for name, given in (("mine", mine), ("theirs", theirs)):
            figures[name] = [_memory(made(Job(**given)))]
    figures["plan"] = _listed(plan.name for plan in plans.ran.values())
    return figures


def timed(run: Callable[[], object], repeats: int) -> float:
    """Returns the seconds of a run, of so many queued one after the other, by the device's clock."""
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    start.record()
    for _ in range(repeats):
        run()
    end.record()
    torch.cuda.synchronize()
    return start.elapsed_time(end) / 1000.0 / repeats


def _repeats(work: Work, seconds: float) -> int:
    """How many runs fill a round of a warm job."""
    timed(work.run, WARM)
    return max(1, round(seconds / min(timed(work.run, 1) for _ in range(WARM))))


def _memory(work: Work) -> int:
    for _ in range(WARM):
        work.run()
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    work.run()
    torch.cuda.synchronize()
    return torch.cuda.max_memory_allocated() - before


@lru_cache(maxsize=8)
def _peak(dtype: str) -> float:
    """The operations a second of torch's product of large matrices in a format: the best of some tries."""
    options = {"device": "cuda", "dtype": format_of(Job("LSTM", dtype=dtype))}
    one, other = (torch.randn(SQUARE, SQUARE, **options) for _ in range(2))
    timed(lambda: torch.mm(one, other), WARM)
    return 2.0 * SQUARE**3 / min(timed(lambda: torch.mm(one, other), 1) for _ in range(_TRIES))


def _listed(names: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(names))


@contextmanager
def _warnings(told: list[str]) -> Iterator[None]:
    """Adds what is warned of: that torch's own operations ran in place of kernels must not pass unseen."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RuntimeWarning)
        yield
    told += dict.fromkeys(str(one.message) for one in caught if issubclass(one.category, RuntimeWarning))
