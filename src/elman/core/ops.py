"""One row an operation: its shape rule, what it means in numpy, its derivative, how it is written.

A derivative is a function (g, y, *operands, **attributes) -> one adjoint an operand, where g = ∂E/∂y and y is
the result; None marks an operand through which no error flows. Where an operand was broadcast, `grad.py` sums
its adjoint back. The rows are also the functions that a cell's equations call: `tanh(W @ x)`.
"""

# The rows are lambdas, whose operands cannot be annotated.
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from elman.core.errors import CellError
from elman.core.ir import BATCH, ONE, Expression, Node, Shape, node

Unify = Callable[[str, str], str]
ShapeRule = Callable[..., Shape]


@dataclass(frozen=True, eq=False)
class Operation:
    """A row of the table, callable on symbols, nodes and numbers.

    `text` and `latex` are templates with a field an operand; "{:product}" says that an operand which binds
    less than a product is put in brackets, and `form` says how the whole binds: as a sum, matmul, product,
    power or atom (see `notation.py`).
    """

    name: str
    shape: ShapeRule
    meaning: Callable[..., Any]
    derivative: Callable[..., tuple[Any, ...]]
    text: str
    latex: str
    form: str = "atom"
    attributes: tuple[str, ...] = ()
    cheap: bool = False
    """Whether doing it again costs less than keeping its result."""

    @property
    def operands(self) -> int:
        """How many operands it takes."""
        return self.derivative.__code__.co_argcount - 2 - len(self.attributes)

    def __call__(self, *operands: Any, **attributes: Any) -> Any:
        for operand in operands:
            if isinstance(operand, Expression):
                return operand.apply(self.name, operands, attributes)
        return float(self.meaning(*operands, **attributes))

    def __repr__(self) -> str:
        return self.name


OPERATIONS: dict[str, Operation] = {}


def _row(
    name: str,
    shape: ShapeRule,
    meaning: Callable[..., Any],
    derivative: Callable[..., tuple[Any, ...]],
    **rest: Any,
):
    text = rest.pop("text", name + "({})")
    operation = Operation(name, shape, meaning, derivative, text, rest.pop("latex", text), **rest)
    OPERATIONS[name] = operation
    return operation


def build(op: str, args: tuple[Node, ...], attributes: Mapping[str, object]) -> Node:
    """Returns the node `op(*args)`; CellError where the shapes do not fit."""
    shape = OPERATIONS[op].shape(_equal, *(arg.shape for arg in args), **attributes)
    return node(op, args, tuple(sorted(attributes.items())), shape)


def _equal(left: str, right: str) -> str:
    if left != right:
        raise CellError(f"sizes {left} and {right} differ")
    return left


# ---- shape rules: (unify, *shapes, **attributes) -> shape
# -------------------------------------------------------------


def _elementwise(unify: Unify, *shapes: Shape, **attributes: object) -> Shape:
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


def _matmul(unify: Unify, matrix: Shape, value: Shape) -> Shape:
    unify(matrix[1], _batched(value))
    return BATCH, matrix[0]


def _matmul_t(unify: Unify, matrix: Shape, value: Shape) -> Shape:
    unify(matrix[0], _batched(value))
    return BATCH, matrix[1]


def _outer(unify: Unify, left: Shape, right: Shape) -> Shape:
    return _batched(left), _batched(right)


def _over_units(unify: Unify, value: Shape, **attributes: object) -> Shape:
    return BATCH, _batched(value)


def _reduced(unify: Unify, value: Shape, **attributes: object) -> Shape:
    _batched(value)
    return BATCH, ONE


def _spread(unify: Unify, value: Shape, *, size: str) -> Shape:
    unify(_batched(value), ONE)
    return BATCH, size


def _batch_sum(unify: Unify, value: Shape) -> Shape:
    return (_batched(value),)


# ---- elementwise
# ------------------------------------------------------------------------------------------------------

