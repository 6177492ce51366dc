"""What the backward loop needs from the forward loop is kept or computed again, by cost.

The states of every step, the inputs of the loop and the masks are there anyway. A product, or a function such as tanh, costs more to
do again than to keep; sums, products by element and comparisons cost less, if all that they are made of is there.
"""

from __future__ import annotations

from collections.abc import Iterable

from elman.core.ir import LEAVES, Node, topological
from elman.core.ops import OPERATIONS


def save(outputs: Iterable[Node], leaves: Iterable[Node], gradients: Iterable[Node]) -> tuple[Node, ...]:
    """Returns the values to keep of a forward graph, from its leaves to its outputs, for a graph of its gradients."""
    forward = list(topological(outputs))
    inside = set(forward)
    gradients = tuple(gradients)
    order = [node for node in forward if node.op not in LEAVES and node.batched]
    there = set(leaves)
    demanded = {arg for node in topological(gradients) if node not in inside for arg in node.args if arg in inside}
    demanded.update(d for d in gradients if d in inside)
    kept: dict[Node, None] = {}
    for node in order:
        if node in demanded and not OPERATIONS[node.op].cheap:
            kept[node] = None
    for node in order:
        if node in demanded and node not in kept and not _follows(node, there | set(kept)):
            kept[node] = None
    return tuple(kept)


def _follows(node: Node, there: set[Node]) -> bool:
    """Whether a value can be had from those that are there by cheap operations alone."""
    if node in there or not node.batched:
        return True
    return node.op not in LEAVES and OPERATIONS[node.op].cheap and all(_follows(arg, there) for arg in node.args)
