"""Constants folded, identities removed, common subexpressions merged; what no output needs is gone by not
being reached.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from elman.core.ir import Backward, Node, Step, constant
from elman.core.ops import OPERATIONS, add, mul, neg, sub
from elman.core.rewrite import rewrite, rewrite_step

COMMUTATIVE = frozenset({"add", "mul", "maximum", "minimum"})


def simplify(outputs: Iterable[Node]) -> tuple[Node, ...]:
    """Returns the outputs, simplified; their values stay the same for all finite operands."""
    outputs = tuple(outputs)
    made = rewrite(outputs, _Rules())
    return tuple(made[output] for output in outputs)


def simplify_step(step: Step) -> Step:
    """Returns the step with all its values simplified."""
    return rewrite_step(step, rewrite(step.outputs, _Rules()))


def simplify_backward(backward: Backward) -> Backward:
    """Returns the backward step with all its gradients simplified."""
    made = rewrite(backward.outputs, _Rules())

    def new(gradients: tuple[Node | None, ...]) -> tuple[Node | None, ...]:
        return tuple(None if gradient is None else made[gradient] for gradient in gradients)

    return replace(
        backward,
        d_inputs=new(backward.d_inputs),
        d_states=new(backward.d_states),
        d_params=new(backward.d_params),
    )


class _Rules:
    """The rule of one run: it remembers the commutative nodes it made, so that a + b and b + a become one."""

    def __init__(self) -> None:
        self._commutative: dict[tuple[str, frozenset[Node]], Node] = {}

    def __call__(self, node: Node) -> Node:
        simple = _simpler(node)
        while simple is not node:
            node, simple = simple, _simpler(simple)
        if node.op in COMMUTATIVE:
            return self._commutative.setdefault((node.op, frozenset(node.args)), node)
        return node


def _simpler(node: Node) -> Node:
    if not node.args:
        return node
    if all(arg.op == "constant" for arg in node.args) and node.shape == ():
        attributes = dict(node.attributes)
        return constant(float(OPERATIONS[node.op].meaning(*(arg.value for arg in node.args), **attributes)))
    result = _identity(node)
    return result if result.shape == node.shape else node


def _identity(node: Node) -> Node:
    first, *rest = node.args
    second = rest[0] if rest else first
    match node.op:
        case "add":
            if _is(first, 0):
                return second
            if _is(second, 0):
                return first
            if second.op == "neg":
                return sub(first, second.args[0])
            if first.op == "neg":
                return sub(second, first.args[0])
        case "sub":
            if _is(second, 0):
                return first
            if _is(first, 0):
                return neg(second)
            if second.op == "neg":
                return add(first, second.args[0])
        case "mul":
            if first.op == "constant":
                return mul(second, first)
            if _is(second, 1):
                return first
            if _is(second, -1):
                return neg(first)
            if second.op == "constant" and first.op == "mul" and first.args[1].op == "constant":
                return mul(first.args[0], second.value * first.args[1].value)
        case "div" if _is(second, 1):
            return first
        case "neg" if first.op == "neg":
            return first.args[0]
        case "power" if node.attribute("exponent") == 1:
            return first
        case "power" if node.attribute("exponent") == 2:
            return mul(first, first)
        case _:
            pass
    return node


def _is(node: Node, value: float) -> bool:
    return node.op == "constant" and node.value == value
