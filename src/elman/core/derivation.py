"""A cell's equations and those of its backpropagation through time, as one would write them on paper.

They are read off the graphs that run. With E = Σ_t E_t, and the error Δ_t = ∂E_t/∂y_t that enters at the
output y of step t,

    δv_t = ∂E/∂v_t                        of a value v
    δv_t = ∂E/∂a_t, where v_t = φ(a_t)    of a value v that is a function of a sum a, as gates are

(Greff et al. 2017). Values keep the names that the author of the cell gave them; what is used more than once
and has no name gets one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from elman.core.grad import adjoints, differentiate
from elman.core.ir import Node, Step, topological
from elman.core.naming import OUTPUT_ERROR, Naming, given_names
from elman.core.notation import Names, Quantity
from elman.core.passes.simplify import simplify

LONGEST = 12  # operations in one equation; beyond that, a part of it gets a name
HEAVY = ("matmul", "matmul_t", "normalize", "softmax")  # operations that are not written twice
SUMS = ("add", "sub", "matmul")


@dataclass(frozen=True)
class Equation:
    """left = right; a right side of None is zero."""

    left: Quantity
    right: Node | None


@dataclass(frozen=True)
class Derivation:
    """The equations of a step and of its backward step, each in an order in which they can be computed.

    forward: the values of step t. backward: the errors at step t, from those at t + 1. inputs: ∂E/∂x_t.
    params: for each weight W the term of step t in ∂E/∂W = Σ_t …. output: the value at which Δ_t enters.
    gates: the values whose δ is the error at the argument of their function.
    """

    names: Names
    output: Quantity
    gates: tuple[Quantity, ...]
    forward: tuple[Equation, ...]
    backward: tuple[Equation, ...]
    inputs: tuple[Equation, ...]
    params: tuple[Equation, ...]


def derive(step: Step) -> Derivation:
    """Returns the equations of a simplified step and of its backward step."""
    graph = _Graph(step)
    naming = given_names(step)
    gates = _gates(graph, naming)
    _name_errors(graph, gates, naming)
    _name_repeated(graph, naming)

    quantities = naming.quantities
    forward = [node for node in topological(author_order(step)) if node.args and node in quantities]
    backward = [
        node for node in graph.backward_order(forward) if node in quantities and node is not graph.d_output
    ]
    aliases = [
        Equation(Quantity(state.name, 0), after)
        for state, after in zip(step.states, step.after, strict=True)
        if quantities[after] != Quantity(state.name, 0)
    ]
    return Derivation(
        names=Names(quantities, graph.arriving),
        output=quantities[step.output],
        gates=tuple(quantities[node] for node in forward if node in gates),
        forward=(*(Equation(quantities[node], node) for node in forward), *aliases),
        backward=tuple(Equation(quantities[node], node) for node in backward),
        inputs=tuple(Equation(quantities[leaf], graph.errors.get(leaf)) for leaf in step.inputs),
        params=tuple(Equation(quantities[leaf], graph.errors.get(leaf)) for leaf in step.params),
    )


def author_order(step: Step) -> list[Node]:
    """Returns the values with names, in the order in which they were written, then what the step hands on."""
    values = set(topological(step.outputs))
    return [*(node for node in step.names if node in values), *step.outputs]


class _Graph:
    """The values of a step, and the error ∂E/∂v of each: both simplified.

    arriving: for ∂E/∂(state after step t), as the later steps send it back, what step t + 1 computes for it.
    """

    def __init__(self, step: Step) -> None:
        self.step = step
        backward = differentiate(step)
        self.d_output = backward.d_output
        adjoint = adjoints([(step.output, self.d_output), *zip(step.after, backward.d_after, strict=True)])
        both = (
            *step.outputs,
            *adjoint.values(),
        )  # the outputs first: the values of the step then stay as they are
        simple = dict(zip(both, simplify(both), strict=True))
        self.errors = {node: simple[error] for node, error in adjoint.items()}
        self.arriving = {
            delta: (self.errors.get(state), 1)
            for state, delta in zip(step.states, backward.d_after, strict=True)
        }
        self.values = list(topological(author_order(step)))
        self.gradients = [self.errors[leaf] for leaf in step.leaves if leaf in self.errors]

    def backward_order(self, forward: Iterable[Node]) -> list[Node]:
        """All that the gradients need beyond the values of the step: the errors of the last values first."""
        needed = set(topological(self.gradients)) - set(self.values)
        errors = [
            self.errors[node]
            for value in reversed(list(forward))
            for node in (value, *value.args)
            if node in self.errors
        ]
        return [node for node in topological([*errors, *self.gradients]) if node in needed]


def _gates(graph: _Graph, naming: Naming) -> dict[Node, Node]:
    """Returns the argument of each gate: a named function of a sum that has no name and no other use.

    Where the function's value leaves the step, or the sum has other uses, both have errors of their own:
    there the sum is named a.
    """
    uses = Counter(arg for node in graph.values for arg in node.args)
    gates: dict[Node, Node] = {}
    for node in graph.values:
        if node in naming.quantities and len(node.args) == 1 and node.op != "neg" and not node.attributes:
            (argument,) = node.args
            if argument.op in SUMS and argument.shape == node.shape and argument not in naming.quantities:
                gates[node] = argument
    others = [node for node in gates if node in graph.step.outputs or uses[gates[node]] > 1]
    naming.add({gates.pop(node): "a" for node in others})
    return gates


def _name_errors(graph: _Graph, gates: dict[Node, Node], naming: Naming) -> None:
    """Gives each named value's error the name δ of it."""
    naming.set(graph.d_output, OUTPUT_ERROR)
    for state, after, delta in zip(graph.step.states, graph.step.after, graph.arriving, strict=True):
        if not after.args or graph.errors[after] is delta:
            naming.set(delta, Quantity(state.name, 0, error=True))
    for node in reversed(graph.values):
        if node.args and node in naming.quantities:
            _name_error(graph, gates.get(node, node), naming.quantities[node], naming)


def _name_error(graph: _Graph, node: Node, quantity: Quantity, naming: Naming) -> None:
    error = graph.errors.get(node)
    if error is not None and error.args and error not in naming.quantities:
        naming.set(error, Quantity(quantity.name, 0, error=True))


def _name_repeated(graph: _Graph, naming: Naming) -> None:
    """Names what would be written more than once, and parts of what would be too long to read.

    The error of a value without a name brings the value a name too, v; what else repeats is named e.
    """
    roots = [*graph.step.outputs, *graph.gradients]
    order = list(topological(roots))
    uses = Counter([*roots, *(arg for node in order for arg in node.args)])
    subjects = {
        graph.errors[node]: node
        for node in graph.values
        if node in graph.errors and node not in naming.quantities
    }
    subjects.update((node, node) for node in graph.values)
    length: dict[Node, int] = {}
    chosen: dict[Node, None] = {}
    for node in order:
        length[node] = (2 if node.op in HEAVY else 1) + sum(length[arg] for arg in node.args)
        repeated = uses[node] > 1 and length[node] > 1
        if not node.args or node in naming.quantities or subjects.get(node) in chosen:
            length[node] = 0
        elif repeated or (length[node] > LONGEST and node.op not in SUMS):
            length[node] = 0
            chosen[subjects.get(node, node)] = None
    values = [node for node in graph.values if node in chosen]
    naming.add(dict.fromkeys(values, "v"), numbered=True)
    for node in values:
        _name_error(graph, node, naming.quantities[node], naming)
    naming.add({node: "e" for node in chosen if node not in naming.quantities}, numbered=True)
