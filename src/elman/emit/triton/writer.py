"""A stage of a step as Triton source text: a function over tiles of sequences and of units.

It takes the rows of a step from `first` on, of `count` sequences. The tables `carried` and `other` say
for each row which row of a carried value belongs to it. A tile of ROWS sequences and UNITS units computes its
products over DEPTH units at a time, then all that follows from them by element; what goes over all units of a
row, it computes for itself. Operands of products are rounded to the format of the matrix; everything else is
of one format, float32 or float64.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count

from elman.core.ir import Node
from elman.core.passes.fuse import ROW_OPERATIONS, Bundle, Fused, Stage
from elman.emit.plan import Kernel, Row
from elman.emit.triton.functions import NUMBERS, OPERATIONS, functions

TABLES = {Row.CARRIED: "carried", Row.OTHER: "other"}
TILE = ("FACTOR", "PRECISION", "ROWS", "UNITS", "DEPTH")
"""What a launch is told beside sizes: the format of factors, how float32 is multiplied, and its tile."""
_HEAD = "import triton\nimport triton.language as tl\n"
_WORDS = {"triton", "tl", "first", "count", "row", "unit", "now", "present", "inside", "depth", "start"}
_WORDS |= {"steps", "batch", "initial", "firsts", "counts", "step"}
_WORDS |= {"totals", "known", "span", "spans", "begin", "end", "earlier", "place"}
_WORDS |= {"table", "moment", "address", "passing", "stayed", "starting", "followers", "ALIGN"}
_WORDS |= {"arrived", "failed", "whole", "goal", "chunk", "block", "part", "arrive", "wait", "POLLS"}
_ENDS = ("", "_row", "_column", "_before", "_type")
"""What is put behind the name of an argument to name what belongs to it."""


@dataclass(frozen=True, eq=False)
class Launch:
    """A function of a source.

    size: of what units its tiles are, "1" where it has rows alone. arguments: what follows the place in time
    and the tables: rows with the step from one to the next, vectors, matrices with two such steps. sizes:
    those it is told. results: how many products a tile sums; depth: the sizes these go over.
    """

    name: str
    size: str
    tables: tuple[Row, ...]
    arguments: tuple[Node, ...]
    sizes: tuple[str, ...]
    results: int
    depth: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Source:
    """A module of Triton functions, to be launched in order.

    passing: the values that one launch leaves for another of the same step. addresses: what the table of a
    launch by the step holds addresses of, in order. begins: the step of the first round.
    """

    text: str
    launches: tuple[Launch, ...]
    passing: tuple[Node, ...] = ()
    addresses: tuple[Node, ...] = ()
    begins: int = 0


def module(texts: Sequence[str], dtype: str) -> str:
    """Returns the text of a module with these functions, and those that they call."""
    body = "\n\n".join(texts)
    parts = [part for part in (_HEAD, functions(body, dtype), body) if part]
    return "\n\n".join(part.strip("\n") + "\n" for part in parts)


def row_names(kernel: Kernel) -> dict[Node, str]:
    """Returns for all that is known or left what its row is called in the text."""
    return {buffer.node: _index(buffer.row) for buffer in kernel.buffers if buffer.node is not None}


def strides(node: Node) -> int:
    """How many steps an argument brings: a matrix two, rows one, a vector none."""
    return 1 if node.batched else 2 * (len(node.shape) - 1)


def _index(row: Row) -> str:
    """What the row of a value that stands in memory is called."""
    return f"{TABLES[row]}_row" if row in TABLES else "now"


def argument_names(kernel: Kernel, stored: Sequence[Node]) -> dict[Node, str]:
    """Returns what all that stands in memory is called in every launch; values computed are s1, s2, …."""
    taken = {*_WORDS, *TABLES.values(), *map(_index, TABLES), *TILE, *OPERATIONS, *kernel.sizes}
    matrices = (term.args[0] for bundle in kernel.fused.products for terms in bundle.terms for term in terms)
    names: dict[Node, str] = {}
    for node in dict.fromkeys((*kernel.fused.known, *matrices, *stored)):
        wanted = re.sub("[^0-9A-Za-z]+", "_", _called(node))
        numbered = (f"{wanted}{i}" for i in count(1))
        choices = numbered if node.args else chain([wanted], numbered)
        names[node] = next(name for name in choices if name not in taken)
        taken |= {names[node] + end for end in _ENDS}
    return names


def computed(stage: Stage) -> tuple[Node, ...]:
    """Returns all that a stage computes."""
    results = (result for block in stage.blocks for bundle in block.bundles for result in bundle.results)
    return (*stage.rows, *results, *(node for block in stage.blocks for node in block.nodes))


def crossing(fused: Fused) -> tuple[Node, ...]:
    """Returns the values that need memory: outputs, and what another stage reads, or another tile."""
    home = {node: number for number, stage in enumerate(fused.stages) for node in computed(stage)}
    read = {*fused.outputs, *(operand for bundle in fused.products for operand in bundle.operands)}
    for number, stage in enumerate(fused.stages):
        read.update(arg for node in stage.rows for arg in node.args)
        nodes = (node for block in stage.blocks for node in block.nodes)
        read.update(arg for node in nodes for arg in node.args if home.get(arg, number) < number)
    return tuple(node for node in home if node in read and node.batched)


def by_size(nodes: Sequence[Node]) -> dict[str, list[Node]]:
    """Returns values by the units of their tiles; those of size 1 are left by the first tile of a row."""
    sizes = dict.fromkeys(node.shape[-1] for node in nodes if node.shape[-1] != "1") or {"1": None}
    groups = {size: [node for node in nodes if node.shape[-1] == size] for size in sizes}
    if "1" not in groups:
        groups[next(iter(groups))] += [node for node in nodes if node.shape[-1] == "1"]
    return {size: group for size, group in groups.items() if group}


class Writer:
    """One launch while it is written: values in the order in which they are asked for."""

    time = ("first", "count")
    """The arguments that say which step it is."""
    registers: Collection[Node] = ()
    """What is known and does not stand in memory at every step."""

    def __init__(
        self,
        stage: Stage,
        places: Mapping[Node, str],
        names: Mapping[Node, str],
        known: Collection[Node],
        dtype: str,
    ) -> None:
        bundles = (bundle for block in stage.blocks for bundle in block.bundles)
        self._bundles = {result: bundle for bundle in bundles for result in bundle.results}
        self._places, self._names, self._known, self._number = places, names, known, NUMBERS[dtype]
        self._fixed: list[str] = []
        self._lines: list[str] = []
        self._values: dict[Node, str] = {}
        self._made: dict[str, str] = {}
        self._arguments: dict[Node, None] = {}
        self._sizes: dict[str, None] = {}
        self._depth: dict[str, None] = {}
        self._taken = {name + end for name in names.values() for end in _ENDS}
        self._numbers = count(1)

    def write(self, name: str, size: str, results: Sequence[Node]) -> tuple[str, Launch]:
        """Returns the text of the function that leaves some values."""
        self._size = size
        if size != "1":
            self._told(size)
        self._leave(results)
        used = {self._places[node] for node in self._arguments if node not in self.registers and node.batched}
        tables = tuple(row for row in TABLES if _index(row) in used)
        launch = Launch(
            name,
            size,
            tables,
            tuple(self._arguments),
            tuple(self._sizes),
            sum(len(bundle.results) for bundle in set(self._bundles.values())),
            tuple(self._depth),
        )
        body = self._body(launch)
        return "\n".join([*self._signature(launch), *(f"    {line}" for line in body)]) + "\n", launch

    def _leave(self, results: Sequence[Node]) -> None:
        """Writes the code for some values, and for leaving them in memory."""
        values = [(node, self._value(node)) for node in results]
        for node, value in values:
            self._store(node, value)

    def _signature(self, launch: Launch) -> list[str]:
        arguments = [*self.time, *(TABLES[row] for row in launch.tables)]
        for node in launch.arguments:
            name = self._names[node]
            arguments += [name, *(f"{name}_{way}" for way in ("row", "column")[: strides(node)])]
        arguments += [f"{name}: tl.constexpr" for name in (*launch.sizes, *TILE)]
        lines = [f"    {argument}," for argument in arguments]
        told = ", ".join(f'"{name}"' for name in self.time)
        return [f"@triton.jit(do_not_specialize=[{told}])", f"def {launch.name}(", *lines, "):"]

    def _body(self, launch: Launch) -> list[str]:
        return [*self._tile(launch), *self._fixed, *self._rows(launch), *self._lines]

    def _tile(self, launch: Launch) -> list[str]:
        lines = ["row = (tl.program_id(0) * ROWS + tl.arange(0, ROWS))[:, None]"]
        if launch.size != "1":
            lines.append("unit = (tl.program_id(1) * UNITS + tl.arange(0, UNITS))[None, :]")
        return lines

    def _rows(self, launch: Launch) -> list[str]:
        """Which rows the sequences of a tile have at a step."""
        lines = ["present = row < count", "now = (first + row).to(tl.int64)"]
        for row in launch.tables:
            lines.append(f"{_index(row)} = tl.load({TABLES[row]} + now, mask=present, other=0)")
        if launch.size != "1":
            lines.append(f"inside = present & (unit < {launch.size})")
        return lines

    def _value(self, node: Node) -> str:
        """What a value is called, having written the code for it and all that it needs."""
        if node not in self._values:
            if node.op == "constant":
                self._values[node] = _literal(node.value)
            elif node.op == "param":
                self._values[node] = self._new("v")
                self._fixed.append(f"{self._values[node]} = {self._load(node)}")
            elif node in self._known:
                self._values[node] = self._name(self._load(node))
            elif node in self._bundles:
                self._products(self._bundles[node])
            elif node.op in ROW_OPERATIONS:
                self._values[node] = self._over_row(node)
            elif node.op == "broadcast":
                self._values[node] = self._value(node.args[0])
            elif node.op == "spread":
                self._values[node] = self._name(f"{self._value(node.args[0])} / {self._told(node.shape[-1])}")
            else:
                self._values[node] = self._by_element(node)
        return self._values[node]

    def _by_element(self, node: Node) -> str:
        operands = [self._value(arg) for arg in node.args]
        if node.op == "where":  # of numbers alone, Triton would make float32
            operands = [
                f"tl.full([1, 1], {operand}, {self._number})" if arg.op == "constant" else operand
                for arg, operand in zip(node.args, operands, strict=True)
            ]
        else:
            operands = [f"({operand})" if operand.startswith("-") else operand for operand in operands]
        return self._name(OPERATIONS[node.op](*operands, **dict(node.attributes)))

    def _load(self, node: Node) -> str:
        name = self._argument(node)
        if not node.batched:
            return (
                f"tl.load({name} + unit, mask=unit < {self._told(self._size)}, other=0.0).to({self._number})"
            )
        return f"tl.load({self._address(node)}, mask={self._mask(node)}, other=0.0).to({self._number})"

    def _mask(self, node: Node) -> str:
        return "present" if node.shape[-1] == "1" else "inside"

    def _store(self, node: Node, value: str) -> None:
        if node.shape[-1] != "1":
            self._lines.append(f"tl.store({self._address(node)}, {value}, mask=inside)")
        elif self._size == "1":
            self._lines.append(f"tl.store({self._address(node)}, {value}, mask=present)")
        else:
            self._lines.append("if tl.program_id(1) == 0:")
            self._lines.append(f"    tl.store({self._address(node)}, {value}, mask=present)")

    def _address(self, node: Node) -> str:
        start = self._start(node)
        return start if node.shape[-1] == "1" else f"{start} + unit"

    def _start(self, node: Node) -> str:
        """Where the rows of a value begin."""
        name = self._argument(node)
        return f"{name} + {self._places[node]} * {name}_row"

    def _products(self, bundle: Bundle) -> None:
        """The products of one block of units, summed in place; the operand is read once for all of them."""
        number = self._number
        sums = [self._name(f"tl.zeros([ROWS, UNITS], {number})") for _ in bundle.results]
        for operand, terms in zip(bundle.operands, bundle.terms, strict=True):
            size = self._told(operand.shape[-1])
            self._depth[operand.shape[-1]] = None
            start, v, w = self._start(operand), self._new("factor"), self._new("matrix")
            self._lines += [
                f"for start in range(0, {size}, DEPTH):",
                "    depth = start + tl.arange(0, DEPTH)",
                f"    {v} = tl.load({start} + depth[None, :], "
                f"mask=present & (depth < {size})[None, :], other=0.0)",
            ]
            inside = f"(depth < {size})[:, None] & (unit < {self._told(self._size)})"
            for total, term in zip(sums, terms, strict=True):
                matrix = self._argument(term.args[0])
                ways = ("row", "column") if term.op == "matmul" else ("column", "row")
                place = f"{matrix} + unit * {matrix}_{ways[0]} + depth[:, None] * {matrix}_{ways[1]}"
                self._lines += [
                    f"    {w} = tl.load({place}, mask={inside}, other=0.0)",
                    f"    {total} = tl.dot({v}.to({w}.dtype).to(FACTOR), {w}.to(FACTOR), {total}, "
                    f"input_precision=PRECISION, out_dtype={number})",
                ]
        self._values.update(zip(bundle.results, sums, strict=True))

    def _over_row(self, node: Node) -> str:
        """An operation over all units of a row: what it needs to know of the row, then its own units."""
        (operand,) = node.args
        size = self._told(operand.shape[-1])
        row = f"{self._start(operand)}, present"
        if node.op == "softmax":
            most = self._name(f"row_max({row}, {size}, DEPTH)")
            total = self._name(f"row_exp_sum({row}, {most}, {size}, DEPTH)")
            return self._name(f"tl.exp({self._value(operand)} - {most}) / {total}")
        total = self._name(f"row_sum({row}, {size}, DEPTH)")
        if node.op == "unit_sum":
            return total
        mean = self._name(f"{total} / {size}")
        if node.op == "unit_mean":
            return mean
        eps = repr(node.attribute("eps"))
        rstd = self._name(f"row_rstd({row}, {mean}, {eps}, {size}, DEPTH)")
        if node.op == "rstd":
            return rstd
        return self._name(f"({self._value(operand)} - {mean}) * {rstd}")

    def _name(self, expression: str) -> str:
        """A new name for the value of an expression; for sums that begin at zero each time, else once."""
        if expression not in self._made or expression.startswith("tl.zeros"):
            self._made[expression] = self._new("v")
            self._lines.append(f"{self._made[expression]} = {expression}")
        return self._made[expression]

    def _new(self, letter: str) -> str:
        return next(name for i in self._numbers if (name := f"{letter}{i}") not in self._taken)

    def _argument(self, node: Node) -> str:
        self._arguments[node] = None
        return self._names[node]

    def _told(self, size: str) -> str:
        if size != "1":
            self._sizes[size] = None
        return size


def _called(node: Node) -> str:
    if node.op not in ("input", "param"):
        return "s"
    kind = node.attribute("kind") if node.op == "input" else "param"
    if kind == "delta_output":
        return "d_output"
    return {"before": "x_", "delta_after": "d_"}.get(str(kind), "") + node.name


def _literal(value: float) -> str:
    return repr(value) if abs(value) < float("inf") else f'float("{value}")'
