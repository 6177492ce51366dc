"""A call of machine code on tensors."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from elman.run.threads import run_parts
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
) -> None:
    """Calls `elman_worker` (see `emit.worker`) for all parts of the work.

    worker: its address. strides: as the kernel wants them. scratch_size: the numbers of scratch memory of a
    part.
    """
    kind = buffers[-1].dtype
    scratch = torch.empty(work.parts * scratch_size, dtype=kind)
    pointers, steps = words(buffer.data_ptr() for buffer in buffers), words(strides)
    arrays = [ctypes.addressof(array) for array in (pointers, steps, sizes)]
    memory = (buffers, scratch, pointers, steps, sizes, work)
    run_parts(
        worker,
        (*arrays, *work.addresses, scratch_size, scratch.data_ptr()),
        work.parts,
        scratch_size * kind.itemsize,
        memory,
    )
