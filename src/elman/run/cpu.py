"""The time loop as machine code: the seam between torch's tensors and compiled kernels on the CPU.

Legend: B sequences, N rows: one for each step of each sequence, step by step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from elman.core.ir import Node
from elman.core.program import Program
from elman.emit.passes import Pass, backward_pass, forward_pass
from elman.emit.target import Target
from elman.run.buffers import readable
from elman.run.carried import Carried
from elman.run.gradients import WeightGradients
from elman.run.kernel import CpuKernel
from elman.run.layout import Layout, segments
from elman.run.loop import OperandGradients, Operands, Results
from elman.run.work import Work, split_rows


class CpuLoop:
    """The loop of a compiled cell at given sizes, forward and backward."""

    def __init__(self, program: Program, sizes: Mapping[str, int], dtype: torch.dtype) -> None:
        self.program = program
        self._sizes = sizes
        backward = backward_pass(program)
        self._infer = _Run(forward_pass(program, keep=False), sizes, dtype)
        self._train = _Run(forward_pass(program, keep=True), sizes, dtype)
        self._back = _Run(backward, sizes, dtype)
        self._errors = (*backward.carried, *backward.others)
        params = program.loop.params
        available = [node for node in (*backward.leaves, *backward.others) if node not in params]
        gradients = [d for d in program.backward.d_params if d is not None]
        self._sums = WeightGradients(gradients, available, params, sizes, dtype)

    @property
    def target(self) -> Target:
        """The processor that the kernels are for."""
        return self._infer.kernel.target

    def compile(self, training: bool) -> None:
        """Compiles what a forward pass that keeps nothing runs, or what training runs."""
        if training:
            self._train.kernel.compile()
            self._back.kernel.compile()
            self._sums.compile()
        else:
            self._infer.kernel.compile()

    def forward(self, layout: Layout, operands: Operands, keep: bool, return_states: bool = False) -> Results:
        """Runs all steps. `keep` also saves what `backward` needs."""
        step, run = self.program.loop, self._train if keep else self._infer
        carried = [Carried.start(first, layout, run.kernel.lanes) for first in operands.states]
        values = self._given(operands, run.kernel.lanes)
        values.update((node, value.rows) for node, value in zip(step.states, carried, strict=True))
        written = run(
            values, [value.rows for value in carried], self._params(operands), layout, segments(layout)
        )
        output, *kept = written[len(carried) :]
        every = tuple(self._cut(node, value.rows) for node, value in zip(step.states, carried, strict=True))
        return Results(
            self._cut(step.output, output),
            tuple(self._cut(node, value.last) for node, value in zip(step.states, carried, strict=True)),
            every if return_states else (),
            (*(value.everything for value in carried), *kept) if keep else (),
        )

    def backward(
        self,
        layout: Layout,
        operands: Operands,
        saved: Sequence[Tensor],
        d_output: Tensor,
        d_final: Sequence[Tensor],
    ) -> OperandGradients:
        """Backpropagation through time by the derived backward step."""
        step, backward, lanes = self.program.loop, self.program.backward, self._back.kernel.lanes
        back = Layout(layout.batch_sizes, not layout.reverse)
        states = [Carried(value, layout) for value in saved[: len(step.states)]]
        errors = [Carried.start(first, back, lanes) for first in d_final]
        for error, d in zip(errors, backward.d_states, strict=True):
            if d is None:  # nothing flows back from this state
                error.rows.zero_()
        values = self._given(operands, lanes)
        values.update((node, value.rows) for node, value in zip(step.states, states, strict=True))
        values.update(zip(self.program.kept, saved[len(step.states) :], strict=True))
        values[backward.d_output] = readable(d_output, lanes)
        values.update((node, error.rows) for node, error in zip(backward.d_after, errors, strict=True))
        into = [error.rows for error, d in zip(errors, backward.d_states, strict=True) if d is not None]
        written = self._back(values, into, self._params(operands), layout, segments(back, layout))
        found = dict(zip(self._errors, written, strict=True))

        before = dict(zip((*step.states, *backward.d_after), (*states, *errors), strict=True))
        rows = {
            node: before[node].before if node in before else found.get(node, values.get(node, d_output))
            for node in self._sums.reads
        }
        d_params = iter(self._sums(rows, self._params(operands)) if rows else ())
        return OperandGradients(
            tuple(None if d is None else self._cut(d, found[d]) for d in backward.d_inputs),
            tuple(self._cut(node, error.last) for node, error in zip(step.states, errors, strict=True)),
            tuple(None if d is None else next(d_params) for d in backward.d_params),
        )

    def _given(self, operands: Operands, lanes: int) -> dict[Node, Tensor]:
        step = self.program.loop
        given = zip((*step.inputs, *step.masks), (*operands.inputs, *operands.masks), strict=True)
        vectors = ((node, value) for node, value in self._params(operands).items() if value.dim() == 1)
        return {node: readable(value, lanes) for pairs in (given, vectors) for node, value in pairs}

    def _params(self, operands: Operands) -> dict[Node, Tensor]:
        return dict(zip(self.program.loop.params, operands.params, strict=True))

    def _cut(self, node: Node, value: Tensor) -> Tensor:
        """The rows without their padding."""
        size = self._sizes.get(node.shape[-1], 1)
        return value if value.shape[1] == size else value[:, :size].contiguous()


class _Run:
    """A pass that writes carried values in place of others, and the rest to new arrays."""

    def __init__(self, way: Pass, sizes: Mapping[str, int], dtype: torch.dtype) -> None:
        self.kernel = CpuKernel(way.name, way.outputs, way.leaves, sizes, dtype)

    def __call__(
        self,
        values: Mapping[Node, Tensor],
        carried: Sequence[Tensor],
        params: Mapping[Node, Tensor],
        layout: Layout,
        steps: Tensor,
    ) -> list[Tensor]:
        """Returns the rows of the outputs, padded; those carried are written into the arrays given."""
        like = next(iter(values.values()))
        everything = {**values, **dict(zip(self.kernel.outputs, carried, strict=False))}
        for node in self.kernel.stored:
            if node not in everything:
                everything[node] = self.kernel.empty(node, layout.rows, like)
        self.kernel(everything, params, Work(steps, split_rows(layout, self.kernel.target.rows)))
        return [everything[node] for node in self.kernel.outputs]
