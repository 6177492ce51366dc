"""Weights packed for the register tile."""

from __future__ import annotations

from functools import lru_cache

from torch import Tensor

from elman.core.passes.fuse import Bundle
from elman.emit.pack import emit_pack
from elman.emit.plan import units_per_block
from elman.emit.target import Target
from elman.run.call import DTYPES, call, words
from elman.run.library import Library
from elman.run.memory import empty
from elman.run.pairs import paired
from elman.run.work import calls, rows_work

OPERATIONS_PER_NUMBER = 8
"""What moving a number costs, counted in floating-point operations."""


def pack(
    bundle: Bundle, operand: int, matrices: list[Tensor], target: Target, lanes: int, pairs: bool = False
) -> Tensor:
    """Returns the matrices of a bundle for one of its operands as panels (see `emit.pack`), of pairs if asked
    for.
    """
    weights = [
        matrix.mT if term.op == "matmul_t" else matrix  # (units, depth)
        for term, matrix in zip(bundle.terms[operand], matrices, strict=True)
    ]
    if pairs:
        weights = [paired(weight) for weight in weights]
    units, depth = weights[0].shape
    block = units_per_block(bundle, target.vectors)
    columns = -(-units // (block * lanes)) * block * len(weights)
    panels = empty(columns * depth, lanes, weights[0].dtype)
    strides = [weight.stride(axis) for axis in (0, 1) for weight in weights]
    sizes = words((units, depth, len(weights)))
    worker = packer(target, DTYPES[panels.dtype]).address("elman_worker")
    for part in calls(rows_work(columns), OPERATIONS_PER_NUMBER * depth * lanes):
        call(worker, [panels, *weights], strides, sizes, part, 0)
    return panels


@lru_cache(maxsize=8)
def packer(target: Target, dtype: str) -> Library:
    """Returns the code that packs weights, compiled."""
    return Library(f"pack {dtype}", lambda: emit_pack(target, dtype), target)
