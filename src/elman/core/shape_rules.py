"""The shape of a result, from the shapes of the operands: (unify, *shapes, **attributes) -> shape.

`unify` makes two dimensions one, or raises CellError; while a cell is traced they may still be unknown.
"""

from __future__ import annotations

from collections.abc import Callable

from elman.core.errors import CellError
from elman.core.ir import BATCH, ONE, Shape

Unify = Callable[[str, str], str]


def elementwise(unify: Unify, *shapes: Shape, **attributes: object) -> Shape:
    """Operands of one shape, or repeated to it: (), (n,) and (B, 1) to (B, n)."""
    result: Shape = ()
    for shape in shapes:
        if not shape or not result:
            result = result or shape
        elif len(result) == 2 and len(shape) == 2 and (result[0] == BATCH) != (shape[0] == BATCH):
            raise CellError("a matrix meets a value of the step: use @ for their product")
        else:
            last = _broadcast(unify, result[-1], shape[-1])
            first = max(result[:-1], shape[:-1], key=len)
            if result[:-1] and shape[:-1]:
                first = (unify(result[0], shape[0]),)
            result = (*first, last)
    return result


def _broadcast(unify: Unify, left: str, right: str) -> str:
    if left == ONE:
        return right
    return left if right == ONE else unify(left, right)


def _batched(shape: Shape) -> str:
    if len(shape) != 2 or shape[0] != BATCH:
        raise CellError("the operand must depend on the input or a state")
    return shape[1]


def matmul(unify: Unify, matrix: Shape, value: Shape) -> Shape:
    """(m, n) @ (B, n) -> (B, m)."""
    unify(matrix[1], _batched(value))
    return BATCH, matrix[0]


def matmul_t(unify: Unify, matrix: Shape, value: Shape) -> Shape:
    """(m, n)ᵀ @ (B, m) -> (B, n)."""
    unify(matrix[0], _batched(value))
    return BATCH, matrix[1]


def outer(unify: Unify, left: Shape, right: Shape) -> Shape:
    """(B, m), (B, n) -> (m, n)."""
    return _batched(left), _batched(right)


def over_units(unify: Unify, value: Shape, **attributes: object) -> Shape:
    """(B, n) -> (B, n)."""
    return BATCH, _batched(value)


def reduced(unify: Unify, value: Shape, **attributes: object) -> Shape:
    """(B, n) -> (B, 1)."""
    _batched(value)
    return BATCH, ONE


def spread(unify: Unify, value: Shape, *, size: str) -> Shape:
    """(B, 1) -> (B, size)."""
    unify(_batched(value), ONE)
    return BATCH, size


def batch_sum(unify: Unify, value: Shape) -> Shape:
    """(B, n) -> (n,)."""
    return (_batched(value),)
