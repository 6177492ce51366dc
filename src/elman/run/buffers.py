"""The arrays that a kernel reads and writes.

Rows are padded to whole vectors, so that a kernel needs no special case at the end of a row and never leaves
its memory.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from elman.run.memory import empty


def padded_size(size: int, lanes: int) -> int:
    """The numbers that a row of that many units takes."""
    return -(-size // lanes) * lanes


def empty_rows(rows: int, size: int, lanes: int, like: Tensor) -> Tensor:
    """Returns an array for a kernel to write, (rows, padded size), where another value is."""
    if like.device.type != "cpu":
        return like.new_empty(rows, padded_size(size, lanes))
    return empty(rows, padded_size(size, lanes), like.dtype)


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
