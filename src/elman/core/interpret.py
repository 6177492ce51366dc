"""The meaning of a cell: its time loop, forward and backward, in numpy. Obvious rather than fast.

Every emitter and evaluator answers to this file. Legend: T steps, B sequences, then the size of the value;
weights as they are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elman.core.ir import Backward, Node, Step, topological
from elman.core.ops import OPERATIONS

Array = NDArray[Any]


@dataclass(frozen=True)
class Forward:
    """What a forward pass leaves: outputs (T, B, ·), and the states before each step and after the last, T +
    1 of each (B, ·).
    """

    outputs: Array
    states: tuple[tuple[Array, ...], ...]

    @property
    def final(self) -> tuple[Array, ...]:
        """The states after the last step."""
        return self.states[-1]


@dataclass(frozen=True)
class Gradients:
    """∂E/∂x (T, B, I), ∂E/∂(first states), and ∂E/∂W = Σ_t of the terms of all steps for each weight."""

    x: Array
    states: tuple[Array, ...]
    params: dict[str, Array]


def evaluate(
    outputs: Iterable[Node], values: Mapping[Node, Array], sizes: Mapping[str, int]
) -> dict[Node, Array]:
    """Returns the value of every node that the outputs need, given those of the leaves."""
    known = dict(values)
    for node in topological(outputs, known):
        if node.op == "constant":
            known[node] = np.asarray(node.value)
        else:
            attributes = {name: sizes[value] if name == "size" else value for name, value in node.attributes}  # type: ignore[index]
            known[node] = OPERATIONS[node.op].meaning(*(known[arg] for arg in node.args), **attributes)
    return known


def forward(
    step: Step,
    x: Array,
    states: Sequence[Array],
    params: Mapping[str, Array],
    masks: Mapping[str, Array] | None = None,
) -> Forward:
    """Runs the cell over x (T, B, I) from its first states, each (B, ·); masks by name, each (T, B, ·)."""
    outputs: list[Array] = []
    carried = [tuple(states)]
    for t in range(len(x)):
        known = evaluate(
            step.outputs, _leaves(step, x, carried[-1], params, masks, t), _sizes(step, x, states, params)
        )
        batch = len(x[t])
        outputs.append(_whole(known[step.output], batch))
        carried.append(tuple(_whole(known[after], batch) for after in step.after))
    return Forward(np.stack(outputs), tuple(carried))


def backward(
    backward: Backward,
    x: Array,
    run: Forward,
    params: Mapping[str, Array],
    d_outputs: Array,
    d_final: Sequence[Array],
    masks: Mapping[str, Array] | None = None,
) -> Gradients:
    """Runs the backward step from the last step to the first, given ∂E/∂outputs (T, B, ·) and ∂E/∂(last
    states).
    """
    step = backward.step
    sizes = _sizes(step, x, run.final, params)
    d_states = tuple(d_final)
    d_x = np.zeros_like(x)
    d_params = {param.name: np.zeros_like(params[param.name]) for param in step.params}
    for t in reversed(range(len(x))):
        known = _leaves(step, x, run.states[t], params, masks, t)
        known[backward.d_output] = d_outputs[t]
        known.update(zip(backward.d_after, d_states, strict=True))
        known = evaluate(backward.outputs, known, sizes)
        (d_input,) = backward.d_inputs
        if d_input is not None:
            d_x[t] = known[d_input]
        for param, term in zip(step.params, backward.d_params, strict=True):
            if term is not None:
                d_params[param.name] += known[term]
        d_states = tuple(
            np.zeros_like(state) if d is None else known[d]
            for d, state in zip(backward.d_states, d_states, strict=True)
        )
    return Gradients(d_x, d_states, d_params)


def _leaves(
    step: Step,
    x: Array,
    states: Sequence[Array],
    params: Mapping[str, Array],
    masks: Mapping[str, Array] | None,
    t: int,
) -> dict[Node, Array]:
    (x_node,) = step.inputs
    return {
        x_node: x[t],
        **dict(zip(step.states, states, strict=True)),
        **{mask: (masks or {})[mask.name][t] for mask in step.masks},
        **{param: params[param.name] for param in step.params},
    }


def _sizes(step: Step, x: Array, states: Sequence[Array], params: Mapping[str, Array]) -> dict[str, int]:
    """Reads the size of every dimension off the arrays."""
    sizes = dict(zip(step.inputs[0].shape, x.shape[1:], strict=True))
    for state, value in zip(step.states, states, strict=True):
        sizes.update(zip(state.shape, value.shape, strict=True))
    for param in step.params:
        sizes.update(zip(param.shape, params[param.name].shape, strict=True))
    return sizes


def _whole(value: Array, batch: int) -> Array:
    return np.broadcast_to(value, (batch, value.shape[-1]))
