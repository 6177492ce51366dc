"""Vectors of numbers in LLVM IR, and their exponential, from which tanh and the sigmoid follow.

exp and tanh are polynomials on a reduced range (Cody & Waite 1980), fitted at Chebyshev nodes; their errors
are below 2 units in the last place of float32.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from llvmlite import ir

Value = Any
I32, I64 = ir.IntType(32), ir.IntType(64)


@dataclass(frozen=True)
class Precision:
    """A format of numbers: its bits, and the polynomials that reach its precision."""

    name: str
    type: Any
    integer: Any
    mantissa: int
    bias: int
    low: float
    high: float
    ln2: tuple[float, float]
    """log 2 as a sum of two numbers, the first with few bits."""
    exp: tuple[float, ...]
    """P in exp(r) = 1 + r + r² P(r), |r| <= log(2) / 2."""
    tanh: tuple[float, ...]
    """P in tanh(x) = x + x³ P(x²), |x| < 0.625."""

    @property
    def rounder(self) -> float:
        """A number so large that a sum with it is whole; its last bits are then the other number's."""
        return 1.5 * 2.0**self.mantissa


PRECISIONS = {
    "float": Precision(
        "float",
        ir.FloatType(),
        I32,
        23,
        127,
        -104.0,
        89.5,
        (0.693115234375, 0.000031946184945309417),
        (0.5, 0.16666573381900846, 0.041666550110305124, 0.0083637738744055735, 0.0013926926614021906),
        (
            -0.33333328944134255,
            0.13332769736976328,
            -0.053850909578513581,
            0.020997178999074751,
            -0.0060967141659081976,
        ),
    ),
    "double": Precision(
        "double",
        ir.DoubleType(),
        I64,
        52,
        1023,
        -746.0,
        710.5,
        (0.6931467056274414, 4.7493250390316723e-07),
        (
            0.5,
            0.16666666666666671438,
            0.041666666666666670074,
            0.0083333333333255446996,
            0.0013888888888883326674,
            0.00019841269876864354929,
            0.000024801587327007186731,
            2.7557252833516909748e-6,
            2.7557271810219799569e-7,
            2.5106274733573294687e-8,
            2.0915442297780115216e-9,
        ),
        (
            -0.33333333333333333333,
            0.13333333333333333311,
            -0.053968253968253925029,
            0.02186948853615193155,
            -0.0088632355297723567972,
            0.0035921280334638537314,
            -0.0014558343383770552491,
            0.00059002691702138703387,
            -0.00023912511571975760784,
            0.000096893360151000183981,
            -0.000039190243514975892667,
            0.000015663900124975870361,
            -5.9252354036110061678e-6,
            1.86150046033638624e-6,
            -3.4490826410417723002e-7,
        ),
    ),
}


class Reduced(NamedTuple):
    """x = n log 2 + rest; bits: of n plus `rounder`."""

    n: Value
    rest: Value
    bits: Value


class _Splat(ir.Constant):
    """A vector of one number, which the text names once."""

    def _get_reference(self) -> str:
        return f"splat ({self.constant[0]})"


def splat(builder: ir.IRBuilder, scalar: Value, lanes: int) -> Value:
    """A vector of one number of any kind, known only when it runs."""
    undefined = ir.Constant(ir.VectorType(scalar.type, lanes), ir.Undefined)
    first = builder.insert_element(undefined, scalar, ir.Constant(I32, 0))
    mask = _Splat(ir.VectorType(I32, lanes), [0] * lanes)
    return builder.shuffle_vector(first, undefined, mask)


