"""Names for the values of a step: those that the author of the cell gave, and new ones where a name helps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import count

from elman.core.ir import Node, Step, topological
from elman.core.notation import Quantity

OUTPUT_ERROR = Quantity("Δ", 0)


class Naming:
    """Names that tell the values of a step apart: `quantities`, by node."""

    def __init__(self) -> None:
        self.quantities: dict[Node, Quantity] = {}
        self._taken = {OUTPUT_ERROR.name}

    def set(self, node: Node, quantity: Quantity) -> None:
        """Gives a node this very name."""
        self.quantities[node] = quantity
        self._taken.add(quantity.name)

    def add(self, wanted: Mapping[Node, str], *, numbered: bool = False) -> None:
        """Names nodes as wanted; with a number if the name is taken, wanted for several, or `numbered`."""
        often = Counter(wanted.values())
        for node, name in wanted.items():
            if numbered or often[name] > 1 or name in self._taken:
                name = next(f"{name}{i}" for i in count(1) if f"{name}{i}" not in self._taken)
            self.set(node, Quantity(name, 0 if _varies(node) else None))


def given_names(step: Step) -> Naming:
    """Returns the names that the author gave: to what enters the step, the states after it, and values in it.

    An output without a name is y.
    """
    naming = Naming()
    for param in step.params:
        naming.set(param, Quantity(param.name))
    for leaf in (*step.inputs, *step.masks):
        if leaf.attribute("kind") != "before":
            naming.set(leaf, Quantity(leaf.name, None if leaf.attribute("kind") == "dropout" else 0))
    for state in step.states:
        naming.set(state, Quantity(state.name, -1))
    for state, after in zip(step.states, step.after, strict=True):
        if after not in naming.quantities:
            naming.set(after, Quantity(state.name, 0))
    values = set(topological(step.outputs))
    wanted = {
        node: name for node, name in step.names.items() if node in values and node not in naming.quantities
    }
    if step.output not in naming.quantities:
        wanted.setdefault(step.output, "y")
    naming.add(wanted)
    return naming


def _varies(node: Node) -> bool:
    """Whether a value differs from step to step."""
    return any(leaf.op == "input" for leaf in topological([node]))
