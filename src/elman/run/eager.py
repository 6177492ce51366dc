"""The time loop, forward and backward, in torch's own operations: slower than a kernel, never wrong; the oracle of every kernel.

Legend: T steps, B sequences, N = Σ_t B_t rows: one for each step of each sequence, step by step, as PackedSequence lays them out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from elman.core.ir import Node, topological
from elman.core.program import Program
from elman.run.tape import OneHot, Tape


@dataclass(frozen=True)
class Layout:
    """How rows lie in time: `batch_sizes[t]` sequences take step t, the longest first; backwards in time where `reverse`."""

    batch_sizes: tuple[int, ...]
    reverse: bool = False

    def steps(self) -> Iterator[tuple[int, int]]:
        """Yields (t, B_t) in the order in which the cell takes the steps."""
        steps = list(enumerate(self.batch_sizes))
        return iter(reversed(steps) if self.reverse else steps)

    def backwards(self) -> Iterator[tuple[int, int]]:
        """Yields (t, B_t) from the last step that the cell took to the first."""
        steps = list(enumerate(self.batch_sizes))
        return iter(steps if self.reverse else reversed(steps))


@dataclass(frozen=True)
class Operands:
    """What a loop reads: values computed before it (N, ·), first states (B, ·), masks (N, ·), weights."""

    inputs: tuple[Tensor, ...]
    states: tuple[Tensor, ...]
    masks: tuple[Tensor, ...]
    params: tuple[Tensor, ...]


@dataclass(frozen=True)
class Results:
    """What a loop leaves: output (N, ·), last states (B, ·), and by step t what each step started from, left behind and kept."""

    output: Tensor
    final: tuple[Tensor, ...]
    before: list[list[Tensor]]
    after: list[list[Tensor]]
    kept: list[list[Tensor]]


@dataclass(frozen=True)
class OperandGradients:
    """∂E/∂ of each operand; None where it is zero."""

    inputs: tuple[Tensor | None, ...]
    states: tuple[Tensor, ...]
    params: tuple[Tensor | None, ...]


class EagerLoop:
    """A compiled cell at given sizes, run by torch."""

    def __init__(self, program: Program, sizes: Mapping[str, int]) -> None:
        step, backward = program.loop, program.backward
        self.program = program
        self.sizes = dict(sizes)
        reads = (*step.inputs, *step.states, *step.masks)
        self._before = Tape(program.before, program.step.inputs, program.step.params, sizes)
        self._step = Tape(step.outputs, reads, step.params, sizes)
        self._step_and_keep = Tape((*step.outputs, *program.kept), reads, step.params, sizes)
        deltas = (backward.d_output, *backward.d_after)
        self._d_inputs = [d for d in backward.d_inputs if d is not None]
        self._d_states = [d for d in backward.d_states if d is not None]
        self._d_params = [d for d in backward.d_params if d is not None]
        stored = [error for error in program.errors if error not in deltas]
        self._back = Tape((*self._d_states, *self._d_inputs, *stored), (*reads, *program.kept, *deltas), step.params, sizes)
        self._leaves: tuple[tuple[Node, ...], ...] = (step.states, program.kept, deltas, tuple(stored))
        self._read = _read_by(self._d_params, (*reads, *program.kept, *deltas, *stored))
        self._sums = Tape(self._d_params, self._read, step.params, sizes)

    def before(self, x: Tensor | OneHot, params: Sequence[Tensor]) -> list[Tensor]:
        """Returns the values of x alone that the loop reads, for all rows of x at once. params: those of the whole step."""
        return self._before(self._before.prepare(params), [x])

    def forward(self, layout: Layout, operands: Operands, keep: bool) -> Results:
        """Runs all steps; differentiable by autograd. `keep` also returns what `backward` needs."""
        tape = self._step_and_keep if keep else self._step
        prepared = tape.prepare(operands.params)
        rows = [value.split(layout.batch_sizes) for value in (*operands.inputs, *operands.masks)]
        inputs = len(operands.inputs)
        width, steps = len(operands.states), len(layout.batch_sizes)
        carried = list(operands.states)
        outputs: list[Tensor] = [operands.states[0]] * steps
        before: list[list[Tensor]] = [[]] * steps
        after: list[list[Tensor]] = [[]] * steps
        kept: list[list[Tensor]] = [[]] * steps
        for t, batch in layout.steps():
            now = [value[t] for value in rows]
            states = [_first(state, batch) for state in carried]
            outputs[t], *rest = tape(prepared, [*now[:inputs], *states, *now[inputs:]])
            before[t], after[t], kept[t] = states, rest[:width], rest[width:]
            carried = [_replaced(old, new) for old, new in zip(carried, after[t], strict=True)]
        return Results(torch.cat(outputs), tuple(carried), before, after, kept)

    def backward(
        self,
        layout: Layout,
        operands: Operands,
        results: Results,
        d_output: Tensor,
        d_final: Sequence[Tensor],
        d_after: Sequence[Tensor] = (),
    ) -> OperandGradients:
        """Backpropagation through time by the derived backward step; d_after: ∂E/∂(states after every step), (N, ·), if any."""
        prepared = self._back.prepare(operands.params)
        rows = [value.split(layout.batch_sizes) for value in (*operands.inputs, *operands.masks, d_output, *d_after)]
        inputs, masks = len(operands.inputs), len(operands.masks)
        carried = list(d_final)
        steps = len(layout.batch_sizes)
        found: list[list[Tensor]] = [[]] * steps
        deltas: list[list[Tensor]] = [[]] * steps
        for t, batch in layout.backwards():
            now = [value[t] for value in rows]
            arrived = [_first(delta, batch) for delta in carried]
            if d_after:
                arrived = [delta + extra for delta, extra in zip(arrived, now[inputs + masks + 1 :], strict=True)]
            deltas[t] = [now[inputs + masks], *arrived]
            reads = [*now[:inputs], *results.before[t], *now[inputs : inputs + masks], *results.kept[t], *deltas[t]]
            values = iter(self._back(prepared, reads))
            new = [torch.zeros_like(a) if d is None else next(values).expand_as(a) for d, a in zip(self.program.backward.d_states, arrived, strict=True)]
            carried = [_replaced(old, delta) for old, delta in zip(carried, new, strict=True)]
            found[t] = list(values)
        inputs_found = [torch.cat(values) for values in list(zip(*found, strict=True))[: len(self._d_inputs)]]
        d_params = self._weight_gradients(operands, results, deltas, [values[len(inputs_found) :] for values in found])
        backward = self.program.backward
        return OperandGradients(_spaced(backward.d_inputs, inputs_found), tuple(carried), _spaced(backward.d_params, d_params))

    def _weight_gradients(
        self, operands: Operands, results: Results, deltas: list[list[Tensor]], errors: list[list[Tensor]]
    ) -> list[Tensor]:
        """Sums the weight gradients over all steps at once, from the rows (N, ·) of what they read."""
        step = self.program.loop
        rows = dict(zip((*step.inputs, *step.masks), (*operands.inputs, *operands.masks), strict=True))
        for leaves, by_step in zip(self._leaves, (results.before, results.kept, deltas, errors), strict=True):
            for node, values in zip(leaves, zip(*by_step, strict=True), strict=True):
                if node in self._read:
                    rows[node] = torch.cat(values)
        return self._sums(self._sums.prepare(operands.params), [rows[node] for node in self._read])


def _read_by(outputs: Sequence[Node], leaves: Sequence[Node]) -> list[Node]:
    """Those of the leaves that the outputs read."""
    used = {arg for node in topological(outputs, known=leaves) for arg in node.args} | set(outputs)
    return [leaf for leaf in leaves if leaf in used]


def _first(value: Tensor, batch: int) -> Tensor:
    return value if len(value) == batch else value[:batch]


def _replaced(old: Tensor, new: Tensor) -> Tensor:
    """The new values of the first sequences, the old ones of the rest."""
    return new if len(new) == len(old) else torch.cat([new, old[len(new) :]])


def _spaced(places: Sequence[object | None], values: Sequence[Tensor]) -> tuple[Tensor | None, ...]:
    given = iter(values)
    return tuple(None if place is None else next(given) for place in places)


