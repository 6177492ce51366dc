"""Backpropagation through time, derived: from the graph of a step to the graph of its backward step (reverse
mode).

With s_t the states after step t and E the error, the backward step computes, from what the later steps sent
back,

    δ_t = ∂E/∂s_t,   ∂E/∂s_{t-1} = (∂s_t/∂s_{t-1})ᵀ δ_t,   ∂E/∂x_t = (∂s_t/∂x_t)ᵀ δ_t,

and the term (∂⁺s_t/∂W)ᵀ δ_t that step t adds to the gradient of each weight. No state is treated as a
constant. (Werbos 1990.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from elman.core.ir import BATCH, ONE, Backward, Node, Step, topological, variable
from elman.core.ops import OPERATIONS, add, batch_sum, unit_sum


def differentiate(step: Step) -> Backward:
    """Returns the backward step of a step."""
    d_output = variable("delta_output", step.name, step.output.shape)
    d_after = tuple(
        variable("delta_after", state.name, after.shape)
        for state, after in zip(step.states, step.after, strict=True)
    )
    seeds = [(step.output, d_output), *zip(step.after, d_after, strict=True)]
    adjoint = adjoints(seeds)
    return Backward(
        step=step,
        d_output=d_output,
        d_after=d_after,
        d_inputs=tuple(adjoint.get(leaf) for leaf in step.inputs),
        d_states=tuple(adjoint.get(leaf) for leaf in step.states),
        d_params=tuple(adjoint.get(leaf) for leaf in step.params),
    )


def adjoints(seeds: Iterable[tuple[Node, Node]]) -> Mapping[Node, Node]:
    """Returns ∂E/∂n for every node n that the seeded nodes depend on; a seed is (node, ∂E/∂node), and seeds
    of one node add up.
    """
    seeds = list(seeds)
    adjoint: dict[Node, Node] = {}
    for node, delta in seeds:
        _accumulate(adjoint, node, delta)
    for node in reversed(list(topological(node for node, _ in seeds))):
        if node not in adjoint or not node.args:
            continue
        parts = OPERATIONS[node.op].derivative(adjoint[node], node, *node.args, **dict(node.attributes))
        for arg, part in zip(node.args, parts, strict=True):
            if part is not None and arg.op != "constant":
                _accumulate(adjoint, arg, _unbroadcast(part, arg))
    return adjoint


def _accumulate(adjoint: dict[Node, Node], node: Node, part: Node) -> None:
    adjoint[node] = add(adjoint[node], part) if node in adjoint else part


def _unbroadcast(part: Node, arg: Node) -> Node:
    """Sums an adjoint over the dimensions along which the operand was repeated."""
    if part.shape == arg.shape:
        return part
    if len(arg.shape) == 1 and part.batched:
        return batch_sum(part)
    if arg.shape == (BATCH, ONE) and part.batched:
        return unit_sum(part)
    raise AssertionError(f"an adjoint of shape {part.shape} does not fit {arg}")
