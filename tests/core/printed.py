"""Runs what `elman show` prints: equations near enough to Python to be asked whether they are true.

One sequence, whose values are columns (n, 1). The functions are written anew here, with numpy alone.
"""

import ast
import math
import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from elman.core.notation import Section
from tests.core.problem import SIZES, Problem

BEFORE, AFTER = "__before", "__after"
EPS = 0.1


class Zero:
    """What every δ beyond the last step is: zero, of whatever shape is asked for."""

    __array_ufunc__ = None
    T = property(lambda self: self)

    def __add__(self, other: Any) -> Any:
        return other

    def __sub__(self, other: Any) -> Any:
        return -other

    def __rsub__(self, other: Any) -> Any:
        return other

    def _zero(self, *_: object) -> "Zero":
        return self

    __radd__ = __add__
    __mul__ = __rmul__ = __matmul__ = __rmatmul__ = __truediv__ = __neg__ = _zero


class Weights:
    """A family of weights as the equations write it: W.f, R[0].h."""

    def __init__(self, arrays: dict[str, Any], name: str) -> None:
        self._arrays, self._name = arrays, name

    def __getattr__(self, member: str) -> Any:
        name = f"{self._name}.{member}"
        return self._arrays[name] if name in self._arrays else Weights(self._arrays, name)

    def __getitem__(self, member: int) -> Any:
        return getattr(self, str(member))


def _linear(function: Any) -> Any:
    return lambda value: value if isinstance(value, Zero) else function(value)


def _where(condition: Any, a: Any, b: Any) -> Any:
    return np.where(
        condition != 0, *(np.float64(0) if isinstance(value, Zero) else value for value in (a, b))
    )


def _normalize(x: Any) -> Any:
    return (x - x.mean(0)) / np.sqrt(((x - x.mean(0)) ** 2).mean(0) + EPS)


def _softmax(x: Any) -> Any:
    return np.exp(x) / np.exp(x).sum(0)


FUNCTIONS: dict[str, Any] = {
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "relu": lambda x: x * (x > 0),
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "normal_cdf": np.vectorize(lambda x: 0.5 * math.erfc(-x / math.sqrt(2))),
    "sin": np.sin,
    "cos": np.cos,
    "abs": np.abs,
    "sign": np.sign,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "clip": np.clip,
    "where": _where,
    "softmax": _softmax,
    "normalize": _normalize,
    "rstd": lambda x: 1 / np.sqrt(((x - x.mean(0)) ** 2).mean(0, keepdims=True) + EPS),
    "sum": _linear(lambda x: x.sum(0, keepdims=True)),
    "mean": _linear(lambda x: x.mean(0, keepdims=True)),
    "ones": lambda size: np.ones((size, 1)),
    "number": np.float64,
    "holds": lambda truth: np.asarray(truth, dtype=float),
    **SIZES,
}


class _Mathematics(ast.NodeTransformer):
    """Reads [a > b] as 1 where it holds and 0 elsewhere (Iverson's brackets), and 3 as a real number."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Call(ast.Name("number", ast.Load()), [node], [])

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return node  # a weight by its number

    def visit_List(self, node: ast.List) -> ast.AST:
        self.generic_visit(node)
        return ast.Call(ast.Name("holds", ast.Load()), node.elts, [])


def compute(equation: str, known: dict[str, Any]) -> Any:
    """Returns the value of an expression as it is printed."""
    python = re.sub(r"_\{t-1\}", BEFORE, re.sub(r"_\{t\+1\}", AFTER, equation))
    tree = ast.fix_missing_locations(_Mathematics().visit(ast.parse(python.strip(), mode="eval")))
    return eval(compile(tree, equation, "eval"), {"__builtins__": {}}, {**FUNCTIONS, **known})


class Page:
    """The equations that are shown of a cell, with numbers."""

    def __init__(self, sections: Iterable[Section], problem: Problem) -> None:
        self.problem = problem
        self._equations = {
            section.heading: [
                tuple(equation.split(" = ", 1)) for equation in section.equations if " = " in equation
            ]
            for section in sections
        }
        self._states = [state.name for state in problem.step.states]
        arrays = {
            name: value if value.ndim == 2 else value[:, None] for name, value in problem.params.items()
        }
        roots = {name.partition(".")[0] for name in arrays}
        self._weights = {root: arrays.get(root, Weights(arrays, root)) for root in roots}
        self.values = self._forward()

    def _forward(self) -> list[dict[str, Any]]:
        """Returns the values of each step by their names, such as x_t and h__before."""
        values: list[dict[str, Any]] = []
        state = {name: value.T for name, value in zip(self._states, self.problem.states, strict=True)}
        for t, x in enumerate(self.problem.x):
            now: dict[str, Any] = {f"{mask}_t": array[t].T for mask, array in self.problem.masks.items()}
            now |= {"x_t": x.T, **{name + BEFORE: value for name, value in state.items()}}
            for left, right in self._equations["Forward"]:
                now[left] = compute(right, {**self._weights, **now})
            values.append(now)
            state = {name: now[f"{name}_t"] for name in self._states}
        return values

    def gradients(self) -> dict[str, Any]:
        """Returns the gradients of x, of the weights, and of the states before the first step."""
        gradients: dict[str, Any] = {"x": np.zeros_like(self.problem.x)}
        later: dict[str, Any] = {}
        for t in reversed(range(len(self.values))):
            now = self._at(t, later) | {"Δ_t": self.problem.weights[t].T}
            for left, right in self._equations["Backward"]:
                now[left] = compute(right, now)
            for left, right in self._equations["Gradients"]:
                self._add(gradients, t, left, compute(right.removeprefix("Σ_t "), now))
            later = now
        # What arrives at the first states comes from step 1 alone.
        deltas = [left for left, _ in self._equations["Backward"]]
        now = self._at(-1, later) | dict.fromkeys(["Δ_t", *deltas], Zero())
        arriving = {left: compute(right, now) for left, right in self._equations["Backward"]}
        return gradients | {
            f"state {name}": arriving[f"δ{name}_t"] for name in self._states if f"δ{name}_t" in arriving
        }

    def _at(self, t: int, later: dict[str, Any]) -> dict[str, Any]:
        """Returns what the equations of step t read; beyond the last step any value will do, as δ is 0."""
        nothing = dict.fromkeys(["Δ_t", *(left for left, _ in self._equations["Backward"])], Zero())
        following = nothing | self.values[-1] | later
        now = self._weights | self.values[max(t, 0)]
        if t < 0:
            now |= {f"{name}_t": now[name + BEFORE] for name in self._states}
        return now | {
            f"{name.removesuffix('_t')}{AFTER}": value
            for name, value in following.items()
            if name.endswith("_t")
        }

    def _add(self, gradients: dict[str, Any], t: int, left: str, term: Any) -> None:
        name = re.sub(r"\[(\d+)\]", r".\1", left.removeprefix("∂E/∂"))
        if isinstance(term, Zero):
            term = np.zeros(1)
        if name == "x_t":
            gradients["x"][t] = np.asarray(term).T
        else:
            gradients[name] = gradients.get(name, 0) + term
