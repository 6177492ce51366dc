"""What each elementwise operation of the compiler becomes in Triton, and the functions that Triton lacks, as
source text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from elman.emit.vector import PRECISIONS

HEAD = ("step", "steps", "batch", "firsts", "counts", "carried", "other")
"""What stands in front of the addresses in the table of a launch by the step: the first step, how many there
are, how many sequences; then addresses of tables: first rows and sequences of each step, carried rows.
"""
NUMBERS = {"float": "tl.float32", "double": "tl.float64"}
"""The formats of sums and of all work by element."""


def _maximum(a: str, b: str) -> str:
    return f"tl.maximum({a}, {b}, propagate_nan=tl.PropagateNan.ALL)"


def _minimum(a: str, b: str) -> str:
    return f"tl.minimum({a}, {b}, propagate_nan=tl.PropagateNan.ALL)"


def _power(x: str, exponent: int) -> str:
    product = " * ".join([x] * abs(exponent)) or "1.0"
    return f"1.0 / ({product})" if exponent < 0 else product


OPERATIONS: dict[str, Callable[..., str]] = {
    "add": lambda a, b: f"{a} + {b}",
    "sub": lambda a, b: f"{a} - {b}",
    "mul": lambda a, b: f"{a} * {b}",
    "div": lambda a, b: f"{a} / {b}",
    "neg": lambda x: f"-{x}",
    "power": _power,
    "sigmoid": lambda x: f"sigmoid({x})",
    "tanh": lambda x: f"tanh({x})",
    "relu": lambda x: _maximum(x, "0.0"),
    "exp": lambda x: f"tl.exp({x})",
    "log": lambda x: f"tl.log({x})",
    "sqrt": lambda x: f"tl.sqrt({x})",
    "softplus": lambda x: f"softplus({x})",
    "normal_cdf": lambda x: f"0.5 * (1.0 + tl.erf({x} * {math.sqrt(0.5)!r}))",
    "sin": lambda x: f"tl.sin({x})",
    "cos": lambda x: f"tl.cos({x})",
    "abs": lambda x: f"tl.abs({x})",
    "sign": lambda x: f"tl.where({x} > 0.0, 1.0, tl.where({x} < 0.0, -1.0, {x} * 0.0))",
    "greater": lambda a, b: f"tl.where({a} > {b}, 1.0, 0.0)",
    "greater_equal": lambda a, b: f"tl.where({a} >= {b}, 1.0, 0.0)",
    "maximum": _maximum,
    "minimum": _minimum,
    "clip": lambda x, low, high: _minimum(_maximum(x, repr(float(low))), repr(float(high))),
    "where": lambda condition, a, b: f"tl.where({condition} != 0.0, {a}, {b})",
}

_SIGMOID = '''
@triton.jit
def sigmoid(x):
    """1 / (1 + e) for x >= 0, e / (1 + e) for x < 0, with e = exp(-|x|), which does not overflow."""
    e = tl.exp(-tl.abs(x))
    return tl.where(x < 0.0, e, 1.0) / (1.0 + e)
'''
_TANH = '''
@triton.jit
def tanh(x):
    """A polynomial near zero, ±(1 - 2 e / (1 + e)) elsewhere, with e = exp(-2|x|)."""
    size = tl.abs(x)
    squared = x * x
    small = x + x * squared * ({polynomial})
    e = tl.exp(-2.0 * size)
    large = 1.0 - 2.0 * e / (1.0 + e)
    return tl.where(size < 0.625, small, tl.where(x < 0.0, -large, large))
'''
_SOFTPLUS = '''
@triton.jit
def softplus(x):
    """max(x, 0) + log(1 + e) with e = exp(-|x|); what is lost in 1 + e is made good (Kahan)."""
    e = tl.exp(-tl.abs(x))
    whole = 1.0 + e
    lost = tl.where(whole == 1.0, 1.0, whole - 1.0)
    return tl.maximum(x, 0.0, propagate_nan=tl.PropagateNan.ALL) + tl.where(
        whole == 1.0, e, tl.log(whole) * (e / lost)
    )
'''
_ROW_SUM = '''
@triton.jit
def row_sum(start, present, SIZE: tl.constexpr, CHUNK: tl.constexpr):
    """Σ_u x_u, (ROWS, 1); start: where the rows begin, (ROWS, 1)."""
    total = tl.zeros(start.shape, {number})
    for first in range(0, SIZE, CHUNK):
        unit = first + tl.arange(0, CHUNK)[None, :]
        x = tl.load(start + unit, mask=present & (unit < SIZE), other=0.0).to({number})
        total += tl.sum(x, 1, keep_dims=True)
    return total
'''
_ROW_RSTD = '''
@triton.jit
def row_rstd(start, present, mean, EPS: tl.constexpr, SIZE: tl.constexpr, CHUNK: tl.constexpr):
    """1 / √(variance + ε), (ROWS, 1), from the mean."""
    total = tl.zeros(start.shape, {number})
    for first in range(0, SIZE, CHUNK):
        unit = first + tl.arange(0, CHUNK)[None, :]
        inside = present & (unit < SIZE)
        x = tl.load(start + unit, mask=inside, other=0.0).to({number})
        apart = tl.where(inside, x - mean, 0.0)
        total += tl.sum(apart * apart, 1, keep_dims=True)
    return 1.0 / tl.sqrt(total / SIZE + EPS)
'''
_ROW_MAX = '''
@triton.jit
def row_max(start, present, SIZE: tl.constexpr, CHUNK: tl.constexpr):
    """The largest x_u, (ROWS, 1)."""
    most = tl.full(start.shape, float("-inf"), {number})
    for first in range(0, SIZE, CHUNK):
        unit = first + tl.arange(0, CHUNK)[None, :]
        x = tl.load(start + unit, mask=present & (unit < SIZE), other=float("-inf")).to({number})
        most = tl.maximum(most, tl.max(x, 1, keep_dims=True))
    return tl.where(present, most, 0.0)
'''
_ROW_EXP_SUM = '''
@triton.jit
def row_exp_sum(start, present, most, SIZE: tl.constexpr, CHUNK: tl.constexpr):
    """Σ_u exp(x_u - most), (ROWS, 1)."""
    total = tl.zeros(start.shape, {number})
    for first in range(0, SIZE, CHUNK):
        unit = first + tl.arange(0, CHUNK)[None, :]
        x = tl.load(start + unit, mask=present & (unit < SIZE), other=float("-inf")).to({number})
        total += tl.sum(tl.exp(x - most), 1, keep_dims=True)
    return total
'''
_ADDRESS = '''
@triton.jit
def address(table, place: tl.constexpr, kind: tl.constexpr, align: tl.constexpr):
    """Where a value stands, of which the table has the address, a multiple of `align`."""
    return tl.multiple_of(tl.load(table + place).to(tl.pointer_type(kind)), align)
'''
_MOMENT = '''
@triton.jit
def moment(table, step):
    """The first row of a step, and how many sequences take it: none where there is no such step."""
    there = (step >= 0) & (step < tl.load(table + {steps}))
    first = tl.load(address(table, {firsts}, tl.int64, 8) + step, mask=there, other=0)
    count = tl.load(address(table, {counts}, tl.int64, 8) + step, mask=there, other=0)
    return first, count
'''
_FUNCTIONS = {
    "address": _ADDRESS,
    "moment": _MOMENT,
    "sigmoid": _SIGMOID,
    "tanh": _TANH,
    "softplus": _SOFTPLUS,
    "row_sum": _ROW_SUM,
    "row_rstd": _ROW_RSTD,
    "row_max": _ROW_MAX,
    "row_exp_sum": _ROW_EXP_SUM,
}


def functions(text: str, dtype: str) -> str:
    """Returns the source of the functions that a text calls; dtype: float or double."""
    given = {name: str(place) for place, name in enumerate(HEAD)}
    given |= {"number": NUMBERS[dtype], "polynomial": _horner(PRECISIONS[dtype].tanh, "squared")}
    called = [source for name, source in _FUNCTIONS.items() if f" {name}(" in text]
    return "\n".join(source.format(**given) for source in called)


def _horner(coefficients: Sequence[float], x: str) -> str:
    *rest, text = (repr(coefficient) for coefficient in coefficients)
    for coefficient in reversed(rest):
        text = f"{coefficient} + {x} * ({text})"
    return text
