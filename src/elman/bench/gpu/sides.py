"""A job made ready to run on a GPU, by elman and by each of those it is compared with.

Legend: N rows (each step of each sequence), I input size, H hidden size.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from elman.bench.gpu.cases import EAGER, LIMIT
from elman.bench.jobs import Job
from elman.bench.layers import SEED, Work, elmans, format_of, looped, torchs
from elman.bench.loops import LOOPS
from elman.run.choice import kernels


def ready(job: Job) -> Work:
    """Returns a job with its weights and data, the same ones for every side."""
    torch.manual_seed(SEED)
    return SIDES[job.side](job)


def _eager(job: Job) -> Work:
    work = elmans(job)

    def run() -> object:
        with kernels("eager"):
            return work.run()

    def numbers() -> dict[str, torch.Tensor]:
        with kernels("eager"):
            return dict(work.numbers())

    return Work(run, numbers)


def _limit(job: Job) -> Work:
    """What minGRU cannot do without: its products by matrices, and one pass over what its scan reads and
    writes, by a copy.

    The scan forward reads two gates (N, 2H) and writes the output (N, H); backward it reads both and the
    error of the output, 4 N H numbers, and writes the errors of the gates, 2 N H.
    """
    options = {"device": job.device, "dtype": format_of(job)}
    x, weight = (torch.randn(size, job.inputs, **options) for size in (job.rows, 2 * job.hidden))
    gates = torch.randn(job.rows, 2 * job.hidden, **options)
    training = job.kind == "training"
    numbers = job.rows * job.hidden * (9 if training else 3)  # a copy reads a half, and writes a half
    read, written = (torch.empty(numbers // 2, **options).zero_() for _ in range(2))

    def run() -> None:
        torch.mm(x, weight.T)
        if training:
            torch.mm(gates, weight)
            torch.mm(gates.T, x)
        written.copy_(read)

    return Work(run, dict)


SIDES: dict[str, Callable[[Job], Work]] = {
    "elman": elmans,
    "torch.nn": torchs,
    "torch loop": lambda job: looped(job, LOOPS[job.cell]),
    EAGER: _eager,
    LIMIT: _limit,
}
