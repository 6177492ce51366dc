"""A call of machine code on tensors."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from elman.emit.team import SHARED_WORDS
from elman.run.threads import give_way, run_parts
from elman.run.work import Work

DTYPES = {torch.float32: "float", torch.float64: "double"}
"""The formats of numbers that kernels compute in, by what they are called in LLVM IR."""


def sum_dtype(dtype: torch.dtype) -> torch.dtype:
    """Returns the format of sums, and of all else, where the operands of products have a format."""
    return torch.float32 if dtype == torch.bfloat16 else dtype


Words = ctypes.Array[ctypes.c_int64]


def words(values: Iterable[int]) -> Words:
    """Returns whole numbers as machine code reads them."""
    given = tuple(values)
    return (ctypes.c_int64 * max(1, len(given)))(*given)


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
    kind, parts = buffers[-1].dtype, max(team, work.parts)
    scratch = torch.empty(parts * scratch_size, dtype=kind)
    shared = torch.zeros(SHARED_WORDS if team > 1 else 0, dtype=torch.int64)
    pointers, steps = words(buffer.data_ptr() for buffer in buffers), words(strides)
    arrays = [ctypes.addressof(array) for array in (pointers, steps, sizes)]
    memory = (buffers, scratch, shared, pointers, steps, sizes, work)
    more = (shared.data_ptr(), give_way()) if team > 1 else ()
    run_parts(
        worker,
        (*arrays, *work.addresses, scratch_size, scratch.data_ptr(), *more),
        parts,
        scratch_size * kind.itemsize,
        memory,
    )
