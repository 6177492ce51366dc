"""A loop with products as Triton source text: one launch for all steps, matrices on the chip.

A program has ROWS sequences and UNITS units for all steps. Its columns of the matrices are loaded before the
loop and stay in its multiprocessor; states that are read by element stay in registers. What a product, or an
operation over a row, reads of other programs goes through memory, and the programs of the same sequences meet
before they read it: each adds one to the counter of its group once it has left what others read, and waits
until all have before it reads theirs. In between it leaves all else, and loads what the next step is given.
Matrices that multiply the same vector stand side by side, a unit of each after the other, as one product.

Who has waited for POLLS looks at the counter without the others goes on without waiting, and without being
counted, so that nobody takes what he leaves for the truth; at the end he sets `failed`, and leaves nan in all
rows of his sequences.

Loops of this kind: Diamos et al., Persistent RNNs (2016).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from elman.core.ir import Node
from elman.core.passes.fuse import Bundle, Fused, Stage
from elman.emit.plan import Kernel
from elman.emit.triton.writer import (
    TABLES,
    Launch,
    Source,
    Writer,
    argument_names,
    by_size,
    computed,
    module,
    row_names,
)

_FUNCTIONS = """
@triton.jit
def part(place, step, inside, start: tl.constexpr, SIZE: tl.constexpr, DEPTH: tl.constexpr):
    depth = start + tl.arange(0, DEPTH)[:, None]
    return tl.load(place + depth * step, mask=inside & (depth < SIZE), other=0.0)


@triton.jit
def arrive(counter, whole):
    tl.debug_barrier()
    tl.atomic_add(counter, tl.where(whole, 1, 0), sem="release", scope="gpu")


@triton.jit
def wait(counter, goal, whole, POLLS: tl.constexpr):
    seen = tl.atomic_add(counter, 0, sem="acquire", scope="gpu")
    left = tl.where(whole, POLLS, 0)
    while (seen < goal) & (left > 0):
        seen = tl.atomic_add(counter, 0, sem="acquire", scope="gpu")
        left -= 1
    tl.debug_barrier()
    return whole & (seen >= goal)