add = _row(
    "add", _elementwise, np.add, lambda g, y, a, b: (g, g), text="{:sum} + {:sum}", form="sum", cheap=True
)
sub = _row(
    "sub",
    _elementwise,
    np.subtract,
    lambda g, y, a, b: (g, -g),
    text="{:sum} - {:matmul}",
    form="sum",
    cheap=True,
)
mul = _row(
    "mul",
    _elementwise,
    np.multiply,
    lambda g, y, a, b: (g * b, g * a),
    text="{:product} * {:product}",
    latex=r"{:product} \circ {:product}",
    form="product",
    cheap=True,
)
div = _row(
    "div",
    _elementwise,
    np.divide,
    lambda g, y, a, b: (g / b, -(g * y / b)),
    text="{:product} / {:power}",
    latex=r"\frac{{{}}}{{{}}}",
    form="product",
)
neg = _row("neg", _elementwise, np.negative, lambda g, y, x: (-g,), text="-{:matmul}", form="sum", cheap=True)
power = _row(
    "power",
    _elementwise,
    lambda x, exponent: np.power(np.asarray(x, dtype=np.result_type(x, np.float32)), exponent),
    lambda g, y, x, exponent: (g * exponent * power(x, exponent=exponent - 1),),
    text="{:atom}**{exponent}",
    latex="{{{:atom}}}^{{{exponent}}}",
    form="power",
    attributes=("exponent",),
    cheap=True,
)
sigmoid = _row(
    "sigmoid",
    _elementwise,
    lambda x: 0.5 + 0.5 * np.tanh(0.5 * x),
    lambda g, y, x: (g * (y * (1 - y)),),
    latex=r"\sigma({})",
)
tanh = _row("tanh", _elementwise, np.tanh, lambda g, y, x: (g * (1 - y * y),), latex=r"\tanh({})")
relu = _row(
    "relu",
    _elementwise,
    lambda x: np.maximum(x, 0),
    lambda g, y, x: (g * (x > 0),),
    latex=r"\mathrm{{relu}}({})",
    cheap=True,
)
exp = _row("exp", _elementwise, np.exp, lambda g, y, x: (g * y,), latex=r"\exp({})")
log = _row("log", _elementwise, np.log, lambda g, y, x: (g / x,), latex=r"\log({})")
sqrt = _row("sqrt", _elementwise, np.sqrt, lambda g, y, x: (g * 0.5 / y,), latex=r"\sqrt{{{}}}")
softplus = _row(
    "softplus",
    _elementwise,
    lambda x: np.logaddexp(0, x),
    lambda g, y, x: (g * sigmoid(x),),
    latex=r"\mathrm{{softplus}}({})",
)
normal_cdf = _row(
    "normal_cdf",
    _elementwise,
    lambda x: 0.5 * (1 + np.vectorize(math.erf, otypes=[float])(np.asarray(x) / math.sqrt(2))),
    lambda g, y, x: (g * exp(-0.5 * x * x) * (1 / math.sqrt(2 * math.pi)),),
    latex=r"\Phi({})",
)
sin = _row("sin", _elementwise, np.sin, lambda g, y, x: (g * cos(x),), latex=r"\sin({})")
cos = _row("cos", _elementwise, np.cos, lambda g, y, x: (-(g * sin(x)),), latex=r"\cos({})")
abs = _row("abs", _elementwise, np.abs, lambda g, y, x: (g * sign(x),), latex=r"|{}|", cheap=True)
sign = _row("sign", _elementwise, np.sign, lambda g, y, x: (None,), latex=r"\mathrm{{sign}}({})", cheap=True)
greater = _row(  # 1 where it holds, 0 elsewhere
    "greater",
    _elementwise,
    lambda a, b: np.greater(a, b).astype(np.result_type(a, b, np.float32)),
    lambda g, y, a, b: (None, None),
    text="[{} > {}]",
    cheap=True,
)
greater_equal = _row(
    "greater_equal",
    _elementwise,
    lambda a, b: np.greater_equal(a, b).astype(np.result_type(a, b, np.float32)),
    lambda g, y, a, b: (None, None),
    text="[{} >= {}]",
    latex=r"[{} \geq {}]",
    cheap=True,
)
maximum = _row(  # at a tie each side takes half
    "maximum",
    _elementwise,
    np.maximum,
    lambda g, y, a, b: (g * (0.5 * ((a > b) + (a >= b))), g * (0.5 * ((b > a) + (b >= a)))),
    text="maximum({}, {})",
    latex=r"\max({}, {})",
    cheap=True,
)
minimum = _row(
    "minimum",
    _elementwise,
    np.minimum,
    lambda g, y, a, b: (g * (0.5 * ((a < b) + (a <= b))), g * (0.5 * ((b < a) + (b <= a)))),
    text="minimum({}, {})",
    latex=r"\min({}, {})",
    cheap=True,
)
clip = _row(
    "clip",
    _elementwise,
    lambda x, low, high: np.clip(x, low, high),
    lambda g, y, x, low, high: (g * ((x >= low) * (x <= high)),),
    text="clip({}, {low}, {high})",
    latex=r"\mathrm{{clip}}({}, {low}, {high})",
    attributes=("low", "high"),
    cheap=True,
)
where = _row(
    "where",
    _elementwise,
    lambda condition, a, b: np.where(np.asarray(condition) != 0, a, b),
    lambda g, y, condition, a, b: (None, where(condition, g, 0.0), where(condition, 0.0, g)),
    text="where({}, {}, {})",
    latex=r"\mathrm{{where}}({}, {}, {})",
    cheap=True,
)

