"""Operations over all units of a row in LLVM IR: sums, means, normalisation, softmax; the lanes behind the
last unit left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from elman.emit.loops import I64, ceil_div, loop, number
from elman.emit.vector import Vectors

Value = Any


@dataclass(frozen=True)
class RowAccess:
    """One row of an operand, read and written vector by vector."""

    vectors: Vectors
    size: Value
    load: Callable[[Value], Value]
    store: Callable[[Value, Value], Any]

    def each(self) -> Any:
        """Loops over the vectors of the row."""
        return loop(
            self.vectors.builder, ceil_div(self.vectors.builder, self.size, self.vectors.lanes), "part"
        )

    def fold(self, combine: str, start: float, part: Callable[[Value], Value]) -> Value:
        """Combines part(x) over all units into one number, by fadd or fmax."""
        v, b = self.vectors, self.vectors.builder
        total = b.alloca(v.type)
        b.store(v.constant(start), total)
        lane = ir.Constant(ir.VectorType(I64, v.lanes), list(range(v.lanes)))
        with self.each() as unit:
            left = b.sub(self.size, b.mul(unit, number(v.lanes)))
            many = b.insert_element(ir.Constant(lane.type, ir.Undefined), left, number(0))
            many = b.shuffle_vector(
                many, many, ir.Constant(ir.VectorType(ir.IntType(32), v.lanes), [0] * v.lanes)
            )
            inside = b.icmp_signed("<", lane, many)
            value = b.select(inside, part(self.load(unit)), v.constant(start))
            old = b.load(total)
            b.store(b.fadd(old, value) if combine == "fadd" else v.intrinsic("maximum", old, value), total)
        return self._across(combine, b.load(total))

    def _across(self, combine: str, vector: Value) -> Value:
        """Combines the lanes by halves, always in the same order."""
        v, b = self.vectors, self.vectors.builder
        half = v.lanes // 2
        while half:
            order = [(lane + half) % v.lanes for lane in range(v.lanes)]
            other = b.shuffle_vector(
                vector, vector, ir.Constant(ir.VectorType(ir.IntType(32), v.lanes), order)
            )
            vector = b.fadd(vector, other) if combine == "fadd" else v.intrinsic("maximum", vector, other)
            half //= 2
        return vector

    def mean(self, part: Callable[[Value], Value]) -> Value:
        """The mean of part(x), in every lane."""
        b = self.vectors.builder
        size = self.vectors.splat(b.sitofp(self.size, self.vectors.precision.type))
        return b.fdiv(self.fold("fadd", 0.0, part), size)

    def deviation(self, eps: float) -> tuple[Value, Value]:
        """The mean, and 1 / √(variance + eps)."""
        v, b = self.vectors, self.vectors.builder
        mean = self.mean(lambda x: x)

        def squared(x: Value) -> Value:
            return b.fmul(b.fsub(x, mean), b.fsub(x, mean))

        variance = self.mean(squared)
        root = v.intrinsic("sqrt", b.fadd(variance, v.constant(eps)))
        return mean, b.fdiv(v.constant(1.0), root)


Attributes = Mapping[str, Any]


def _unit_sum(row: RowAccess, attributes: Attributes) -> None:
    row.store(number(0), row.fold("fadd", 0.0, lambda x: x))


def _unit_mean(row: RowAccess, attributes: Attributes) -> None:
    row.store(number(0), row.mean(lambda x: x))


def _rstd(row: RowAccess, attributes: Attributes) -> None:
    row.store(number(0), row.deviation(float(attributes["eps"]))[1])


def _normalize(row: RowAccess, attributes: Attributes) -> None:
    b = row.vectors.builder
    mean, rstd = row.deviation(float(attributes["eps"]))
    with row.each() as unit:
        row.store(unit, b.fmul(b.fsub(row.load(unit), mean), rstd))


def _softmax(row: RowAccess, attributes: Attributes) -> None:
    v, b = row.vectors, row.vectors.builder
    highest = row.fold("fmax", float("-inf"), lambda x: x)
    total = row.fold("fadd", 0.0, lambda x: v.exp(b.fsub(x, highest)))
    with row.each() as unit:
        row.store(unit, b.fdiv(v.exp(b.fsub(row.load(unit), highest)), total))


REDUCTIONS: dict[str, Callable[[RowAccess, Attributes], None]] = {
    "unit_sum": _unit_sum,
    "unit_mean": _unit_mean,
    "rstd": _rstd,
    "normalize": _normalize,
    "softmax": _softmax,
}


def emit_reduction(
    module: ir.Module,
    vectors_of: Callable[[ir.IRBuilder], Vectors],
    op: str,
    attributes: Sequence[tuple[str, Any]],
) -> ir.Function:
    """Emits `void op(operand, result, size)` for one row. Its text stands once in a module, however many
    values are reduced: what four gates normalise takes no longer to compile than what one does.
    """
    builder = ir.IRBuilder()
    vectors = vectors_of(builder)
    numbers, vector = vectors.precision.type.as_pointer(), vectors.type.as_pointer()
    name = module.get_unique_name(op)
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [numbers, numbers, I64]), name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    builder.position_at_end(function.append_basic_block("entry"))
    operand, result, size = function.args

    def place(row: Value, unit: Value) -> Value:
        return builder.bitcast(builder.gep(row, [builder.mul(unit, number(vectors.lanes))]), vector)

    row = RowAccess(
        vectors,
        size,
        lambda unit: builder.load(place(operand, unit), align=4),
        lambda unit, value: builder.store(value, place(result, unit), align=4),
    )
    REDUCTIONS[op](row, dict(attributes))
    builder.ret_void()
    return function
