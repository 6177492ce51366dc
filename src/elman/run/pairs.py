"""Numbers rounded to bfloat16, two in the place of one float32 number (see `emit.pairs`)."""

from __future__ import annotations

from functools import cache

import llvmlite.binding as llvm
import torch
from torch import Tensor
from torch.nn import functional

from elman.run.buffers import padded_size
from elman.run.library import host_target
from elman.run.memory import empty


@cache
def multiplies_pairs() -> bool:
    """Whether this processor multiplies bfloat16 numbers and sums them in float32 (AVX512_BF16)."""
    return host_target().multiplies_pairs and bool(llvm.get_host_cpu_features().get("avx512bf16"))


def paired(value: Tensor) -> Tensor:
    """Returns numbers (…, n) rounded to bfloat16, (…, ⌈n / 2⌉) pairs; itself seen so where that can be."""
    numbers = value.to(torch.bfloat16)
    if numbers.shape[-1] % 2:
        numbers = functional.pad(numbers, (0, 1))
    steps = (numbers.storage_offset(), *numbers.stride()[:-1])
    if numbers.stride(-1) != 1 or any(step % 2 for step in steps):
        numbers = numbers.clone(memory_format=torch.contiguous_format)
    return numbers.view(torch.float32)


def unpaired(pairs: Tensor, size: int) -> Tensor:
    """Returns the bfloat16 numbers (…, size) of rows of pairs."""
    return pairs.view(torch.bfloat16)[..., :size].contiguous()


def empty_pairs(rows: int, size: int, lanes: int) -> Tensor:
    """Returns an array for a kernel to write, (rows, pairs of the padded size)."""
    return empty(rows, padded_size(size, lanes) // 2, torch.float32)
