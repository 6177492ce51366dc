"""The time loop, forward and backward, in torch's own operations: slower than a kernel, never wrong; the
oracle of every kernel.

Legend: T steps, B sequences, N = Σ_t B_t rows: one for each step of each sequence, step by step, as
PackedSequence lays them out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from elman.core.ir import Node
from elman.core.program import Program
from elman.run.gradients import read_by
from elman.run.layout import Layout
from elman.run.loop import OperandGradients, Operands, Results
from elman.run.tape import OneHot, Tape


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
        self._errors = [error for error in program.errors if error not in deltas]
        self._back = Tape(
            (*self._d_states, *self._d_inputs, *self._errors),
            (*reads, *program.kept, *deltas),
            step.params,
            sizes,
        )
        self._leaves: tuple[tuple[Node, ...], ...] = (step.states, program.kept, deltas, tuple(self._errors))
        self._read = read_by(self._d_params, (*reads, *program.kept, *deltas, *self._errors))
        self._sums = Tape(self._d_params, self._read, step.params, sizes)

    def before(self, x: Tensor | OneHot, params: Sequence[Tensor]) -> list[Tensor]:
        """Returns the values of x alone that the loop reads, for all rows of x at once.

        params: those of the whole step.
        """
        return self._before(self._before.prepare(params), [x])

    def forward(self, layout: Layout, operands: Operands, keep: bool, return_states: bool = False) -> Results:
        """Runs all steps; differentiable by autograd. `keep` also saves what `backward` needs."""
        tape = self._step_and_keep if keep else self._step
        prepared = tape.prepare(operands.params)
        rows = [value.split(layout.batch_sizes) for value in (*operands.inputs, *operands.masks)]
        inputs = len(operands.inputs)
        width, steps = len(operands.states), len(layout.batch_sizes)
        carried = list(operands.states)
        outputs: list[Tensor] = [operands.states[0]] * steps
        saved: list[list[Tensor]] = [[]] * steps
        after: list[list[Tensor]] = [[]] * steps
        for t, batch in layout.steps():
            now = [value[t] for value in rows]
            states = [_first(state, batch) for state in carried]
            outputs[t], *rest = tape(prepared, [*now[:inputs], *states, *now[inputs:]])
            after[t] = rest[:width]
            carried = [_replaced(old, new) for old, new in zip(carried, after[t], strict=True)]
            if keep:
                saved[t] = [*states, *rest[width:]]
        every = tuple(torch.cat(values) for values in zip(*after, strict=True)) if return_states else ()
        return Results(
            torch.cat(outputs), tuple(carried), every, tuple(value for values in saved for value in values)
        )

    def backward(
        self,
        layout: Layout,
        operands: Operands,
        saved: Sequence[Tensor],
        d_output: Tensor,
        d_final: Sequence[Tensor],
        d_after: Sequence[Tensor] = (),
    ) -> OperandGradients:
        """Backpropagation through time by the derived backward step; d_after: ∂E/∂(states after every step),
        (N, ·), if any.
        """
        prepared = self._back.prepare(operands.params)
        rows = [
            value.split(layout.batch_sizes)
            for value in (*operands.inputs, *operands.masks, d_output, *d_after)
        ]
        inputs, masks = len(operands.inputs), len(operands.masks)
        carried = list(d_final)
        steps = len(layout.batch_sizes)
        width = len(operands.states)
        each = len(saved) // steps
        before = [list(saved[t * each : t * each + width]) for t in range(steps)]
        kept = [list(saved[t * each + width : (t + 1) * each]) for t in range(steps)]
        found: list[list[Tensor]] = [[]] * steps
        deltas: list[list[Tensor]] = [[]] * steps
        for t, batch in layout.backwards():
            now = [value[t] for value in rows]
            arrived = [_first(delta, batch) for delta in carried]
            if d_after:
                arrived = [
                    delta + extra for delta, extra in zip(arrived, now[inputs + masks + 1 :], strict=True)
                ]
            deltas[t] = [now[inputs + masks], *arrived]
            reads = [*now[:inputs], *before[t], *now[inputs : inputs + masks], *kept[t], *deltas[t]]
            values = iter(self._back(prepared, reads))
            new = [
                torch.zeros_like(a) if d is None else next(values).expand_as(a)
                for d, a in zip(self.program.backward.d_states, arrived, strict=True)
            ]
            carried = [_replaced(old, delta) for old, delta in zip(carried, new, strict=True)]
            found[t] = list(values)
        inputs_found = [torch.cat(values) for values in list(zip(*found, strict=True))[: len(self._d_inputs)]]
        d_params = self._weight_gradients(
            operands, before, kept, deltas, [values[len(inputs_found) :] for values in found]
        )
        backward = self.program.backward
        return OperandGradients(
            _spaced(backward.d_inputs, inputs_found), tuple(carried), _spaced(backward.d_params, d_params)
        )

    def _weight_gradients(self, operands: Operands, *by_step: list[list[Tensor]]) -> list[Tensor]:
        """Sums the weight gradients over all steps at once, from the rows (N, ·) of what they read."""
        step = self.program.loop
        rows = dict(zip((*step.inputs, *step.masks), (*operands.inputs, *operands.masks), strict=True))
        for leaves, steps in zip(self._leaves, by_step, strict=True):
            for node, values in zip(leaves, zip(*steps, strict=True), strict=True):
                if node in self._read:
                    rows[node] = torch.cat(values)
        return self._sums(self._sums.prepare(operands.params), [rows[node] for node in self._read])


def _first(value: Tensor, batch: int) -> Tensor:
    return value if len(value) == batch else value[:batch]


def _replaced(old: Tensor, new: Tensor) -> Tensor:
    """The new values of the first sequences, the old ones of the rest."""
    return new if len(new) == len(old) else torch.cat([new, old[len(new) :]])


def _spaced(places: Sequence[object | None], values: Sequence[Tensor]) -> tuple[Tensor | None, ...]:
    given = iter(values)
    return tuple(None if place is None else next(given) for place in places)