# ---- products
# -----------------------------------------------------------------------------------------------------------

matmul = _row(
    "matmul",
    _matmul,
    lambda m, v: v @ m.T,
    lambda g, y, m, v: (outer(g, v), matmul_t(m, g)),
    text="{:power} @ {:power}",
    latex=r"{:power} \, {:power}",
    form="matmul",
)
matmul_t = _row(
    "matmul_t",
    _matmul_t,
    lambda m, v: v @ m,
    lambda g, y, m, v: (outer(v, g), matmul(m, g)),
    text="{:atom}.T @ {:power}",
    latex=r"{{{:atom}}}^\top \, {:power}",
    form="matmul",
)
outer = _row(
    "outer",
    _outer,
    lambda a, b: a.T @ b,
    lambda g, y, a, b: (matmul(g, b), matmul_t(g, a)),
    text="{:power} @ {:atom}.T",
    latex=r"{:power} \, {{{:atom}}}^\top",
    form="matmul",
)

# ---- over the units of a value, and over the batch
# ------------------------------------------------------------------------

unit_sum = _row(
    "unit_sum",
    _reduced,
    lambda x: x.sum(-1, keepdims=True),
    lambda g, y, x: (broadcast(g, size=x.shape[1]),),
    text="sum({})",
    latex=r"\mathrm{{sum}}({})",
)
unit_mean = _row(
    "unit_mean",
    _reduced,
    lambda x: x.mean(-1, keepdims=True),
    lambda g, y, x: (spread(g, size=x.shape[1]),),
    text="mean({})",
    latex=r"\mathrm{{mean}}({})",
)
# In the next two, `size` is the name of a dimension, which whoever runs the graph resolves.
broadcast = _row(  # the adjoint of unit_sum: each unit gets the whole of it
    "broadcast",
    _spread,
    lambda x, size: np.repeat(x, size, -1),
    lambda g, y, x, size: (unit_sum(g),),
    text="ones({size}) * {:product}",
    latex=r"\mathbf{{1}}_{{{size}}} \, {:product}",
    form="product",
    attributes=("size",),
)
spread = _row(  # the adjoint of unit_mean: each unit gets an equal share
    "spread",
    _spread,
    lambda x, size: np.repeat(x / size, size, -1),
    lambda g, y, x, size: (unit_mean(g),),
    text="ones({size}) * {:product} / {size}",
    latex=r"\mathbf{{1}}_{{{size}}} \, \frac{{{}}}{{{size}}}",
    form="product",
    attributes=("size",),
)
softmax = _row(
    "softmax",
    _over_units,
    lambda x: (
        np.exp(x - x.max(-1, keepdims=True)) / np.exp(x - x.max(-1, keepdims=True)).sum(-1, keepdims=True)
    ),
    lambda g, y, x: (y * (g - unit_sum(g * y)),),
    latex=r"\mathrm{{softmax}}({})",
)
normalize = _row(  # (x - mean) / standard deviation over the units
    "normalize",
    _over_units,
    lambda x, eps: (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps),
    lambda g, y, x, eps: (rstd(x, eps=eps) * (g - unit_mean(g) - y * unit_mean(g * y)),),
    text="normalize({})",
    latex=r"\mathrm{{norm}}({})",
    attributes=("eps",),
)
rstd = _row(  # 1 / standard deviation over the units
    "rstd",
    _reduced,
    lambda x, eps: 1 / np.sqrt(x.var(-1, keepdims=True) + eps),
    lambda g, y, x, eps: (-(spread(g * y * y, size=x.shape[1]) * normalize(x, eps=eps)),),
    text="rstd({})",
    latex=r"\mathrm{{rstd}}({})",
    attributes=("eps",),
)
batch_sum = _row(  # the adjoint of a vector's being the same for every sequence
    "batch_sum",
    _batch_sum,
    lambda x: x.sum(0),
    lambda g, y, x: (where(1.0, g, x),),
    text="{}",
    latex="{}",  # for one sequence, of which the equations speak, nothing is summed
)


# ---- written with the rows above
# ------------------------------------------------------------------------------------------


def gelu(x: Any) -> Any:
    """x Φ(x), Φ the normal distribution function (Hendrycks & Gimpel 2016)."""
    return x * normal_cdf(x)


def layer_norm(x: Any, gain: Any, bias: Any, *, eps: float = 1e-5) -> Any:
    """gain ∘ (x - mean(x)) / √(var(x) + eps) + bias, over the units of x (Ba, Kiros & Hinton 2016)."""
    return normalize(x, eps=eps) * gain + bias