class Vectors:
    """Emits operations on vectors of `lanes` numbers; scales: as `Target.scales`, for whole registers."""

    def __init__(self, builder: ir.IRBuilder, precision: Precision, lanes: int, scales: bool = False) -> None:
        self.builder = builder
        self.precision = precision
        self.lanes = lanes
        self.scales = scales
        self.type = ir.VectorType(precision.type, lanes)
        self.integers = ir.VectorType(precision.integer, lanes)

    def constant(self, value: float) -> Value:
        """A vector of one number."""
        return _Splat(self.type, [value] * self.lanes)

    def splat(self, scalar: Value) -> Value:
        """A vector of one number known only when it runs."""
        return splat(self.builder, scalar, self.lanes)

    def intrinsic(self, name: str, *args: Value) -> Value:
        """Calls an LLVM intrinsic on whole vectors."""
        suffix = f"v{self.lanes}{'f32' if self.precision.name == 'float' else 'f64'}"
        return self.call(f"llvm.{name}.{suffix}", self.type, args)

    def call(self, name: str, result: Any, args: Sequence[Value]) -> Value:
        """Calls a function by its name, declaring it on first use."""
        module = self.builder.module
        function = module.globals.get(name)
        if function is None:
            function = ir.Function(module, ir.FunctionType(result, [arg.type for arg in args]), name)
        return self.builder.call(function, args)

    def all(self, conditions: Value) -> Value:
        """Whether a condition holds in every lane."""
        return self.call(f"llvm.vector.reduce.and.v{self.lanes}i1", ir.IntType(1), [conditions])

    def in_double(self, function: Callable[[Vectors, Value], Value], x: Value) -> Value:
        """A function worked out in double precision, for those that few cells use."""
        double = PRECISIONS["double"]
        if self.precision is double:
            return function(self, x)
        wide = Vectors(self.builder, double, self.lanes)
        return self.builder.fptrunc(function(wide, self.builder.fpext(x, wide.type)), self.type)

    def fma(self, a: Value, b: Value, c: Value) -> Value:
        """a b + c, rounded once where the processor has an instruction for it."""
        return self.intrinsic("fmuladd", a, b, c)

    def select(self, condition: Value, a: Value, b: Value) -> Value:
        """a where the condition holds, else b."""
        return self.builder.select(condition, a, b)

    def compare(self, sign: str, a: Value, b: Value) -> Value:
        """1 where an ordered comparison holds, else 0."""
        return self.select(self.builder.fcmp_ordered(sign, a, b), self.constant(1.0), self.constant(0.0))

    def polynomial(self, coefficients: Sequence[float], x: Value) -> Value:
        """Σ_k c_k x^k by Horner's rule."""
        *rest, last = coefficients
        total = self.constant(last)
        for coefficient in reversed(rest):
            total = self.fma(total, x, self.constant(coefficient))
        return total

    def exp(self, x: Value, low: Value | None = None) -> Value:
        """exp(x) = 2^n exp(r), x = n log 2 + r; exp(x + low) where x is a sum of two numbers, low the small
        one.
        """
        return self._exp(self._at_most(x, self.precision.high), low)

    def _exp(self, x: Value, low: Value | None = None) -> Value:
        """exp(x) where x is not too large for a power of two."""
        reduced = self._reduced(self._at_least(x, self.precision.low))
        if low is not None:
            reduced = reduced._replace(rest=self.builder.fadd(reduced.rest, low))
        y = self.builder.fadd(self._expm1_of_rest(reduced), self.constant(1.0))
        if self.scales:
            return self._scaled(y, reduced)
        b = self.builder  # 2^n in two factors: n may leave the range of one exponent
        whole = b.sub(reduced.bits, b.bitcast(self.constant(self.precision.rounder), self.integers))
        half = b.ashr(whole, self.whole(1))
        return b.fmul(b.fmul(y, self._power_of_two(half)), self._power_of_two(b.sub(whole, half)))

    def tanh(self, x: Value) -> Value:
        """tanh(x): a polynomial near zero, ±(1 - 2 / (exp(2|x|) + 1)) elsewhere."""
        b = self.builder
        size = self.intrinsic("fabs", x)
        squared = b.fmul(x, x)
        small = self.fma(b.fmul(squared, x), self.polynomial(self.precision.tanh, squared), x)
        grown = self._exp(self._at_most(b.fadd(size, size), self.precision.high))
        large = b.fsub(self.constant(1.0), b.fdiv(self.constant(2.0), b.fadd(grown, self.constant(1.0))))
        y = self.select(b.fcmp_ordered("<", size, self.constant(0.625)), small, large)
        return self.intrinsic("copysign", y, x)  # also that of -0

    def sigmoid(self, x: Value) -> Value:
        """1 / (1 + e) for x >= 0, e / (1 + e) for x < 0, with e = exp(-|x|), which does not overflow."""
        b = self.builder
        e = self._exp(b.fneg(self.intrinsic("fabs", x)))
        above = self.select(b.fcmp_ordered("<", x, self.constant(0.0)), e, self.constant(1.0))
        return b.fdiv(above, b.fadd(self.constant(1.0), e))

    def _at_most(self, x: Value, high: float) -> Value:
        return self.select(self.builder.fcmp_ordered(">", x, self.constant(high)), self.constant(high), x)

    def _at_least(self, x: Value, low: float) -> Value:
        return self.select(self.builder.fcmp_ordered("<", x, self.constant(low)), self.constant(low), x)

    def _reduced(self, x: Value) -> Reduced:
        b, p = self.builder, self.precision
        rounder = self.constant(p.rounder)
        shifted = self.fma(x, self.constant(1 / math.log(2)), rounder)
        n = b.fsub(shifted, rounder)
        minus_n = b.fneg(n)
        r = self.fma(minus_n, self.constant(p.ln2[0]), x)
        r = self.fma(minus_n, self.constant(p.ln2[1]), r)
        return Reduced(n, r, b.bitcast(shifted, self.integers))

    def _expm1_of_rest(self, reduced: Reduced) -> Value:
        r = reduced.rest
        return self.fma(self.builder.fmul(r, r), self.polynomial(self.precision.exp, r), r)

    def _scaled(self, y: Value, reduced: Reduced) -> Value:
        """y 2^n by one instruction, rounded once, also where it is subnormal or not finite."""
        name = f"llvm.x86.avx512.mask.scalef.{'ps' if self.precision.name == 'float' else 'pd'}.512"
        everywhere = ir.Constant(ir.IntType(self.lanes), -1)
        as_set = ir.Constant(I32, 4)
        return self.call(name, self.type, [y, reduced.n, y, everywhere, as_set])

    def power(self, x: Value, exponent: int) -> Value:
        """x^n by repeated squaring."""
        result, square, n = self.constant(1.0), x, abs(exponent)
        while n:
            result = self.builder.fmul(result, square) if n & 1 else result
            square = self.builder.fmul(square, square)
            n >>= 1
        return self.builder.fdiv(self.constant(1.0), result) if exponent < 0 else result

    def sign(self, x: Value) -> Value:
        """-1, 0 or 1; a NaN stays one."""
        one = self.intrinsic("copysign", self.constant(1.0), x)
        return self.select(
            self.builder.fcmp_ordered("!=", x, self.constant(0.0)),
            one,
            self.builder.fmul(x, self.constant(0.0)),
        )

    def whole(self, value: int) -> Value:
        """A vector of one whole number, as wide as the numbers."""
        return _Splat(self.integers, [value] * self.lanes)

    def _power_of_two(self, n: Value) -> Value:
        b = self.builder
        exponent = b.shl(b.add(n, self.whole(self.precision.bias)), self.whole(self.precision.mantissa))
        return b.bitcast(exponent, self.type)
