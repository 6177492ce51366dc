"""One row an operation: its shape rule, what it means in numpy, its derivative, how it is written.

A derivative is a function (g, y, *operands, **attributes) -> one adjoint an operand, where g = ∂E/∂y and y is
the result; None marks an operand through which no error flows. Where an operand was broadcast, `grad.py` sums
its adjoint back. The rows are also the functions that a cell's equations call: `tanh(W @ x)`.
"""

# The rows are lambdas, whose operands cannot be annotated.
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
from typing import Any

import numpy as np

from elman.core import shape_rules as rules
from elman.core.operation import OPERATIONS as OPERATIONS
from elman.core.operation import Operation as Operation
from elman.core.operation import build as build
from elman.core.operation import by_element as by_element
from elman.core.operation import row

# ---- elementwise

add = row(
    "add",
    rules.elementwise,
    np.add,
    lambda g, y, a, b: (g, g),
    text="{:sum} + {:sum}",
    form="sum",
    cheap=True,
)
sub = row(
    "sub",
    rules.elementwise,
    np.subtract,
    lambda g, y, a, b: (g, -g),
    text="{:sum} - {:matmul}",
    form="sum",
    cheap=True,
)
mul = row(
    "mul",
    rules.elementwise,
    np.multiply,
    lambda g, y, a, b: (g * b, g * a),
    text="{:product} * {:product}",
    latex=r"{:product} \circ {:product}",
    form="product",
    cheap=True,
)
div = row(
    "div",
    rules.elementwise,
    np.divide,
    lambda g, y, a, b: (g / b, -(g * y / b)),
    text="{:product} / {:power}",
    latex=r"\frac{{{}}}{{{}}}",
    form="product",
)
neg = row(
    "neg", rules.elementwise, np.negative, lambda g, y, x: (-g,), text="-{:matmul}", form="sum", cheap=True
)
power = row(
    "power",
    rules.elementwise,
    lambda x, exponent: np.power(np.asarray(x, dtype=np.result_type(x, np.float32)), exponent),
    lambda g, y, x, exponent: (g * exponent * power(x, exponent=exponent - 1),),
    text="{:atom}**{exponent}",
    latex="{{{:atom}}}^{{{exponent}}}",
    form="power",
    attributes=("exponent",),
    cheap=True,
)
sigmoid = row(
    "sigmoid",
    rules.elementwise,
    lambda x: 0.5 + 0.5 * np.tanh(0.5 * x),
    lambda g, y, x: (g * (y * (1 - y)),),
    latex=r"\sigma({})",
)
tanh = row("tanh", rules.elementwise, np.tanh, lambda g, y, x: (g * (1 - y * y),), latex=r"\tanh({})")
relu = row(
    "relu",
    rules.elementwise,
    lambda x: np.maximum(x, 0),
    lambda g, y, x: (g * (x > 0),),
    latex=r"\mathrm{{relu}}({})",
    cheap=True,
)
exp = row("exp", rules.elementwise, np.exp, lambda g, y, x: (g * y,), latex=r"\exp({})")
log = row("log", rules.elementwise, np.log, lambda g, y, x: (g / x,), latex=r"\log({})")
sqrt = row("sqrt", rules.elementwise, np.sqrt, lambda g, y, x: (g * 0.5 / y,), latex=r"\sqrt{{{}}}")
softplus = row(
    "softplus",
    rules.elementwise,
    lambda x: np.logaddexp(0, x),
    lambda g, y, x: (g * sigmoid(x),),
    latex=r"\mathrm{{softplus}}({})",
)
normal_cdf = row(
    "normal_cdf",
    rules.elementwise,
    lambda x: 0.5 * (1 + np.vectorize(math.erf, otypes=[float])(np.asarray(x) / math.sqrt(2))),
    lambda g, y, x: (g * exp(-0.5 * x * x) * (1 / math.sqrt(2 * math.pi)),),
    latex=r"\Phi({})",
)
sin = row("sin", rules.elementwise, np.sin, lambda g, y, x: (g * cos(x),), latex=r"\sin({})")
cos = row("cos", rules.elementwise, np.cos, lambda g, y, x: (-(g * sin(x)),), latex=r"\cos({})")
abs = row("abs", rules.elementwise, np.abs, lambda g, y, x: (g * sign(x),), latex=r"|{}|", cheap=True)
sign = row(
    "sign", rules.elementwise, np.sign, lambda g, y, x: (None,), latex=r"\mathrm{{sign}}({})", cheap=True
)
greater = row(  # 1 where it holds, 0 elsewhere
    "greater",
    rules.elementwise,
    lambda a, b: np.greater(a, b).astype(np.result_type(a, b, np.float32)),
    lambda g, y, a, b: (None, None),
    text="[{} > {}]",
    cheap=True,
)
greater_equal = row(
    "greater_equal",
    rules.elementwise,
    lambda a, b: np.greater_equal(a, b).astype(np.result_type(a, b, np.float32)),
    lambda g, y, a, b: (None, None),
    text="[{} >= {}]",
    latex=r"[{} \geq {}]",
    cheap=True,
)
maximum = row(  # at a tie each side takes half
    "maximum",
    rules.elementwise,
    np.maximum,
    lambda g, y, a, b: (g * (0.5 * ((a > b) + (a >= b))), g * (0.5 * ((b > a) + (b >= a)))),
    text="maximum({}, {})",
    latex=r"\max({}, {})",
    cheap=True,
)
minimum = row(
    "minimum",
    rules.elementwise,
    np.minimum,
    lambda g, y, a, b: (g * (0.5 * ((a < b) + (a <= b))), g * (0.5 * ((b < a) + (b <= a)))),
    text="minimum({}, {})",
    latex=r"\min({}, {})",
    cheap=True,
)
clip = row(
    "clip",
    rules.elementwise,
    lambda x, low, high: np.clip(x, low, high),
    lambda g, y, x, low, high: (g * ((x >= low) * (x <= high)),),
    text="clip({}, {low}, {high})",
    latex=r"\mathrm{{clip}}({}, {low}, {high})",
    attributes=("low", "high"),
    cheap=True,
)
where = row(
    "where",
    rules.elementwise,
    lambda condition, a, b: np.where(np.asarray(condition) != 0, a, b),
    lambda g, y, condition, a, b: (None, where(condition, g, 0.0), where(condition, 0.0, g)),
    text="where({}, {}, {})",
    latex=r"\mathrm{{where}}({}, {}, {})",
    cheap=True,
)

