"""A loop as Triton source text, one launch a stage of a step.

A launch finds what it works on by a table of whole numbers on the device: HEAD, then an address for each
value. So launches that were captured once can be repeated for other tensors. The step that it takes is `step`
counted from the first one of the table on; where there is no such step, it does nothing.

Where the first stage of a step is by element alone, it is computed together with the last stage of the step
before; the rounds of such a loop begin at step -1, and its first stage at 0.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from elman.core.ir import Node
from elman.core.passes.fuse import Fused
from elman.emit.plan import Kernel
from elman.emit.triton.functions import HEAD
from elman.emit.triton.writer import (
    TABLES,
    TILE,
    Launch,
    Source,
    Writer,
    argument_names,
    by_size,
    computed,
    crossing,
    module,
    row_names,
    strides,
)


def emit_steps(kernel: Kernel, states: Sequence[Node], dtype: str) -> Source:
    """Returns the source of a kernel; beside its launches it has `fill`, which writes the table.

    states: those before a step, which the first outputs follow. dtype: float or double.
    """
    fused = kernel.fused
    stored = crossing(fused)
    passing = tuple(node for node in stored if node not in fused.outputs)
    places = {**row_names(kernel), **dict.fromkeys(passing, "passing")}
    names = argument_names(kernel, stored)
    left = [[node for node in computed(stage) if node in stored] for stage in fused.stages]
    joins = _joins(fused, left)
    known = {*fused.known, *(left[0] if joins else ())}
    slots: dict[Node, int] = {}
    texts, launches = [], []
    for number in range(joins, len(fused.stages)):
        for size, results in by_size(left[number]).items():
            writer = StageWriter(fused.stages[number], places, names, known, dtype)
            writer.slots, title = slots, f"stage_{number + 1}_{size}"
            if joins and number == len(fused.stages) - 1:
                after = dict(zip(states, fused.outputs, strict=False))
                writer.first_stage = FirstStage(left[0], fused.known, after)
                title += "_and_1"
            text, launch = writer.write(title, size, results)
            texts.append(text)
            launches.append(launch)
        known.update(left[number])
    texts.append(_fill(len(HEAD) + len(slots)))
    return Source(module(texts, dtype), tuple(launches), passing, tuple(slots), -1 if joins else 0)


def _joins(fused: Fused, left: Sequence[Sequence[Node]]) -> bool:
    """Whether the first stage of a step may be computed by the tiles of the last one of the step before."""
    first = fused.stages[0]
    alone = not first.rows and not any(block.bundles for block in first.blocks)
    first_sizes, last_sizes = by_size(left[0]), by_size(left[-1])
    return len(left) > 1 and alone and len(first_sizes) == 1 and first_sizes.keys() == last_sizes.keys()


@dataclass(frozen=True, eq=False)
class FirstStage:
    """The first stage of the next step, where a launch computes it too.

    results: what it leaves. known: what is known before it. after: what this step leaves of each state.
    """

    results: Sequence[Node]
    known: Collection[Node]
    after: Mapping[Node, Node]


class StageWriter(Writer):
    """The launch of a stage while it is written."""

    time = ("table", "step")
    slots: dict[Node, int]
    """The places in the table, behind its head, of all values so far."""
    first_stage: FirstStage | None = None
    _stayed: Mapping[Node, str]
    """What this step left in registers, once the next one is written."""

    def _leave(self, results: Sequence[Node]) -> None:
        self._places_read, self._stayed = set[str](), {}
        super()._leave(results)
        self._steps = [*self._rows_of_step(), *self._lines]
        if self.first_stage is None:
            return
        following, found = self.first_stage, self._values
        self._stayed = {node: found[value] for node, value in following.after.items() if value in found}
        self._values = {node: value for node, value in found.items() if node.op == "param"}
        self._known, self._made, self._lines, self._places_read = following.known, {}, [], set()
        super()._leave(following.results)
        self._steps += ["stayed = present", "step += 1", "first, count = starting, followers"]
        self._steps += [*self._rows_of_step(), *self._lines]

    def _signature(self, launch: Launch) -> list[str]:
        arguments, types = [*self.time], []
        for node in launch.arguments:
            name = self._names[node]
            arguments += [f"{name}_{way}" for way in ("row", "column")[: strides(node)]]
            types.append(f"{name}_type")
        arguments += [f"{name}: tl.constexpr" for name in (*types, *launch.sizes, *TILE, "ALIGN")]
        lines = [f"    {argument}," for argument in arguments]
        return ['@triton.jit(do_not_specialize=["step"])', f"def {launch.name}(", *lines, "):"]

    def _body(self, launch: Launch) -> list[str]:
        lines = ["step += tl.load(table).to(tl.int32)", "first, count = moment(table, step)"]
        most = "count"
        if self.first_stage is not None:
            lines.append("starting, followers = moment(table, step + 1)")
            most = "tl.maximum(count, followers)"
        lines += [f"if tl.program_id(0) * ROWS >= {most}:", "    return"]
        for node in launch.arguments:
            name, slot = self._names[node], self.slots.setdefault(node, len(HEAD) + len(self.slots))
            lines.append(f"{name} = address(table, {slot}, {name}_type, ALIGN)")
        return [*lines, *self._tile(launch), *self._fixed, *self._steps]

    def _rows_of_step(self) -> list[str]:
        """Which rows the sequences of a tile have at a step."""
        lines = ["present = row < count", "now = first + row"]
        if "passing" in self._places_read:  # what the step before left, others may still read
            lines.append(f"passing = (step & 1) * tl.load(table + {HEAD.index('batch')}) + row")
        for table in TABLES.values():
            if f"{table}_row" in self._places_read:
                rows = f"address(table, {HEAD.index(table)}, tl.int64, 8)"
                lines.append(f"{table}_row = tl.load({rows} + now, mask=present, other=0)")
        if self._size != "1":
            lines.append(f"inside = present & (unit < {self._size})")
        return lines

    def _start(self, node: Node) -> str:
        self._places_read.add(self._places[node])
        return super()._start(node)

    def _load(self, node: Node) -> str:
        loaded = super()._load(node)
        return f"tl.where(stayed, {self._stayed[node]}, {loaded})" if node in self._stayed else loaded

    def _mask(self, node: Node) -> str:
        return f"{super()._mask(node)} & ~stayed" if node in self._stayed else super()._mask(node)


def _fill(count: int) -> str:
    """The text of the function that writes the table. Its numbers are arguments of the launch: nothing waits,
    and nothing on the host has to stay.
    """
    names = [f"n{i}" for i in range(count)]
    told = ", ".join(f'"{name}"' for name in names)
    head = [f"@triton.jit(do_not_specialize=[{told}])", f"def fill(table, {', '.join(names)}):"]
    return "\n".join([*head, *(f"    tl.store(table + {i}, {name})" for i, name in enumerate(names))]) + "\n"
