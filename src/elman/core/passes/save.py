"""What the backward loop needs from the forward loop is kept or computed again, by cost.

The states of every step, the inputs of the loop and the masks are there anyway. A product, or a function such
as tanh, costs more to do again than to keep; sums, products by element and comparisons cost less, if all that
they are made of is there.
"""

from __future__ import annotations

from collections.abc import Iterable

from elman.core.ir import LEAVES, Node, topological
from elman.core.ops import OPERATIONS


def save(outputs: Iterable[Node], leaves: Iterable[Node], gradients: Iterable[Node]) -> tuple[Node, ...]:
    """Returns the values to keep of a forward graph, leaves to outputs, for the graph of its gradients."""
    forward = list(topological(outputs))
    inside = set(forward)
    gradients = tuple(gradients)
    for node in topological(gradients):
        if node not in inside and node.batched and node.shape[-1] == "1" and inside.issuperset(node.args):
            forward.append(node)
            inside.add(node)
    readers = (node for node in topological(gradients) if node not in inside)
    demanded = {arg for reader in readers for arg in reader.args if arg in inside}
    demanded.update(d for d in gradients if d in inside)
    there = set(leaves)
    kept: list[Node] = []
    for node in forward:
        if node in there or not node.batched or _follows(node, there):
            there.add(node)
        elif node in demanded:
            there.add(node)
            kept.append(node)
    return tuple(kept)


def _follows(node: Node, there: set[Node]) -> bool:
    """Whether a value can be had from those that are there by one cheap operation."""
    return node.op not in LEAVES and OPERATIONS[node.op].cheap and there.issuperset(node.args)
