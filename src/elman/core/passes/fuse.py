"""What a step is made of for a kernel: stages, each the products that are ready, then the elementwise work
that follows from them.

Value by value: a product, and an operation over all units of a row (a sum, a normalisation), can start only
when its operand is complete, so it opens a new stage; an elementwise operation joins the latest stage of its
operands. An LSTM has one stage, a GRU with the reset before the product has two, a scan such as minGRU has
one without a product.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from elman.core.ir import LEAVES, Node, topological
from elman.core.ops import add
from elman.core.rewrite import rebuild

PRODUCTS = ("matmul", "matmul_t")
Sums = dict[Node, tuple[Node, ...]]
"""The products that each sum of products adds up; a product alone is a sum of one."""
ROW_OPERATIONS = ("unit_sum", "unit_mean", "rstd", "normalize", "softmax")


@dataclass(frozen=True, eq=False)
class Bundle:
    """Products computed together: result g is Σ_o M_og v_o (or M_ogᵀ v_o), all results of one size and of the
    same operands.
    """

    results: tuple[Node, ...]
    operands: tuple[Node, ...]
    terms: tuple[tuple[Node, ...], ...]
    """The product nodes, terms[o][g]."""


@dataclass(frozen=True, eq=False)
class Block:
    """Work over the units of one size: the products, then the elementwise nodes, in order."""

    size: str
    bundles: tuple[Bundle, ...]
    nodes: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Stage:
    """Operations over whole rows first, then the blocks; values of size 1 come before all others."""

    rows: tuple[Node, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, eq=False)
class Fused:
    """A graph in stages.

    known: the values given that are read. stored: those that need a buffer, because a later stage, a product
    or the caller reads them.
    """

    outputs: tuple[Node, ...]
    known: tuple[Node, ...]
    stages: tuple[Stage, ...]
    stored: tuple[Node, ...]

    @property
    def products(self) -> tuple[Bundle, ...]:
        """All bundles, in order."""
        return tuple(bundle for stage in self.stages for block in stage.blocks for bundle in block.bundles)

    @property
    def operands(self) -> tuple[Node, ...]:
        """What the stages read, each value as often as they do."""
        found = [operand for bundle in self.products for operand in bundle.operands]
        for stage in self.stages:
            computed = (*stage.rows, *(node for block in stage.blocks for node in block.nodes))
            found += [arg for node in computed for arg in node.args]
        return tuple(found)


def fuse(outputs: Sequence[Node], known: Iterable[Node]) -> Fused:
    """Returns the stages that compute the outputs from the values known, which all have buffers."""
    known = tuple(known)
    outputs, sums = _gather_products(outputs, known)
    order = _order(outputs, known, sums)
    sums = {node: sums[node] for node in order if node in sums}
    computed = [node for node in order if node.op not in LEAVES]
    level = _late(computed, outputs, sums, _early(order, known, sums))
    numbers = sorted({level[node] for node in computed})
    stages = [_stage([node for node in computed if level[node] == number], sums) for number in numbers]
    read = {arg for node in computed for arg in _operands(node, sums)}
    known = tuple(node for node in known if node in read)
    return Fused(outputs, known, tuple(stages), _stored(outputs, computed, sums, level))


def _order(outputs: Sequence[Node], known: Sequence[Node], sums: Sums) -> list[Node]:
    """The nodes needed, operands first; a sum of products needs the operands of its products only."""
    order: dict[Node, None] = {}
    stack = [(output, False) for output in reversed(outputs)]
    while stack:
        node, expanded = stack.pop()
        if expanded:
            order[node] = None
        elif node not in order and node not in known:
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(_operands(node, sums)))
    return list(order)


def _operands(node: Node, sums: Sums) -> tuple[Node, ...]:
    return tuple(term.args[1] for term in sums[node]) if node in sums else node.args


def _opens_stage(node: Node, sums: Sums) -> bool:
    return node in sums or node.op in ROW_OPERATIONS


def _early(order: Sequence[Node], known: Sequence[Node], sums: Sums) -> dict[Node, int]:
    """The first stage in which each value can be computed."""
    level = dict.fromkeys(known, 0)
    for node in order:
        level[node] = max((level[arg] for arg in _operands(node, sums)), default=0) + _opens_stage(node, sums)
    return level


def _late(
    computed: Sequence[Node], outputs: Sequence[Node], sums: Sums, early: dict[Node, int]
) -> dict[Node, int]:
    """The stage of each value: elementwise work waits for the first stage that reads it, so that it needs no
    buffer.
    """
    level = dict(early)
    users: dict[Node, list[Node]] = {}
    for node in computed:
        for arg in _operands(node, sums):
            users.setdefault(arg, []).append(node)
    for node in reversed(computed):
        if not _opens_stage(node, sums) and node not in outputs:
            level[node] = min(level[user] - _opens_stage(user, sums) for user in users[node])
    return level


def _stage(nodes: list[Node], sums: Sums) -> Stage:
    rows = tuple(node for node in nodes if node.op in ROW_OPERATIONS)
    sizes = dict.fromkeys(node.shape[-1] for node in nodes if node not in rows)
    blocks = [
        Block(
            size,
            _bundles([node for node in nodes if node in sums and node.shape[-1] == size], sums),
            tuple(
                node for node in nodes if node not in sums and node not in rows and node.shape[-1:] == (size,)
            ),
        )
        for size in sorted(sizes, key=lambda size: size != "1")
    ]
    return Stage(rows, tuple(blocks))


def _bundles(results: list[Node], sums: Sums) -> tuple[Bundle, ...]:
    together: dict[tuple[Node, ...], list[Node]] = {}
    for result in results:
        together.setdefault(tuple(term.args[1] for term in sums[result]), []).append(result)
    return tuple(
        Bundle(
            tuple(group),
            operands,
            tuple(tuple(sums[result][o] for result in group) for o in range(len(operands))),
        )
        for operands, group in together.items()
    )


def _stored(
    outputs: tuple[Node, ...], computed: list[Node], sums: Sums, level: dict[Node, int]
) -> tuple[Node, ...]:
    read: set[Node] = set(outputs)
    for node in computed:
        if node in sums:
            read.update(term.args[1] for term in sums[node])
        elif node.op in ROW_OPERATIONS:
            read.update((node, *node.args))
        else:
            crossing = (arg for arg in node.args if level[arg] < level[node] or arg.shape != node.shape)
            read.update(crossing)
    return tuple(node for node in computed if node in read and node.batched)


def _gather_products(outputs: Sequence[Node], known: Sequence[Node]) -> tuple[tuple[Node, ...], Sums]:
    """Rewrites sums so that their products are added up first; returns each result with the products it is
    the sum of.
    """
    order = list(topological(outputs, known=known))
    uses = Counter(arg for node in order for arg in node.args)
    uses.update(outputs)
    made: dict[Node, Node] = {node: node for node in known}
    sums: Sums = {}

    def leaves(node: Node, top: bool = True) -> list[Node]:
        if node.op != "add" or node in known or (uses[node] > 1 and not top):
            return [node]
        return [leaf for arg in node.args for leaf in leaves(arg, top=False)]

    for node in order:
        made[node] = rebuild(node, made)
        if node.op in PRODUCTS:
            sums[made[node]] = (made[node],)
        terms = [
            leaf for leaf in leaves(node) if leaf.op in PRODUCTS and leaf not in known and uses[leaf] == 1
        ]
        if len(terms) > 1:
            products = tuple(made[term] for term in terms)
            total = products[0]
            for product in products[1:]:
                total = add(total, product)
            sums[total] = products
            rest = [made[leaf] for leaf in leaves(node) if leaf not in terms]
            for value in rest:
                total = add(total, value)
            made[node] = total
    return tuple(made[output] for output in outputs), sums