"""
BETWEEN = 32
"""From the counter of a group to the next one, in numbers of four bytes: each has a cache line of its own."""
_COUNTER = f"arrived + tl.program_id(0) * {BETWEEN}"


@dataclass(frozen=True, eq=False)
class Resident(Launch):
    """A function that takes all steps.

    units: of what sizes its programs have units. matrices: of each matrix on the chip how many rows it has.
    meetings: how often the programs meet in a step.
    """

    units: tuple[str, ...]
    matrices: tuple[str, ...]
    meetings: int


def emit_persistent(kernel: Kernel, states: Sequence[Node], dtype: str) -> Source:
    """Returns the source of a kernel with products.

    states: those before a step, which the first outputs follow. dtype: float or double.
    """
    fused = kernel.fused
    stored = _stored(fused)
    passing = tuple(node for node in stored if node not in fused.outputs)
    places = {**row_names(kernel), **dict.fromkeys(passing, "passing")}
    blocks = tuple(block for stage in fused.stages for block in stage.blocks)
    names = argument_names(kernel, stored)
    writer = _ResidentWriter(Stage((), blocks), places, names, fused.known, dtype)
    writer.after = dict(zip(states, fused.outputs, strict=False))
    text, launch = writer.write_loop("loop", fused, stored)
    return Source(module([_FUNCTIONS, text], dtype), (launch,), passing)


def _read_by_others(fused: Fused) -> set[Node]:
    """What products and operations over a row read."""
    read = {operand for bundle in fused.products for operand in bundle.operands}
    return read | {arg for stage in fused.stages for node in stage.rows for arg in node.args}


def _stored(fused: Fused) -> tuple[Node, ...]:
    """The values that need memory: outputs, and what other programs read."""
    read = {*fused.outputs, *_read_by_others(fused)}
    found = (node for stage in fused.stages for node in computed(stage))
    return tuple(node for node in found if node in read and node.batched)


def _groups(count: int) -> Iterator[int]:
    """Powers of two that add up to a number, the largest first."""
    for bit in reversed(range(count.bit_length())):
        if count >> bit & 1:
            yield 1 << bit


class _ResidentWriter(Writer):
    """The launch of all steps while it is written."""

    time = ("steps", "batch", "initial", "firsts", "counts", "arrived", "failed")
    after: Mapping[Node, Node]

    def write_loop(self, name: str, fused: Fused, stored: Sequence[Node]) -> tuple[str, Resident]:
        """Returns the text of the function that leaves the values that need memory, at every step."""
        self._read, self._matrices, self._units = set[str](), list[str](), dict[str, None]()
        self._unseen, self._meetings = {*self.after}, 0
        self._left, self._early = None, False
        read = _read_by_others(fused)
        self._crossing = {node for node in stored if node in read}
        self._crossing |= {after for state, after in self.after.items() if state in read}
        left = [node for node in stored if node in fused.outputs]
        for stage in fused.stages:
            for size, results in by_size([node for node in computed(stage) if node in stored]).items():
                self._begin(size)
                self._leave(results)
        launch = Resident(
            name,
            next(iter(self._units), "1"),
            tuple(row for row in TABLES if f"{TABLES[row]}_row" in self._read),
            tuple(self._arguments),
            tuple(self._sizes),
            sum(len(bundle.results) for bundle in fused.products),
            tuple(self._depth),
            tuple(self._units),
            tuple(self._matrices),
            self._meetings,
        )
        if self._early:
            self._arrive()
        lines = [*self._steps(launch), *self._spoiled(left)]
        signature = self._signature(launch)
        signature.insert(-1, "    POLLS: tl.constexpr,")
        return "\n".join([*signature, *(f"    {line}" for line in lines)]) + "\n", launch

    def _begin(self, size: str) -> None:
        """Begins a part of the step over units of a size; what it loads of other parts of the graph, it loads
        before it waits for others.
        """
        self._size = size
        if size != "1":
            self._units[self._told(size)] = None
            self._lines.append(f"inside = present & (unit < {size})")
        self._front = len(self._lines)

    def _leave(self, results: Sequence[Node]) -> None:
        values = [(node, self._value(node)) for node in results]
        for node, value in sorted(values, key=lambda pair: pair[0] not in self._crossing):
            self._store(node, value)
            if node in self._crossing:
                self._unseen.add(node)
                self._left = len(self._lines)

    def _steps(self, launch: Resident) -> list[str]:
        registers = [state for state in self.after if state in self._values]
        each = ["first = tl.load(firsts + step)", "count = tl.load(counts + step)", *self._rows(launch)]
        if "passing" in self._read:  # what the step before left, others may still read
            each.append("passing = (step % 2 * batch + row).to(tl.int64)")
        follow = (
            f"{self._values[state]} = tl.where(present, {self._value(self.after[state])}, "
            f"{self._values[state]})"
            for state in registers
        )
        each += [*self._lines, *follow]
        return [
            *self._tile(launch),
            *self._fixed,
            *(f"{self._values[state]} = {self._first(state)}" for state in registers),
            "whole = steps >= 0",
            "goal = 0",
            "for step in range(steps):",
            *(f"    {line}" for line in each),
        ]

    def _rows(self, launch: Launch) -> list[str]:
        lines = ["present = row < count", "now = (first + row).to(tl.int64)"]
        for row in launch.tables:
            lines.append(f"{TABLES[row]}_row = tl.load({TABLES[row]} + now, mask=present, other=0)")
        return lines

    def _spoiled(self, left: Sequence[Node]) -> list[str]:
        """What is done where the programs did not come together: all that they leave is nan."""
        lines = []
        for node in left:
            unit, mask = "", "present"
            if node.shape[-1] != "1":
                unit, mask = " + unit", f"present & (unit < {node.shape[-1]})"
            lines.append(f'tl.store({self._start(node)}{unit}, float("nan"), mask={mask})')
        return [
            "if not whole:",
            "    tl.store(failed, 1)",
            "    for step in range(steps):",
            "        first = tl.load(firsts + step)",
            "        present = row < tl.load(counts + step)",
            "        now = (first + row).to(tl.int64)",
            "        for block in range(tl.num_programs(1)):",
            "            unit = (block * UNITS + tl.arange(0, UNITS))[None, :]",
            *(f"            {line}" for line in lines),
        ]

    def _value(self, node: Node) -> str:
        if node in self._values or node not in self._known or node.op == "param":
            return super()._value(node)
        if node in self.after:
            self._values[node] = f"{self._argument(node)}_before"
        else:
            self._values[node] = self._new("v")
            self._lines.insert(self._front, f"{self._values[node]} = {self._load(node)}")
            self._front += 1
        return self._values[node]

    def _first(self, state: Node) -> str:
        """What the register of a state holds before the first step."""
        place, mask = f"{self._names[state]} + (initial + row).to(tl.int64) * {self._names[state]}_row", ""
        if state.shape[-1] != "1":
            place, mask = f"{place} + unit", f" & (unit < {state.shape[-1]})"
        return f"tl.load({place}, mask=(row < batch){mask}, other=0.0).to({self._number})"

    def _start(self, node: Node) -> str:
        self._read.add(self._places[node])
        return super()._start(node)

    def _meet(self, operands: Sequence[Node]) -> None:
        """Waits for other programs, if they leave what is read now."""
        if self._unseen.isdisjoint(operands):
            return
        self._unseen.clear()
        self._meetings += 1
        if self._left is None:  # it was left by the step before
            self._early = True
        else:
            self._arrive()
        self._lines.append(f"whole = wait({_COUNTER}, goal, whole, POLLS)")

    def _arrive(self) -> None:
        """Says so where all is left that others read."""
        lines = ["goal += tl.num_programs(1)", f"arrive({_COUNTER}, whole)"]
        self._lines[self._left : self._left] = lines
        self._front += len(lines)
        self._left = None

    def _over_row(self, node: Node) -> str:
        self._meet(node.args)
        return super()._over_row(node)

    def _products(self, bundle: Bundle) -> None:
        self._meet(bundle.operands)
        number, total = self._number, 0
        starts = [self._start(operand) for operand in bundle.operands]
        sums = [
            (total := total + count, count, self._name(f"tl.zeros([ROWS, {count} * UNITS], {number})"))
            for count in _groups(len(bundle.results))
        ]
        for operand, start, terms in zip(bundle.operands, starts, bundle.terms, strict=True):
            size, v = self._told(operand.shape[-1]), self._new("factor")
            self._depth[size] = None
            stacks = [(name, self._stack(terms[end - count : end], size)) for end, count, name in sums]
            kind = f"{self._names[terms[0].args[0]]}.dtype.element_ty"
            self._lines += [
                f"for chunk in tl.static_range(({size} + DEPTH - 1) // DEPTH):",
                "    depth = chunk * DEPTH + tl.arange(0, DEPTH)[None, :]",
                f"    {v} = tl.load({start} + depth, mask=present & (depth < {size}), other=0.0, "
                'cache_modifier=".cg")',
                f"    {v} = {v}.to({kind}).to(FACTOR)",
                *(
                    f"    {name} = tl.dot({v}, {stack}[chunk], {name}, "
                    f"input_precision=PRECISION, out_dtype={number})"
                    for name, stack in stacks
                ),
            ]
        for end, count, name in sums:
            self._take_apart(name, count, bundle.results[end - count : end])

    def _stack(self, terms: Sequence[Node], size: str) -> str:
        """Matrices side by side, (·, UNITS × matrices), in parts of DEPTH rows; before the loop."""
        inside = f"unit < {self._told(self._size)}"
        parts = []
        for term in terms:
            matrix = self._argument(term.args[0])
            ways = ("row", "column") if term.op == "matmul" else ("column", "row")
            self._matrices.append(size)
            place = f"{matrix} + unit * {matrix}_{ways[0]}, {matrix}_{ways[1]}"
            parts.append(f"part({place}, {inside}, start, {size}, DEPTH)")
        joined = parts[0] if len(parts) == 1 else f"{_joined(parts)}.reshape([DEPTH, {len(parts)} * UNITS])"
        name = self._new("matrix")
        self._fixed += [
            f"{name} = ()",
            f"for start in tl.static_range(0, {size}, DEPTH):",
            f"    {name} += ({joined}.to(FACTOR),)",
        ]
        return name

    def _take_apart(self, name: str, count: int, results: Sequence[Node]) -> None:
        """Names the sums of matrices that stand side by side."""
        if count == 1:
            self._values[results[0]] = name
            return
        twos = ", ".join(["2"] * (count.bit_length() - 1))
        whole = self._name(f"tl.reshape({name}, [ROWS, UNITS, {twos}])")
        names = [whole]
        while len(names) < count:
            halves = [(self._new("v"), self._new("v")) for _ in names]
            for pair, value in zip(halves, names, strict=True):
                self._lines.append(f"{pair[0]}, {pair[1]} = tl.split({value})")
            names = [half for pair in halves for half in pair]
        self._values.update(zip(results, names, strict=True))


def _joined(parts: Sequence[str]) -> str:
    """An expression that joins values in pairs, as splitting one by one takes them apart."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return f"tl.join({_joined(parts[:half])}, {_joined(parts[half:])})"
