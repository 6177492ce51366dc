"""A loop that is linear in its states, s_t = a_t ∘ s_{t-1} + b_t, as Triton source text: many steps at once.

A tile is ROWS steps of one sequence (`row`), and UNITS units. The steps of a tile compose by an associative
scan, which gives the states before each of them; all else follows from these as in a step alone. A tile goes
on where the one before it in time ended. Where there are few sequences and units, several programs share the
steps of a sequence, a span each: a first launch leaves what each span makes of a state, from which the second
one knows where each begins. A product of coefficients that overflows within a span gives inf or nan.

`firsts` and `counts` say for each step which is its first row, and how many of the `batch` sequences take it;
what sequence b starts from is in row `initial` + b. totals: (states, spans, 2, B, units), a and b of spans.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from elman.core.ir import ONE, Node, topological
from elman.core.passes.linear import Affine, linear
from elman.emit.plan import Kernel
from elman.emit.triton.scan import is_scan
from elman.emit.triton.writer import (
    Launch,
    Source,
    Writer,
    argument_names,
    module,
    row_names,
)

STEPS = 8
"""The steps of a tile of float32; more would not fit in the registers of a warp."""
LANES = 1024
"""So many units of sequences, each for itself step by step, keep the memory of a multiprocessor busy."""
AHEAD = 5
"""How many tiles are under way at once: what they read is fetched before its turn."""
_FUNCTIONS = '''
@triton.jit
def composed(a, b, p, q, c, d, r, s):
    """What steps, then others, make of a state: all of them (a, b), and all but the last one (p, q)."""
    return a * c, b * c + d, a * r, b * r + s


@triton.jit
def states_before(a, b, state):
    """The states before steps that make a s + b of a state s, from the one before the first."""
    one, zero = tl.full(a.shape, 1.0, a.dtype), tl.zeros(a.shape, a.dtype)
    _a, _b, p, q = tl.associative_scan((a, b, one, zero), 0, composed)
    return p * state + q


@triton.jit
def last(x, ROWS: tl.constexpr):
    """The last row, (1, UNITS)."""
    return tl.sum(tl.where(tl.arange(0, ROWS)[:, None] == ROWS - 1, x, 0.0), 0, keep_dims=True)
'''
_TOTAL = '''
@triton.jit
def then(a, b, c, d):
    """A step, then another one."""
    return a * c, b * c + d


@triton.jit
def total(a, b, ROWS: tl.constexpr):
    """What all steps of a tile make of a state."""
    a, b = tl.associative_scan((a, b), 0, then)
    return last(a, ROWS), last(b, ROWS)
'''


def why_slower(batch: int, units: int, steps: int, processors: int) -> str | None:
    """Returns why it takes longer than to go step by step, on a device of so many multiprocessors; None where
    it does not, which was not measured yet.
    """
    if steps < 2 * STEPS:
        return f"{steps} steps are few, {STEPS} are taken at a time"
    if batch * units >= LANES * processors:
        return f"{batch} sequences of {units} units fill the device step by step"
    return None


def emit_linear(kernel: Kernel, states: Sequence[Node], dtype: str) -> Source | None:
    """Returns the source of a loop that is linear in its states, the launch for all spans first if these can
    be taken at once; None where it is no such loop, or its values are of several sizes.

    states: those before a step, which the first outputs follow. dtype: float or double.
    """
    fused = kernel.fused
    after = dict(zip(states, fused.outputs, strict=False))
    size, *others = {node.shape[-1] for node in (*after, *fused.outputs)}
    found = linear(after) if is_scan(fused) and after and not others and size != ONE else None
    if found is None:
        return None
    names = argument_names(kernel, fused.outputs)
    given = fused.stages[0], row_names(kernel), names, fused.known, dtype
    alone = not set(found).intersection(topological(part for pair in found.values() for part in pair))
    texts, launches = [_FUNCTIONS], []
    if alone:
        totals = _TotalsWriter(*given)
        totals.found = totals.registers = found
        text, launch = totals.write(f"spans_{size}", size, ())
        texts += [_TOTAL, text]
        launches.append(launch)
    writer = _StatesWriter(*given)
    writer.found = writer.registers = found
    writer.after, writer.spans = after, alone
    text, launch = writer.write(f"steps_{size}", size, list(dict.fromkeys(fused.outputs)))
    return Source(module([*texts, text], dtype), (*launches, launch))


class _TimeWriter(Writer):
    """A launch over tiles of steps while it is written."""

    time = ("steps", "batch", "initial", "firsts", "counts", "totals")
    found: Mapping[Node, Affine]
    """a and b of each state."""

    def _composed(self, state: Node) -> str:
        """a and b of a state at every step of a tile, 1 and 0 where the sequence takes none."""
        values = [self._value(part) for part in self.found[state]]
        filled = [
            f"tl.full([1, 1], {value}, {self._number})" if part.op == "constant" else value
            for part, value in zip(self.found[state], values, strict=True)
        ]
        pairs = zip(filled, ("1.0", "0.0"), strict=True)
        return ", ".join(f"tl.where(inside, {value}, {absent})" for value, absent in pairs)

    def _tile(self, launch: Launch) -> list[str]:
        _, unit = super()._tile(launch)
        return [
            "row = (tl.program_id(0) + tl.arange(0, 1))[:, None]",
            unit,
            f"known = (row < batch) & (unit < {launch.size})",
            "span = tl.program_id(2)",
            "spans = tl.num_programs(2)",
            "begin = span * tl.cdiv(tl.cdiv(steps, ROWS), spans) * ROWS",
            "end = tl.minimum(begin + tl.cdiv(tl.cdiv(steps, ROWS), spans) * ROWS, steps)",
            *self._fixed,
        ]

    def _loop(self, launch: Launch, each: Sequence[str]) -> list[str]:
        lines = [
            "step = start + tl.arange(0, ROWS)[:, None]",
            "first = tl.load(firsts + step, mask=step < end, other=0)",
            "count = tl.load(counts + step, mask=step < end, other=0)",
            *self._rows(launch),
            *each,
        ]
        head = f"for start in tl.range(begin, end, ROWS, num_stages={AHEAD}):"
        return [head, *(f"    {line}" for line in lines)]

    def _place(self, state: Node, span: str) -> str:
        """Where a of a span begins; b is `batch` rows behind it."""
        which, size = list(self.found).index(state), state.shape[-1]
        return f"place = totals + (({which} * spans + {span}) * 2 * batch + row) * {size} + unit"


class _TotalsWriter(_TimeWriter):
    """The launch that leaves what each span makes of the states."""

    def write(self, name: str, size: str, results: Sequence[Node]) -> tuple[str, Launch]:
        self._size = self._told(size)
        self._pairs = {state: self._composed(state) for state in self.found}
        return super().write(name, size, results)

    def _body(self, launch: Launch) -> list[str]:
        start, each, left = [], [], []
        for state, pair in self._pairs.items():
            a, b, c, d = (self._new("v") for _ in range(4))
            zero = f"tl.zeros([1, UNITS], {self._number})"
            start += [f"{a} = {zero} + 1.0", f"{b} = {zero}"]
            each += [f"{c}, {d} = total({pair}, ROWS)", f"{a}, {b} = then({a}, {b}, {c}, {d})"]
            left += [
                self._place(state, "span"),
                f"tl.store(place, {a}, mask=known)",
                f"tl.store(place + batch * {launch.size}, {b}, mask=known)",
            ]
        return [*self._tile(launch), *start, *self._loop(launch, [*self._lines, *each]), *left]


class _StatesWriter(_TimeWriter):
    """The launch that takes the steps."""

    after: Mapping[Node, Node]
    spans: bool
    """Whether there may be several."""

    def _load(self, node: Node) -> str:
        if node not in self.found:
            return super()._load(node)
        self._argument(node)
        return f"states_before({self._composed(node)}, {self._names[node]}_before)"

    def _body(self, launch: Launch) -> list[str]:
        start, each = [], []
        for state in (state for state in self.found if state in self._values):
            argument = self._names[state]
            name, before, after = f"{argument}_before", self._values[state], self._value(self.after[state])
            place = f"{argument} + (initial + row).to(tl.int64) * {argument}_row + unit"
            start.append(f"{name} = tl.load({place}, mask=known, other=0.0).to({self._number})")
            if self.spans:
                start += [
                    "for earlier in range(span):",
                    f"    {self._place(state, 'earlier')}",
                    f"    {name} *= tl.load(place, mask=known, other=0.0)",
                    f"    {name} += tl.load(place + batch * {launch.size}, mask=known, other=0.0)",
                ]
            each.append(f"{name} = last(tl.where(present, {after}, {before}), ROWS)")
        return [*self._tile(launch), *start, *self._loop(launch, [*self._lines, *each])]
