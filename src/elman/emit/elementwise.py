"""What each elementwise operation of the compiler becomes, on vectors of numbers in LLVM IR."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from elman.emit.logarithm import log, softplus
from elman.emit.normal import normal_cdf
from elman.emit.sine import cos, sin
from elman.emit.vector import Vectors

Value = Any


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
    "log": log,
    "sqrt": lambda v, x: v.intrinsic("sqrt", x),
    "softplus": softplus,
    "normal_cdf": normal_cdf,
    "sin": sin,
    "cos": cos,
    "abs": lambda v, x: v.intrinsic("fabs", x),
    "sign": Vectors.sign,
    "greater": lambda v, a, b: v.compare(">", a, b),
    "greater_equal": lambda v, a, b: v.compare(">=", a, b),
    "maximum": lambda v, a, b: v.intrinsic("maximum", a, b),
    "minimum": lambda v, a, b: v.intrinsic("minimum", a, b),
    "clip": _clip,
    "where": _where,
}
