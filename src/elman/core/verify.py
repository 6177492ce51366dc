"""What a well-formed program is; asked after every pass."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakSet

from elman.core.errors import CellError, VerificationError
from elman.core.ir import LEAVES, Backward, Node, Step, topological
from elman.core.ops import OPERATIONS, build
from elman.core.program import Program


def verify(program: Program) -> Program:
    """Returns the program as it is; VerificationError names what is wrong with it."""
    verify_step(program.step)
    verify_step(program.loop)
    if [node.shape for node in program.before] != [node.shape for node in program.loop.inputs]:
        raise VerificationError("the values computed before the loop are not those that the loop reads")
    _verify_graph(program.before, (*program.step.inputs, *program.step.params), "before the loop")
    verify_backward(program.backward)
    if program.backward.step is not program.loop:
        raise VerificationError("the backward step is not that of the loop")
    known = set(program.loop.leaves)
    for node in program.kept:
        read = {leaf for leaf in topological([node]) if leaf.op in LEAVES and leaf.op != "constant"}
        if not read <= known or node.op in LEAVES or not node.batched:
            raise VerificationError(f"{node!r} is kept, but the forward loop cannot compute it")
    inside = set(
        topological(
            node for node in (*program.backward.d_states, *program.backward.d_inputs) if node is not None
        )
    )
    for node in program.errors:
        if node not in inside or not node.batched:
            raise VerificationError(
                f"{node!r} is stored for the weight gradients, but the backward loop does not compute it"
            )
    return program


def verify_step(step: Step) -> None:
    """Raises VerificationError if a step's graph reads what is not its own, or its values have the wrong
    shapes.
    """
    if step in _well_formed_steps:
        return
    _verify_graph(step.outputs, step.leaves, step.name)
    if not step.output.batched:
        raise VerificationError(f"the output of {step.name} is not a value of the step")
    for state, after in zip(step.states, step.after, strict=True):
        if state.shape != after.shape:
            raise VerificationError(
                f"the state {state.name} has the shape {state.shape}, but {after.shape} after the step"
            )
    _well_formed_steps.add(step)


def verify_backward(backward: Backward) -> None:
    """Raises VerificationError if a gradient has another shape than what it is the gradient of."""
    if backward in _well_formed_steps:
        return
    step = backward.step
    _verify_graph(
        backward.outputs,
        (*step.leaves, backward.d_output, *backward.d_after),
        f"the backward step of {step.name}",
    )
    pairs = (
        (step.inputs, backward.d_inputs),
        (step.states, backward.d_states),
        (step.params, backward.d_params),
    )
    for values, gradients in pairs:
        for value, gradient in zip(values, gradients, strict=True):
            if gradient is not None and gradient.shape != value.shape:
                raise VerificationError(
                    f"the gradient of {value.name} {value.shape} has the shape {gradient.shape}"
                )
    _well_formed_steps.add(backward)


def _verify_graph(outputs: Iterable[Node], leaves: Iterable[Node], where: str) -> None:
    allowed = set(leaves)
    for node in topological(outputs):
        if node.op in LEAVES:
            if node.op != "constant" and node not in allowed:
                raise VerificationError(f"{where}: {node!r} does not enter the step")
        elif node not in _well_formed:
            _verify_node(node, where)
            _well_formed.add(node)


_well_formed: WeakSet[Node] = WeakSet()
_well_formed_steps: WeakSet[Step | Backward] = WeakSet()
"""What need not be looked at again, for it does not change."""


def _verify_node(node: Node, where: str) -> None:
    if node.op not in OPERATIONS:
        raise VerificationError(f"{where}: unknown operation {node.op}")
    try:
        again = build(node.op, node.args, dict(node.attributes))
    except (CellError, TypeError) as error:
        raise VerificationError(f"{where}: {node.op} is not well formed: {error}") from error
    if again is not node:
        raise VerificationError(
            f"{where}: {node.op} has the shape {node.shape}, its operands say {again.shape}"
        )
