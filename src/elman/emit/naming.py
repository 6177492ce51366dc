"""Names for the values of a kernel, where its plan is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from elman.core.ir import Node
from elman.core.naming import OUTPUT_ERROR, given_names
from elman.core.notation import Quantity
from elman.core.passes.fuse import Fused
from elman.core.program import Program


def kernel_names(program: Program, outputs: Sequence[Node], fused: Fused) -> Mapping[Node, Quantity]:
    """Returns names for all values of a kernel that have a line of their own.

    outputs: those of the graph before it was fused. Values have the names that the author of the cell gave
    them, and errors are δ of these. Of the others, those computed before the loop are x1, x2, …, those kept
    for the loop backward k1, k2, …, products p1, p2, …, and what is stored or needed twice v1, v2, ….
    """
    loop, backward = program.loop, program.backward
    naming = given_names(loop)
    for letter, nodes in (("x", loop.inputs), ("k", program.kept)):
        naming.add({node: letter for node in nodes if node not in naming.quantities}, numbered=True)
    naming.set(backward.d_output, OUTPUT_ERROR)
    for error, state in zip(backward.d_after, loop.states, strict=True):
        naming.set(error, Quantity(state.name, 0, error=True))
    values = (*loop.states, *loop.inputs)
    for value, error in zip(values, (*backward.d_states, *backward.d_inputs), strict=True):
        if error is not None and error not in naming.quantities:
            name = naming.quantities[value]
            naming.set(error, Quantity(name.name, name.offset, error=True))
    for node, written in zip(outputs, fused.outputs, strict=True):
        if node in naming.quantities and written not in naming.quantities:
            naming.set(written, naming.quantities[node])
    rows = [node for stage in fused.stages for node in stage.rows]
    often = [node for node, count in Counter(fused.operands).items() if count > 1 and node.args]
    results = [result for bundle in fused.products for result in bundle.results]
    for letter, nodes in (("p", results), ("v", [*rows, *fused.stored, *often])):
        naming.add({node: letter for node in nodes if node not in naming.quantities}, numbered=True)
    return naming.quantities
