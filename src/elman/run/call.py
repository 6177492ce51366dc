"""A call of machine code on tensors."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from elman.emit.team import SHARED_WORDS
from elman.run.threads import Job, give_way, run_jobs, run_parts
from elman.run.work import Work

DTYPES = {torch.float32: "float", torch.float64: "double"}
"""The formats of numbers that kernels compute in, by what they are called in LLVM IR."""


def sum_dtype(dtype: torch.dtype) -> torch.dtype:
    """Returns the format of sums, and of all else, where the operands of products have a format."""
    return torch.float32 if dtype in (torch.bfloat16, torch.float16) else dtype


Words = ctypes.Array[ctypes.c_int64]


def words(values: Iterable[int]) -> Words:
    """Returns whole numbers as machine code reads them."""
    given = tuple(values)
    return (ctypes.c_int64 * max(1, len(given)))(*given)


class Call(NamedTuple):
    """What `call` takes."""

    worker: int
    buffers: Sequence[Tensor]
    strides: Iterable[int]
    sizes: Words
    work: Work
    scratch_size: int


def call_at_once(calls: Sequence[Call]) -> None:
    """Makes calls of `elman_worker` at the same time."""
    run_jobs([_job(*one) for one in calls])


def call(
    worker: int,
    buffers: Sequence[Tensor],
    strides: Iterable[int],
    sizes: Words,
    work: Work,
    scratch_size: int,
    team: int = 1,
) -> None:
    """Calls `elman_worker` (see `emit.worker`) for all parts of the work, or `elman_together` for a team of
    threads.

    worker: its address. strides: as the kernel wants them. scratch_size: the numbers of scratch memory of a
    part.
    """
    run_parts(*_job(worker, buffers, strides, sizes, work, scratch_size, team))


def _job(
    worker: int,
    buffers: Sequence[Tensor],
    strides: Iterable[int],
    sizes: Words,
    work: Work,
    scratch_size: int,
    team: int = 1,
) -> Job:
    kind, parts = buffers[-1].dtype, max(team, work.parts)
    scratch = torch.empty(parts * scratch_size, dtype=kind)
    shared = torch.zeros(SHARED_WORDS if team > 1 else 0, dtype=torch.int64)
    pointers, steps = words(buffer.data_ptr() for buffer in buffers), words(strides)
    arrays = [ctypes.addressof(array) for array in (pointers, steps, sizes)]
    memory = (buffers, scratch, shared, pointers, steps, sizes, work)
    more = (shared.data_ptr(), give_way()) if team > 1 else ()
    given = (*arrays, *work.addresses, scratch_size, scratch.data_ptr(), *more)
    return Job(worker, given, parts, scratch_size * kind.itemsize, memory)
