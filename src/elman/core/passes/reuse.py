"""Which outputs of a fused graph may be written where an input stands that nobody reads any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from elman.core.ir import Node
from elman.core.passes.fuse import Block, Fused


def reuse(fused: Fused, outputs: Iterable[Node], inputs: Collection[Node]) -> dict[Node, Node]:
    """Returns for outputs the input in whose memory each may be written.

    An input is read by one block alone; an output that is made of it there, unit by unit, is written after it
    was read.
    """
    readers: dict[Node, set[Block | None]] = {}
    for stage in fused.stages:
        for node in stage.rows:
            for arg in node.args:
                readers.setdefault(arg, set()).add(None)
        for block in stage.blocks:
            for bundle in block.bundles:
                for operand in bundle.operands:
                    readers.setdefault(operand, set()).add(None)
            for node in block.nodes:
                for arg in node.args:
                    readers.setdefault(arg, set()).add(block)
    found: dict[Node, Node] = {}
    for output in outputs:
        for block in (block for stage in fused.stages for block in stage.blocks if output in block.nodes):
            below = _below(output, block)
            for given in inputs:
                last = readers.get(given) == {block} and given in below and given.shape == output.shape
                if last and given not in found.values() and output not in found:
                    found[output] = given
    return found


def _below(output: Node, block: Block) -> set[Node]:
    """What an output is made of in its block."""
    inside, found, stack = set(block.nodes), set[Node](), [output]
    while stack:
        for arg in stack.pop().args:
            if arg not in found:
                found.add(arg)
                if arg in inside:
                    stack.append(arg)
    return found
