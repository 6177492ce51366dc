"""A job made ready to run on a CPU, by elman and by each of those it is compared with."""

from __future__ import annotations

from collections.abc import Callable

import torch

from elman.bench.jobs import Job
from elman.bench.layers import SEED, Work, elmans, looped, torchs
from elman.bench.loops import LOOPS
from elman.bench.plain import PLAIN
from elman.bench.reading import Reading
from elman.bench.sampling import sampling
from elman.core.errors import InputError
from elman.run.pairs import multiplies_pairs


def ready(job: Job) -> Work:
    """Returns a job with its weights and data, the same ones for every side.

    Raises InputError for bfloat16 where the processor has no instructions for it.
    """
    if job.dtype == "bfloat16" and not multiplies_pairs():
        raise InputError("needs a processor that multiplies bfloat16 numbers (AVX512_BF16)")
    torch.manual_seed(SEED)
    return SIDES[job.side](job)


def _elman(job: Job) -> Work:
    return Work(*sampling(job, by_elman=True)) if job.kind == "sampling" else elmans(job)


def _torch_loop(job: Job) -> Work:
    return Work(*sampling(job, by_elman=False)) if job.kind == "sampling" else looped(job, LOOPS[job.cell])


def _reading(job: Job) -> Work:
    return Work(Reading(job.bytes_read, job.steps), dict)


SIDES: dict[str, Callable[[Job], Work]] = {
    "elman": _elman,
    "torch.nn": torchs,
    "torch loop": _torch_loop,
    "plain torch loop": lambda job: looped(job, PLAIN[job.cell]),
    "torch.compile": lambda job: looped(job, torch.compile(LOOPS[job.cell])),
    "reading the weights": _reading,
}
