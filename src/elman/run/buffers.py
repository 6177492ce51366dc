"""The arrays that a kernel reads and writes, and weights packed for its tile.

Rows are padded to whole vectors, so that a kernel needs no special case at the end of a row and never leaves
its memory.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from elman.core.passes.fuse import Bundle
from elman.emit.plan import units_per_block
from elman.emit.target import Target


def padded_size(size: int, lanes: int) -> int:
    """The numbers that a row of that many units takes."""
    return -(-size // lanes) * lanes


def empty_rows(rows: int, size: int, lanes: int, like: Tensor) -> Tensor:
    """Returns an array for a kernel to write, (rows, padded size)."""
    return like.new_empty(rows, padded_size(size, lanes))


def readable(value: Tensor, lanes: int) -> Tensor:
    """Returns rows (N, n) or a vector (n,) such that whole vectors can be read of it: itself where that is
    so, else a padded copy.

    A value of size 1 is repeated in every lane.
    """
    if value.dim() == 2 and value.shape[1] == 1:
        return value.expand(-1, lanes).contiguous()
    missing = padded_size(value.shape[-1], lanes) - value.shape[-1]
    if missing:
        return functional.pad(value, (0, missing))
    return value if value.stride(-1) == 1 else value.contiguous()


def pack(bundle: Bundle, operand: int, matrices: list[Tensor], target: Target, lanes: int) -> Tensor:
    """Returns the matrices of a bundle for one of its operands as panels: [block of
    units][tile][k][vector][lane].
    """
    units = units_per_block(bundle, target.vectors)
    columns = []
    for term, matrix in zip(bundle.terms[operand], matrices, strict=True):
        weights = matrix.mT if term.op == "matmul_t" else matrix  # (units, depth)
        missing = padded_size(weights.shape[0], units * lanes) - weights.shape[0]
        columns.append(functional.pad(weights, (0, 0, 0, missing)).unflatten(0, (-1, units, lanes)))
    stacked = torch.stack(columns, 2)  # (blocks, units, results, lanes, depth)
    tiles = stacked.flatten(1, 2).unflatten(1, (-1, target.vectors))  # (blocks, tiles, vectors, lanes, depth)
    return tiles.permute(0, 1, 4, 2, 3).contiguous()
