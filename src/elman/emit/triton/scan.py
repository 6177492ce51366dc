"""A loop without products as Triton source text: one launch for all steps.

A tile takes its sequences through their steps by itself, states in registers. `firsts` and `counts` say for
each step which is its first row, and how many of the `batch` sequences take it; what sequence b starts from
is in row `initial` + b.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from elman.core.ir import Node
from elman.core.passes.fuse import Fused
from elman.emit.plan import Kernel
from elman.emit.triton.writer import (
    Launch,
    Source,
    Writer,
    argument_names,
    by_size,
    module,
    row_names,
)

AHEAD = 6
"""How many steps are under way at once: what they read is fetched before its turn. A tile of 128 numbers of 8
bytes, of a dozen values, takes 60 KB so.
"""


def is_scan(fused: Fused) -> bool:
    """Whether every unit goes its own way: neither a product nor an operation over a row is in the loop."""
    return len(fused.stages) == 1 and not fused.products and not fused.stages[0].rows


def emit_scan(kernel: Kernel, states: Sequence[Node], dtype: str) -> Source:
    """Returns the source of a kernel that is a scan.

    states: those before a step, which the first outputs follow. dtype: float or double.
    """
    fused = kernel.fused
    (stage,) = fused.stages
    names = argument_names(kernel, fused.outputs)
    after = dict(zip(states, fused.outputs, strict=False))
    texts, launches = [], []
    for size, results in by_size(fused.outputs).items():
        writer = _ScanWriter(stage, row_names(kernel), names, fused.known, dtype)
        writer.after = writer.registers = after
        text, launch = writer.write(f"scan_{size}", size, list(dict.fromkeys(results)))
        texts.append(text)
        launches.append(launch)
    return Source(module(texts, dtype), tuple(launches))


class _ScanWriter(Writer):
    """The launch of a scan while it is written."""

    time = ("steps", "batch", "initial", "firsts", "counts")
    after: Mapping[Node, Node]

    def _load(self, node: Node) -> str:
        return self._register(node) if node in self.after else super()._load(node)

    def _register(self, node: Node) -> str:
        self._argument(node)
        return f"{self._names[node]}_before"

    def _body(self, launch: Launch) -> list[str]:
        follow: dict[Node, str] = {}
        while read := [state for state in self.after if state in self._values and state not in follow]:
            for state in read:  # what follows a state may read another one
                register, value = self._register(state), self._value(self.after[state])
                follow[state] = f"{register} = tl.where(present, {value}, {register})"
        each = ["first = tl.load(firsts + step)", "count = tl.load(counts + step)"]
        each += [*self._rows(launch), *self._lines, *follow.values()]
        return [
            *self._tile(launch),
            *self._fixed,
            *(f"{self._register(state)} = {self._first(state)}" for state in follow),
            f"for step in tl.range(steps, num_stages={AHEAD}):",
            *(f"    {line}" for line in each),
        ]

    def _first(self, state: Node) -> str:
        name, mask = self._names[state], "row < batch"
        place = f"{name} + (initial + row).to(tl.int64) * {name}_row"
        if state.shape[-1] != "1":
            place, mask = f"{place} + unit", f"({mask}) & (unit < {state.shape[-1]})"
        return f"tl.load({place}, mask={mask}, other=0.0).to({self._number})"
