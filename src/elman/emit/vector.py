"""Vectors of numbers in LLVM IR: what each elementwise operation of the compiler becomes.

exp and tanh are polynomials on a reduced range (Cody & Waite 1980), fitted at Chebyshev nodes; their errors
are below 2 units in the last place of float32. Functions that few cells use are called lane by lane from the
C library.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

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


class _Splat(ir.Constant):
    """A vector of one number, which the text names once."""

    def _get_reference(self) -> str:
        return f"splat ({self.constant[0]})"


class Vectors:
    """Emits operations on vectors of `lanes` numbers."""

    def __init__(self, builder: ir.IRBuilder, precision: Precision, lanes: int) -> None:
        self.builder = builder
        self.precision = precision
        self.lanes = lanes
        self.type = ir.VectorType(precision.type, lanes)
        self.integers = ir.VectorType(precision.integer, lanes)

    def constant(self, value: float) -> Value:
        """A vector of one number."""
        return _Splat(self.type, [value] * self.lanes)

    def splat(self, scalar: Value) -> Value:
        """A vector of one number known only when it runs."""
        undefined = ir.Constant(self.type, ir.Undefined)
        first = self.builder.insert_element(undefined, scalar, ir.Constant(I32, 0))
        mask = _Splat(ir.VectorType(I32, self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(first, undefined, mask)

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

    def exp(self, x: Value) -> Value:
        """exp(x) = 2^n exp(r), x = n log 2 + r."""
        b, p = self.builder, self.precision
        clamped = self.select(b.fcmp_ordered("<", x, self.constant(p.low)), self.constant(p.low), x)
        clamped = self.select(
            b.fcmp_ordered(">", clamped, self.constant(p.high)), self.constant(p.high), clamped
        )
        n = self.intrinsic("rint", b.fmul(clamped, self.constant(1 / math.log(2))))
        minus_n = b.fneg(n)
        r = self.fma(minus_n, self.constant(p.ln2[0]), clamped)
        r = self.fma(minus_n, self.constant(p.ln2[1]), r)
        y = self.fma(b.fmul(r, r), self.polynomial(p.exp, r), r)
        y = b.fadd(y, self.constant(1.0))
        whole = b.fptosi(n, self.integers)
        half = b.ashr(whole, self._integers(1))  # 2^n in two factors: n may leave the range of one exponent
        y = b.fmul(b.fmul(y, self._power_of_two(half)), self._power_of_two(b.sub(whole, half)))
        return self.select(b.fcmp_unordered("uno", x, x), x, y)

    def tanh(self, x: Value) -> Value:
        """tanh(x): a polynomial near zero, ±(1 - 2 / (exp(2|x|) + 1)) elsewhere."""
        b = self.builder
        size = self.intrinsic("fabs", x)
        squared = b.fmul(x, x)
        small = self.fma(b.fmul(squared, x), self.polynomial(self.precision.tanh, squared), x)
        grown = self.exp(b.fadd(size, size))
        large = b.fsub(self.constant(1.0), b.fdiv(self.constant(2.0), b.fadd(grown, self.constant(1.0))))
        large = self.intrinsic("copysign", large, x)
        return self.select(b.fcmp_ordered("<", size, self.constant(0.625)), small, large)

    def sigmoid(self, x: Value) -> Value:
        """1 / (1 + e) for x >= 0, e / (1 + e) for x < 0, with e = exp(-|x|), which does not overflow."""
        b = self.builder
        e = self.exp(b.fneg(self.intrinsic("fabs", x)))
        above = self.select(b.fcmp_ordered("<", x, self.constant(0.0)), e, self.constant(1.0))
        return b.fdiv(above, b.fadd(self.constant(1.0), e))

    def softplus(self, x: Value) -> Value:
        """max(x, 0) + log(1 + exp(-|x|))."""
        b = self.builder
        tail = self.library("log1p", self.exp(b.fneg(self.intrinsic("fabs", x))))
        return b.fadd(self.intrinsic("maximum", x, self.constant(0.0)), tail)

    def normal_cdf(self, x: Value) -> Value:
        """½ erfc(-x / √2)."""
        b = self.builder
        return b.fmul(self.constant(0.5), self.library("erfc", b.fmul(x, self.constant(-1 / math.sqrt(2)))))

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

    def library(self, name: str, x: Value) -> Value:
        """A function of the C library, lane by lane."""
        name += "f" if self.precision.name == "float" else ""
        result = ir.Constant(self.type, ir.Undefined)
        for lane in range(self.lanes):
            place = ir.Constant(I32, lane)
            part = self.call(name, self.precision.type, [self.builder.extract_element(x, place)])
            result = self.builder.insert_element(result, part, place)
        return result

    def _integers(self, value: int) -> Value:
        return _Splat(self.integers, [value] * self.lanes)

    def _power_of_two(self, n: Value) -> Value:
        b = self.builder
        exponent = b.shl(
            b.add(n, self._integers(self.precision.bias)), self._integers(self.precision.mantissa)
        )
        return b.bitcast(exponent, self.type)


def _relu(v: Vectors, x: Value) -> Value:
    return v.intrinsic("maximum", x, v.constant(0.0))


def _where(v: Vectors, condition: Value, a: Value, b: Value) -> Value:
    return v.select(v.builder.fcmp_unordered("!=", condition, v.constant(0.0)), a, b)


def _clip(v: Vectors, x: Value, low: float, high: float) -> Value:
    return v.intrinsic("minimum", v.intrinsic("maximum", x, v.constant(low)), v.constant(high))


OPERATIONS: dict[str, Callable[..., Value]] = {
    "add": lambda v, a, b: v.builder.fadd(a, b, flags=("contract",)),
    "sub": lambda v, a, b: v.builder.fsub(a, b, flags=("contract",)),
    "mul": lambda v, a, b: v.builder.fmul(a, b, flags=("contract",)),
    "div": lambda v, a, b: v.builder.fdiv(a, b),
    "neg": lambda v, x: v.builder.fneg(x),
    "power": lambda v, x, exponent: v.power(x, exponent),
    "sigmoid": Vectors.sigmoid,
    "tanh": Vectors.tanh,
    "relu": _relu,
    "exp": Vectors.exp,
    "log": lambda v, x: v.library("log", x),
    "sqrt": lambda v, x: v.intrinsic("sqrt", x),
    "softplus": Vectors.softplus,
    "normal_cdf": Vectors.normal_cdf,
    "sin": lambda v, x: v.library("sin", x),
    "cos": lambda v, x: v.library("cos", x),
    "abs": lambda v, x: v.intrinsic("fabs", x),
    "sign": Vectors.sign,
    "greater": lambda v, a, b: v.compare(">", a, b),
    "greater_equal": lambda v, a, b: v.compare(">=", a, b),
    "maximum": lambda v, a, b: v.intrinsic("maximum", a, b),
    "minimum": lambda v, a, b: v.intrinsic("minimum", a, b),
    "clip": _clip,
    "where": _where,
}
