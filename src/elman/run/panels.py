"""Weights packed for the register tile."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

from elman.core.passes.fuse import Bundle
from elman.emit.pack import emit_pack
from elman.emit.plan import units_per_block
from elman.emit.target import Target
from elman.run.call import DTYPES, call, words
from elman.run.library import Library
from elman.run.memory import empty
from elman.run.pairs import paired
from elman.run.work import OPERATIONS_PER_THREAD, Work, even_bounds

OPERATIONS_PER_NUMBER = 8
"""What moving a number costs, counted in floating-point operations."""
Matrices = tuple[Bundle, int, list[Tensor]]
"""A bundle, one of its operands by its number, and the matrices that it meets."""


def pack(sets: Sequence[Matrices], target: Target, lanes: int, pairs: bool = False) -> list[Tensor]:
    """Returns each set of matrices as panels (see `emit.pack`), of pairs if asked for."""
    buffers: list[Tensor] = []
    panels: list[Tensor] = []
    segments: list[tuple[int, ...]] = []
    columns: list[int] = []
    cost = 0
    for bundle, operand, matrices in sets:
        terms = zip(bundle.terms[operand], matrices, strict=True)
        weights = [matrix.mT if term.op == "matmul_t" else matrix for term, matrix in terms]
        if pairs:
            weights = [paired(weight) for weight in weights]
        units, depth = weights[0].shape
        block = units_per_block(bundle, target.vectors)
        segments.append((units, depth, len(weights), len(buffers), sum(columns)))
        columns.append(-(-units // (block * lanes)) * block * len(weights))
        panels.append(empty(columns[-1] * depth, lanes, weights[0].dtype))
        buffers += [panels[-1], *weights]
        cost += OPERATIONS_PER_NUMBER * panels[-1].numel()
    if not sets:
        return []
    strides = [buffer.stride(axis) for buffer in buffers for axis in (0, 1)]
    bounds = even_bounds(sum(columns), cost // OPERATIONS_PER_THREAD)
    work = Work(torch.tensor(segments, dtype=torch.int64), bounds)
    worker = packer(target, DTYPES[panels[0].dtype]).address("elman_worker")
    call(worker, buffers, strides, words(columns), work, 0)
    return panels


@lru_cache(maxsize=8)
def packer(target: Target, dtype: str) -> Library:
    """Returns the code that packs weights, compiled."""
    return Library(f"pack {dtype}", lambda: emit_pack(target, dtype), target)
