"""Steps made from steps: what a layer adds to any cell, written as equations too.

The masks that these bring follow the cell's own. Their kinds say how they are drawn (`elman.nn.masks`).
"""

from __future__ import annotations

from dataclasses import replace

from elman.core.ir import BATCH, ONE, Node, Step, topological, variable
from elman.core.ops import add, matmul, mul, sub, where
from elman.core.passes.hoist import Varies, variation
from elman.core.rewrite import rebuild, rewrite, rewrite_step


def with_zoneout(step: Step) -> Step:
    """Returns a step whose units keep their old state where a mask z is 1: s_t = z ∘ s_{t-1} + (1 - z) ∘ s'_t
    (Krueger et al. 2017).

    An output that is itself a state is the zoned-out one.
    """
    masks = tuple(variable("zoneout", f"zoneout_{state.name}", state.shape) for state in step.states)
    after = tuple(
        add(mul(mask, old), mul(sub(1.0, mask), new))
        for mask, old, new in zip(masks, step.states, step.after, strict=True)
    )
    output = after[step.after.index(step.output)] if step.output in step.after else step.output
    names = {**step.names, **dict(zip(after, (f"{state.name}_zoned" for state in step.states), strict=True))}
    return replace(step, after=after, output=output, masks=(*step.masks, *masks), names=names)


def recurrent_matrices(step: Step) -> tuple[str, ...]:
    """Returns the names of the weights that multiply what depends on a state, such as U.f."""
    varies = variation(step.outputs)
    products = (node for node in topological(step.outputs) if node.op == "matmul")
    matrices = [node.args[0] for node in products if varies[node] == Varies.WITH_STATE]
    return tuple(leaf.name for leaf in topological(matrices) if leaf.op == "param" and len(leaf.shape) == 2)


def with_recurrent_dropout(step: Step) -> Step:
    """Returns a step each of whose products U @ v, v depending on a state, is U @ (m ∘ v), one mask m for
    each v (Gal & Ghahramani 2016).
    """
    varies = variation(step.outputs)
    masks: dict[Node, Node] = {}
    made: dict[Node, Node] = {}
    for node in topological(step.outputs):
        made[node] = rebuild(node, made)
        if node.op == "matmul" and varies[node] == Varies.WITH_STATE:
            matrix, value = node.args
            mask = masks.setdefault(value, variable("dropout", f"dropout_{len(masks)}", value.shape))
            made[node] = matmul(matrix, mul(mask, made[value]))
    return replace(rewrite_step(step, made), masks=(*step.masks, *masks.values()))


def with_resets(step: Step) -> Step:
    """Returns a step whose states start from zero where a mask `fresh` (B, 1) is 1: an episode or document
    begins there.
    """
    fresh = variable("reset", "fresh", (BATCH, ONE))
    zeroed = {state: where(fresh, 0.0, state) for state in step.states}
    made = rewrite(step.outputs, lambda node: node, known=zeroed)
    return replace(rewrite_step(step, made), masks=(*step.masks, fresh))
