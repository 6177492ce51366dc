"""Which rows of a loop have two bytes a number where products multiply such: half is read and written.

Errors that only products read are rounded in any case, so that they may be rounded when they are written. Of
what the loop forward keeps, values between -1 and 1 are rounded: gates.
"""

from __future__ import annotations

from collections.abc import Iterable

from elman.core.ir import Node
from elman.core.passes.fuse import Fused
from elman.emit.triton.writer import computed

BOUNDED = ("sigmoid", "tanh", "normal_cdf", "sin", "cos", "sign", "softmax")


def rounded_gates(fused: Fused, kept: Iterable[Node]) -> set[Node]:
    """Returns the kept values that may be rounded."""
    read = _read_later(fused)
    return {node for node in kept if node.op in BOUNDED and node.shape[-1] != "1" and node not in read}


def rounded_errors(fused: Fused, errors: Iterable[Node]) -> set[Node]:
    """Returns the errors that may be rounded."""
    return {node for node in errors if node.shape[-1] != "1"} - _read_later(fused)


def _read_later(fused: Fused) -> set[Node]:
    """What a later stage of the step reads other than as an operand of a product."""
    home = {node: number for number, stage in enumerate(fused.stages) for node in computed(stage)}
    found: set[Node] = set()
    for number, stage in enumerate(fused.stages):
        nodes = (*stage.rows, *(node for block in stage.blocks for node in block.nodes))
        found.update(arg for node in nodes for arg in node.args if home.get(arg, number) < number)
    return found
