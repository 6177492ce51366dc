"""Rebuilding graphs: what every pass does, written once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from elman.core.ir import LEAVES, Node, Step, topological
from elman.core.ops import build


def rewrite(
    outputs: Iterable[Node], rule: Callable[[Node], Node], known: Mapping[Node, Node] | None = None
) -> dict[Node, Node]:
    """Returns what each node that the outputs need becomes when `rule` is applied to it, its operands rebuilt
    before it.

    `known` says what some nodes become; the graph behind them is not looked at.
    """
    made = dict(known or {})
    for node in topological(outputs, made):
        made[node] = rule(rebuild(node, made))
    return made


def rebuild(node: Node, made: Mapping[Node, Node]) -> Node:
    """Returns the node with its operands replaced; itself if none changed."""
    args = tuple(made[arg] for arg in node.args)
    if node.op in LEAVES or args == node.args:
        return node
    return build(node.op, args, dict(node.attributes))


def rewrite_step(step: Step, made: Mapping[Node, Node]) -> Step:
    """Returns a step whose values are replaced, under the names that its author gave them."""
    return replace(
        step,
        output=made[step.output],
        after=tuple(made[after] for after in step.after),
        names={made[node]: name for node, name in step.names.items() if node in made},
    )
