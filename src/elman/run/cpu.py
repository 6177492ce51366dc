"""The time loop as machine code: the seam between torch's tensors and compiled kernels on the CPU.

Legend: B sequences, N rows: one for each step of each sequence, step by step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from elman.core.ir import Node, constant
from elman.core.ops import mul
from elman.core.program import Program
from elman.emit.plan import Row
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
        step, backward = program.loop, program.backward
        given = {
            **dict.fromkeys((*step.inputs, *step.masks), Row.NOW),
            **dict.fromkeys(step.params, Row.NONE),
        }
        forward_leaves = {**given, **dict.fromkeys(step.states, Row.CARRIED)}
        self._infer = _Pass(step.name, step.after, [step.output], forward_leaves, sizes, dtype)
        self._train = _Pass(step.name, step.after, [step.output, *program.kept], forward_leaves, sizes, dtype)
        self._errors = [
            error for error in program.errors if error not in (backward.d_output, *backward.d_after)
        ]
        self._d_states = [d for d in backward.d_states if d is not None]
        self._d_inputs = [d for d in backward.d_inputs if d is not None]
        back_leaves = {
            **given,
            **dict.fromkeys(step.states, Row.OTHER),
            **dict.fromkeys((*program.kept, backward.d_output), Row.NOW),
            **dict.fromkeys(backward.d_after, Row.CARRIED),
        }
        self._back = _Pass(
            f"{step.name}_backward",
            self._d_states,
            [*self._d_inputs, *self._errors],
            back_leaves,
            sizes,
            dtype,
        )
        available = [node for node in back_leaves if node not in step.params]
        gradients = [d for d in backward.d_params if d is not None]
        self._sums = WeightGradients(gradients, (*available, *self._errors), step.params, sizes, dtype)

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
        found = dict(zip((*self._d_states, *self._d_inputs, *self._errors), written, strict=True))

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


class _Pass:
    """A kernel that writes carried values in place of others, and the rest to new arrays."""

    def __init__(
        self,
        name: str,
        carried: Sequence[Node],
        others: Sequence[Node],
        leaves: Mapping[Node, Row],
        sizes: Mapping[str, int],
        dtype: torch.dtype,
    ) -> None:
        self.kernel = CpuKernel(name, _written(carried, others, leaves), leaves, sizes, dtype)

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
        self.kernel(everything, params, Work(steps, split_rows(layout.lengths(), self.kernel.target.rows)))
        return [everything[node] for node in self.kernel.outputs]


def _written(carried: Sequence[Node], others: Sequence[Node], leaves: Mapping[Node, Row]) -> tuple[Node, ...]:
    """The outputs of a kernel, values that it computes: a leaf is copied (times one), and so is what is
    carried twice.
    """
    result: list[Node] = []
    for node in carried:
        while node in leaves or node in result:
            node = mul(node, constant(1.0))
        result.append(node)
    return (*result, *(mul(node, constant(1.0)) if node in leaves else node for node in others))
