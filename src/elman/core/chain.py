"""Steps made one step: a stack of layers, and what is read off the last of them.

    x_t^l = output_t^{l-1},    scores_t = W output_t + b

What layer l calls h and W.f is here called l.h and l.W.f, and its size H is l.H, so that layers may differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from elman.core.ir import BATCH, ONE, Node, Shape, Step, constant, parameter, variable
from elman.core.ops import add, matmul
from elman.core.passes.simplify import simplify_step
from elman.core.rewrite import rewrite, rewrite_step
from elman.core.verify import verify_step

SCORES = "V"
"""The size of what is read off a stack."""


def chain(steps: Sequence[Step]) -> Step:
    """Returns the step of a stack: what enters layer l + 1 is the output of layer l.

    The first step may have any inputs, each of the others has one. The states, the masks and the weights of
    all layers are those of the result, in order.
    """
    layers: list[Step] = []
    for number, step in enumerate(steps):
        layers.append(_layer(step, number, layers[-1].output if layers else None))
    whole = replace(
        layers[0],
        name="_".join(step.name for step in steps),
        states=tuple(state for layer in layers for state in layer.states),
        masks=tuple(mask for layer in layers for mask in layer.masks),
        params=tuple(param for layer in layers for param in layer.params),
        after=tuple(after for layer in layers for after in layer.after),
        output=layers[-1].output,
        names={},
    )
    verify_step(whole)
    return whole


def with_masks_at(step: Step, values: Mapping[str, float]) -> Step:
    """Returns a step each of whose masks is a number; values: by the kind of mask."""
    numbers = {mask: constant(values[str(mask.attribute("kind"))]) for mask in step.masks}
    made = rewrite(step.outputs, lambda node: node, known=numbers)
    return simplify_step(replace(rewrite_step(step, made), masks=()))


def with_scores(step: Step, bias: bool, size: str = SCORES) -> Step:
    """Returns a step whose output is W output, of a size, and if `bias` W output + b; with the size V, the
    weights are V.W and V.b.
    """
    weight = parameter(f"{size}.W", (size, step.output.shape[1]))
    output, params = matmul(weight, step.output), (*step.params, weight)
    if bias:
        vector = parameter(f"{size}.b", (size,))
        output, params = add(output, vector), (*params, vector)
    return replace(step, output=output, params=params)


def _layer(step: Step, number: int, value: Node | None) -> Step:
    """The step under the names of its layer; value: what enters it, None where its inputs stay inputs."""
    made: dict[Node, Node] = {}
    sizes = {BATCH: BATCH, ONE: ONE}
    if value is not None:
        (x,) = step.inputs
        made[x], sizes[x.shape[1]] = value, value.shape[1]

    def shape(node: Node) -> Shape:
        return tuple(sizes.get(size, f"{number}.{size}") for size in node.shape)

    for leaf in step.leaves:
        if leaf not in made and leaf.op == "param":
            made[leaf] = parameter(f"{number}.{leaf.name}", shape(leaf))
        elif leaf not in made:
            made[leaf] = variable(str(leaf.attribute("kind")), f"{number}.{leaf.name}", shape(leaf))
    made = rewrite(step.outputs, lambda node: node, known=made)
    return replace(
        rewrite_step(step, made),
        inputs=() if value is not None else tuple(made[node] for node in step.inputs),
        states=tuple(made[node] for node in step.states),
        masks=tuple(made[node] for node in step.masks),
        params=tuple(made[node] for node in step.params),
        names={},
    )
