"""Loops that are linear in their states, unit by unit: s_t = a_t ∘ s_{t-1} + b_t.

Such steps compose: (a, b), then (a', b'), is (a' a, a' b + b'), so that all of them can be taken by an
associative scan (Blelloch 1990). a and b may follow from other states, if these do not follow from this one
in turn. Every loop backward of a loop without products is of this kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from elman.core.ir import Node, constant, topological
from elman.core.ops import add, div, mul, neg, sub, where

ZERO, ONE = constant(0.0), constant(1.0)
Affine = tuple[Node, Node]
"""(a, b), for the value a ∘ s + b."""


def linear(after: Mapping[Node, Node]) -> dict[Node, Affine] | None:
    """Returns for each state (a, b) with state after = a ∘ state before + b, in an order in which each reads
    those in front of it alone; None where there are none.

    after: what becomes of each state before a step, by element.
    """
    found: dict[Node, Affine] = {}
    waiting = dict(after)
    while waiting:
        for state, value in waiting.items():
            others = set(waiting) - {state}
            pair = _affine(state, value)
            if pair is not None and not others.intersection(topological(pair)):
                found[state] = pair
                del waiting[state]
                break
        else:
            return None
    return found


def _affine(state: Node, after: Node) -> Affine | None:
    """a and b of one state, both free of it."""
    pairs: dict[Node, Affine | None] = {state: (ONE, ZERO)}
    for node in topological([after], known=[state]):
        given = [pairs[arg] for arg in node.args]
        pairs[node] = None if None in given else _through(node, [pair for pair in given if pair is not None])
    return pairs[after]


def _through(node: Node, given: Sequence[Affine]) -> Affine | None:
    """a and b of a value, from those of its operands; None where it is not linear in the state."""
    if all(a is ZERO for a, _ in given):
        return ZERO, node
    match node.op, given:
        case "neg", [(a, b)]:
            return _negative(a), _negative(b)
        case "add", [(a, b), (c, d)]:
            return _sum(a, c), _sum(b, d)
        case "sub", [(a, b), (c, d)]:
            return _difference(a, c), _difference(b, d)
        case "mul", [(a, b), (c, d)] if c is ZERO:
            return _product(a, d), _product(b, d)
        case "mul", [(a, b), (c, d)] if a is ZERO:
            return _product(c, b), _product(d, b)
        case "div", [(a, b), (c, d)] if c is ZERO:
            return _ratio(a, d), _ratio(b, d)
        case "where", [(zero, chosen), (a, b), (c, d)] if zero is ZERO:
            return where(chosen, a, c), where(chosen, b, d)
        case _:
            return None


def _sum(a: Node, b: Node) -> Node:
    return b if a is ZERO else a if b is ZERO else add(a, b)


def _difference(a: Node, b: Node) -> Node:
    return a if b is ZERO else neg(b) if a is ZERO else sub(a, b)


def _negative(a: Node) -> Node:
    return a if a is ZERO else neg(a)


def _product(a: Node, b: Node) -> Node:
    return ZERO if ZERO in (a, b) else b if a is ONE else a if b is ONE else mul(a, b)


def _ratio(a: Node, b: Node) -> Node:
    return a if a is ZERO else div(a, b)
