"""What leaves the time loop: values of x alone before it, the sums of the weight gradients after it.

A sum W x + U h + b is first put in the order (W x + b) + U h, so that all of it that does not depend on a
state leaves together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from enum import IntEnum

from elman.core.ir import Backward, Node, Step, topological, variable
from elman.core.ops import add, by_element
from elman.core.rewrite import rebuild, rewrite, rewrite_step


class Varies(IntEnum):
    """With what a value changes: not at all, with the input of its step alone, or with earlier steps."""

    NEVER = 0
    WITH_INPUT = 1
    WITH_STATE = 2


def hoist_inputs(step: Step) -> tuple[tuple[Node, ...], Step]:
    """Returns the values of x alone that the rest of the step reads, and the step that remains, with those as
    its inputs.
    """
    step = _gather_sums(step)
    varies = variation(step.outputs)
    return _split(step, {node for node, what in varies.items() if what == Varies.WITH_INPUT})


def hoist_products(step: Step) -> tuple[tuple[Node, ...], Step]:
    """Returns the same, where of the values of x alone those by element stay in the step, except for what the
    others are made of, and weights added to a product.
    """
    step = _gather_sums(step)
    varies = variation(step.outputs)
    order = list(topological(step.outputs))
    before = set(step.inputs)
    for node in order:
        if varies[node] == Varies.WITH_INPUT and node.args and not by_element(node):
            before.update(topological([node]))
    for node in order:
        if node.op == "add" and node.args[0] in before and varies[node.args[1]] == Varies.NEVER:
            before.add(node)
    return _split(step, {node for node in before if varies.get(node) == Varies.WITH_INPUT})


def _split(step: Step, before: Collection[Node]) -> tuple[tuple[Node, ...], Step]:
    """Those of some values that the rest of a step reads, and that rest."""
    frontier: dict[Node, None] = {}
    for node in topological(step.outputs, known=before):
        frontier.update((arg, None) for arg in node.args if arg in before)
    frontier.update((node, None) for node in step.outputs if node in before)
    inputs = {node: variable("before", str(i), node.shape) for i, node in enumerate(frontier)}
    made = rewrite(step.outputs, lambda node: node, known=inputs)
    loop = rewrite_step(step, made)
    names = {**loop.names, **{inputs[node]: name for node, name in step.names.items() if node in inputs}}
    params = tuple(param for param in step.params if param in made)
    return tuple(frontier), replace(loop, inputs=tuple(inputs.values()), params=params, names=names)


def variation(outputs: Iterable[Node]) -> dict[Node, Varies]:
    """Returns with what each node that the outputs need varies."""
    varies: dict[Node, Varies] = {}
    for node in topological(outputs):
        if node.op == "input":
            varies[node] = Varies.WITH_INPUT if node.attribute("kind") == "x" else Varies.WITH_STATE
        else:
            varies[node] = max((varies[arg] for arg in node.args), default=Varies.NEVER)
    return varies


def hoist_gradients(backward: Backward, kept: Iterable[Node]) -> tuple[Node, ...]:
    """Returns the values of the backward loop from which, and from what was kept, the weight gradients follow
    after it.
    """
    inside = set(topological(d for d in (*backward.d_states, *backward.d_inputs) if d is not None))
    forward = set(topological(backward.step.outputs)) | set(kept)
    terms = [d for d in backward.d_params if d is not None]
    errors: dict[Node, None] = {}
    for node in topological(terms, known=(inside - forward) | forward):
        errors.update((arg, None) for arg in node.args if arg in inside and arg not in forward)
    errors.update((d, None) for d in terms if d in inside)
    deltas = {backward.d_output, *backward.d_after}
    outside = topological(terms, known=errors)
    errors.update((node, None) for node in outside if node in deltas)
    return tuple(errors)


def _gather_sums(step: Step) -> Step:
    """Reorders sums so that what varies with the input alone is added up first."""
    varies = variation(step.outputs)
    uses = Counter(arg for node in topological(step.outputs) for arg in node.args)
    uses.update(step.outputs)

    def terms(node: Node, top: bool = True) -> list[Node]:
        if node.op != "add" or (uses[node] > 1 and not top):
            return [node]
        return [term for arg in node.args for term in terms(arg, top=False)]

    made: dict[Node, Node] = {}
    for node in topological(step.outputs):
        parts = terms(node)
        early = [made.get(term, term) for term in parts if varies[term] <= Varies.WITH_INPUT]
        late = [made.get(term, term) for term in parts if varies[term] == Varies.WITH_STATE]
        mixed = late and len(early) > 1 and any(varies[term] == Varies.WITH_INPUT for term in parts)
        made[node] = add(_total(early), _total(late)) if mixed else rebuild(node, made)
    return rewrite_step(step, made)


def _total(terms: list[Node]) -> Node:
    total, *rest = sorted(
        terms, key=lambda term: len(term.shape), reverse=True
    )  # values of the step before vectors
    for term in rest:
        total = add(total, term)
    return total