# ---- products

matmul = row(
    "matmul",
    rules.matmul,
    lambda m, v: v @ m.T,
    lambda g, y, m, v: (outer(g, v), matmul_t(m, g)),
    text="{:power} @ {:power}",
    latex=r"{:power} \, {:power}",
    form="matmul",
)
matmul_t = row(
    "matmul_t",
    rules.matmul_t,
    lambda m, v: v @ m,
    lambda g, y, m, v: (outer(v, g), matmul(m, g)),
    text="{:atom}.T @ {:power}",
    latex=r"{{{:atom}}}^\top \, {:power}",
    form="matmul",
)
outer = row(
    "outer",
    rules.outer,
    lambda a, b: a.T @ b,
    lambda g, y, a, b: (matmul(g, b), matmul_t(g, a)),
    text="{:power} @ {:atom}.T",
    latex=r"{:power} \, {{{:atom}}}^\top",
    form="matmul",
)

# ---- over the units of a value, and over the batch

unit_sum = row(
    "unit_sum",
    rules.reduced,
    lambda x: x.sum(-1, keepdims=True),
    lambda g, y, x: (broadcast(g, size=x.shape[1]),),
    text="sum({})",
    latex=r"\mathrm{{sum}}({})",
)
unit_mean = row(
    "unit_mean",
    rules.reduced,
    lambda x: x.mean(-1, keepdims=True),
    lambda g, y, x: (spread(g, size=x.shape[1]),),
    text="mean({})",
    latex=r"\mathrm{{mean}}({})",
)
# In the next two, `size` is the name of a dimension, which whoever runs the graph resolves.
broadcast = row(  # the adjoint of unit_sum: each unit gets the whole of it
    "broadcast",
    rules.spread,
    lambda x, size: np.repeat(x, size, -1),
    lambda g, y, x, size: (unit_sum(g),),
    text="ones({size}) * {:product}",
    latex=r"\mathbf{{1}}_{{{size}}} \, {:product}",
    form="product",
    attributes=("size",),
)
spread = row(  # the adjoint of unit_mean: each unit gets an equal share
    "spread",
    rules.spread,
    lambda x, size: np.repeat(x / size, size, -1),
    lambda g, y, x, size: (unit_mean(g),),
    text="ones({size}) * {:product} / {size}",
    latex=r"\mathbf{{1}}_{{{size}}} \, \frac{{{}}}{{{size}}}",
    form="product",
    attributes=("size",),
)
softmax = row(
    "softmax",
    rules.over_units,
    lambda x: (
        np.exp(x - x.max(-1, keepdims=True)) / np.exp(x - x.max(-1, keepdims=True)).sum(-1, keepdims=True)
    ),
    lambda g, y, x: (y * (g - unit_sum(g * y)),),
    latex=r"\mathrm{{softmax}}({})",
)
normalize = row(  # (x - mean) / standard deviation over the units
    "normalize",
    rules.over_units,
    lambda x, eps: (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps),
    lambda g, y, x, eps: (rstd(x, eps=eps) * (g - unit_mean(g) - y * unit_mean(g * y)),),
    text="normalize({})",
    latex=r"\mathrm{{norm}}({})",
    attributes=("eps",),
)
rstd = row(  # 1 / standard deviation over the units
    "rstd",
    rules.reduced,
    lambda x, eps: 1 / np.sqrt(x.var(-1, keepdims=True) + eps),
    lambda g, y, x, eps: (-(spread(g * y * y, size=x.shape[1]) * normalize(x, eps=eps)),),
    text="rstd({})",
    latex=r"\mathrm{{rstd}}({})",
    attributes=("eps",),
)
batch_sum = row(  # the adjoint of a vector's being the same for every sequence
    "batch_sum",
    rules.batch_sum,
    lambda x: x.sum(0),
    lambda g, y, x: (where(1.0, g, x),),
    text="{}",
    latex="{}",  # for one sequence, of which the equations speak, nothing is summed
)


# ---- written with the rows above


def gelu(x: Any) -> Any:
    """x Φ(x), Φ the normal distribution function (Hendrycks & Gimpel 2016)."""
    return x * normal_cdf(x)


def layer_norm(x: Any, gain: Any, bias: Any, *, eps: float = 1e-5) -> Any:
    """gain ∘ (x - mean(x)) / √(var(x) + eps) + bias, over the units of x (Ba, Kiros & Hinton 2016)."""
    return normalize(x, eps=eps) * gain + bias
