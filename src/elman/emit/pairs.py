"""Products of numbers rounded to bfloat16, summed in float32: two at a time, where the processor can.

A row of bfloat16 numbers is read in pairs, each of which stands where a float32 number would; zeros stand
behind an odd number of them. So a tile walks over half as many places, and weights are packed as if pairs
were numbers.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from elman.emit.loops import number
from elman.emit.vector import Vectors

Value = Any
PAIRS = "bfloat"
"""The name of the tiles that multiply pairs."""


class _BFloat16(ir.Type):
    """The 16 upper bits of a float32 number."""

    def _to_string(self) -> str:
        return "bfloat"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _BFloat16)

    def __hash__(self) -> int:
        return hash(_BFloat16)


BFLOAT16 = _BFloat16()


def multiply_pairs(vectors: Vectors, a: Value, b: Value, c: Value) -> Value:
    """a₀ b₀ + a₁ b₁ + c for vectors of pairs a, b."""
    kind = ir.VectorType(BFLOAT16, 2 * vectors.lanes)
    pairs = [vectors.builder.bitcast(value, kind) for value in (a, b)]
    return vectors.call("llvm.x86.avx512bf16.dpbf16ps.512", vectors.type, [c, *pairs])


def store_pairs(vectors: Vectors, start: Value, unit: Value, size: Value, value: Value) -> None:
    """Writes vector number `unit` of a row of `size` numbers, rounded; zero behind the last number."""
    builder, lanes = vectors.builder, vectors.lanes
    left = builder.sub(size, builder.mul(unit, number(lanes)))
    whole = ir.VectorType(ir.IntType(64), lanes)
    first = builder.insert_element(ir.Constant(whole, ir.Undefined), left, ir.IntType(32)(0))
    every = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
    ends = builder.shuffle_vector(first, ir.Constant(whole, ir.Undefined), every)
    inside = builder.icmp_signed("<", ir.Constant(whole, list(range(lanes))), ends)
    kind = ir.VectorType(BFLOAT16, lanes)
    rounded = builder.fptrunc(builder.select(inside, value, vectors.constant(0.0)), kind)
    place = builder.gep(start, [builder.mul(unit, number(lanes // 2))])
    builder.store(rounded, builder.bitcast(place, kind.as_pointer()), align=2)
