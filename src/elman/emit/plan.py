"""What a kernel is told: its stages, its buffers, and by which row each buffer is addressed.
Target-independent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from math import gcd

from elman.core.digest import write_down
from elman.core.ir import Node
from elman.core.passes.fuse import Bundle, Fused


class Row(Enum):
    """Which row of a buffer belongs to a sequence at a step.

    NOW: that of the step itself. CARRIED: that which the step taken before it left. OTHER: a second carried
    row, such as the states before a step while the errors are carried backwards. NONE: the buffer is the same
    for all rows.
    """

    NOW = 0
    CARRIED = 1
    OTHER = 2
    NONE = 3


@dataclass(frozen=True, eq=False)
class Buffer:
    """An array of a kernel: a value of the graph, that value rounded, in pairs (see `emit.pairs`), or the
    packed weights of a bundle for one operand.
    """

    row: Row
    node: Node | None = None
    bundle: Bundle | None = None
    operand: int = 0
    pairs: bool = False


@dataclass(frozen=True, eq=False)
class Kernel:
    """A graph with the buffers of all it reads and writes, in the order in which the compiled function takes
    them.

    pairs: the values that stand in pairs, too, if the operands of products are rounded to bfloat16.
    """

    name: str
    fused: Fused
    buffers: tuple[Buffer, ...]
    sizes: tuple[str, ...]
    pairs: tuple[Node, ...] = ()

    @cached_property
    def read_by_element(self) -> frozenset[Node]:
        """What the work beside the products reads."""
        stages = self.fused.stages
        computed = [node for stage in stages for node in stage.rows]
        computed += [node for stage in stages for block in stage.blocks for node in block.nodes]
        return frozenset(arg for node in computed for arg in node.args)


def plan(name: str, fused: Fused, leaves: Mapping[Node, Row], pairs: tuple[Node, ...] = ()) -> Kernel:
    """Returns the kernel of a fused graph; leaves: by which row each known value is addressed; pairs: none,
    or what `rounded` names.
    """
    buffers = [Buffer(leaves[node], node) for node in fused.known]
    buffers += [Buffer(Row.NOW, node) for node in fused.stored]
    buffers += [
        Buffer(Row.NONE, bundle=bundle, operand=o)
        for bundle in fused.products
        for o in range(len(bundle.operands))
    ]
    buffers += [Buffer(leaves.get(node, Row.NOW), node, pairs=True) for node in pairs]
    shapes = [buffer.node.shape for buffer in buffers if buffer.node is not None]
    sizes = dict.fromkeys(size for shape in shapes for size in shape[-1:] if size not in ("B", "1"))
    return Kernel(name, fused, tuple(buffers), tuple(sizes), pairs)


def rounded(fused: Fused, states: Sequence[Node]) -> tuple[Node, ...]:
    """Returns the values to keep in pairs: the operands of products, and the outputs that are operands of the
    next step; states: those before a step, which the first outputs follow.
    """
    operands = dict.fromkeys(operand for bundle in fused.products for operand in bundle.operands)
    after = dict(zip(states, fused.outputs, strict=False))
    return tuple(dict.fromkeys((*operands, *(after[node] for node in operands if node in after))))


def units_per_block(bundle: Bundle, vectors: int) -> int:
    """The vectors of units in a block, such that the columns of all results fill whole tiles."""
    return vectors // gcd(len(bundle.results), vectors)


def describe(kernel: Kernel) -> str:
    """Writes a kernel down to the last node, so that two kernels with the same description have the same
    code.
    """
    lines, numbers = write_down((*kernel.fused.outputs, *kernel.fused.known))
    lines = [kernel.name, " ".join(kernel.sizes), *lines]
    lines.append(f"outputs {[numbers[node] for node in kernel.fused.outputs]}")
    rows = [(numbers[b.node], b.row.name) for b in kernel.buffers if b.node is not None and b.node in numbers]
    lines.append(f"rows {rows}")
    lines.append(f"pairs {[numbers[node] for node in kernel.pairs]}")
    return "\n".join(lines)
