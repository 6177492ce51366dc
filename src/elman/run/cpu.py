"""The time loop as machine code: the seam between torch's tensors and compiled kernels on the CPU.

Legend: B sequences, N rows: one for each step of each sequence, step by step. A carried value (a state; an error on its way back) has
N + B rows: what each step left, then what the first step of each sequence starts from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from elman.core.ir import Node, constant
from elman.core.ops import mul
from elman.core.passes.fuse import fuse
from elman.core.program import Program
from elman.emit.plan import Row, plan
from elman.run.buffers import empty_rows, readable
from elman.run.eager import EagerLoop
from elman.run.kernel import CpuKernel, Work, split_rows
from elman.run.layout import Layout, schedule, segments
from elman.run.loop import OperandGradients, Operands, Results


class CpuLoop(EagerLoop):
    """A compiled cell at given sizes, whose loops run as machine code; what lies outside the loops runs as in `EagerLoop`."""

    def __init__(self, program: Program, sizes: Mapping[str, int], dtype: torch.dtype) -> None:
        super().__init__(program, sizes)
        step, backward = program.loop, program.backward
        now = dict.fromkeys((*step.inputs, *step.masks), Row.NOW)
        fixed = dict.fromkeys(step.params, Row.NONE)

        def compiled(
            name: str, carried: Sequence[Node], others: Sequence[Node], leaves: Mapping[Node, Row]
        ) -> tuple[CpuKernel, tuple[Node, ...]]:
            fused = fuse(_written(carried, others, leaves), leaves)
            return CpuKernel(plan(name, fused, leaves), dtype, sizes), fused.outputs

        forward_leaves = {**now, **fixed, **dict.fromkeys(step.states, Row.CARRIED)}
        self._infer = compiled(step.name, step.after, [step.output], forward_leaves)
        self._train = compiled(step.name, step.after, [step.output, *program.kept], forward_leaves)
        back_leaves = {
            **now,
            **fixed,
            **dict.fromkeys(step.states, Row.OTHER),
            **dict.fromkeys((*program.kept, backward.d_output), Row.NOW),
            **dict.fromkeys(backward.d_after, Row.CARRIED),
        }
        self._kernel_back = compiled(
            f"{step.name}_backward", self._d_states, [*self._d_inputs, *self._errors], back_leaves
        )

    def forward(self, layout: Layout, operands: Operands, keep: bool, return_states: bool = False) -> Results:
        """Runs all steps; not differentiable by autograd. `keep` also saves what `backward` needs."""
        kernel, outputs = self._train if keep else self._infer
        step = self.program.loop
        rows, width, lanes = layout.rows, len(step.states), kernel.lanes
        plan_of = schedule(layout)
        carried = [self._carried(node, first, rows, lanes) for node, first in zip(step.states, operands.states, strict=True)]
        values = self._operand_rows(operands, lanes)
        values.update(zip(step.states, carried, strict=True))
        written = dict(zip(outputs, carried, strict=False))
        like = operands.states[0]
        for node in kernel.kernel.fused.stored:
            values[node] = written[node] if node in written else self._empty(node, rows, lanes, like)
        kernel(values, self._params(operands), Work(segments(layout), split_rows(layout.lengths(), kernel.target.rows)))
        last = plan_of.last.to(like.device)
        final = tuple(self._cut(step.states[i], carried[i].index_select(0, last)) for i in range(width))
        output = self._cut(step.output, values[outputs[width]][:rows])
        every = tuple(self._cut(state, value[:rows]) for state, value in zip(step.states, carried, strict=True))
        saved = (*carried, *(values[node] for node in outputs[width + 1 :])) if keep else ()
        return Results(output, final, every if return_states else (), saved)

    def backward(
        self,
        layout: Layout,
        operands: Operands,
        saved: Sequence[Tensor],
        d_output: Tensor,
        d_final: Sequence[Tensor],
        d_after: Sequence[Tensor] = (),
    ) -> OperandGradients:
        """Backpropagation through time by the derived backward step. d_after must be empty: such loops run as in `EagerLoop`."""
        assert not d_after
        kernel, outputs = self._kernel_back
        step, backward = self.program.loop, self.program.backward
        rows, lanes, width = layout.rows, kernel.lanes, len(step.states)
        back = Layout(layout.batch_sizes, not layout.reverse)
        values = self._operand_rows(operands, lanes)
        values.update(zip((*step.states, *self.program.kept), saved, strict=True))
        values[backward.d_output] = readable(d_output, lanes)
        carried = [self._carried(node, first, rows, lanes) for node, first in zip(step.states, d_final, strict=True)]
        values.update(zip(backward.d_after, carried, strict=True))
        there = [error for error, d in zip(carried, backward.d_states, strict=True) if d is not None]
        for error, d in zip(carried, backward.d_states, strict=True):
            if d is None:
                error[:rows].zero_()
        written = dict(zip(outputs, there, strict=False))
        for node in kernel.kernel.fused.stored:
            values[node] = written[node] if node in written else self._empty(node, rows, lanes, d_output)
        bounds = split_rows(layout.lengths(), kernel.target.rows)
        kernel(values, self._params(operands), Work(segments(back, layout), bounds))

        found = dict(zip((*self._d_states, *self._d_inputs, *self._errors), outputs, strict=True))
        d_inputs = tuple(None if d is None else self._cut(d, values[found[d]]) for d in backward.d_inputs)
        last = schedule(back).last
        d_states = tuple(self._cut(node, error.index_select(0, last)) for node, error in zip(step.states, carried, strict=True))
        before = schedule(layout).carried
        read = {node: self._cut(node, values[node].index_select(0, before)) for node in step.states if node in self._read}
        for node, error in zip(backward.d_after, carried, strict=True):
            if node in self._read:
                read[node] = self._cut(node, error.index_select(0, schedule(back).carried))
        for node in self._read:
            if node not in read:
                read[node] = self._cut(node, values[found.get(node, node)])
        d_params = iter(self._sums(self._sums.prepare(operands.params), [read[node] for node in self._read]))
        return OperandGradients(d_inputs, d_states, tuple(None if d is None else next(d_params) for d in backward.d_params))

    def _operand_rows(self, operands: Operands, lanes: int) -> dict[Node, Tensor]:
        step = self.program.loop
        given = zip((*step.inputs, *step.masks), (*operands.inputs, *operands.masks), strict=True)
        vectors = zip(step.params, operands.params, strict=True)
        return {
            **{node: readable(value, lanes) for node, value in given},
            **{node: readable(value, lanes) for node, value in vectors if value.dim() == 1},
        }

    def _params(self, operands: Operands) -> dict[Node, Tensor]:
        return dict(zip(self.program.loop.params, operands.params, strict=True))

    def _carried(self, node: Node, first: Tensor, rows: int, lanes: int) -> Tensor:
        value = empty_rows(rows + len(first), self._size(node), lanes, first)
        value[rows:, : first.shape[1]] = first
        value[rows:, first.shape[1] :] = 0.0
        return value

    def _empty(self, node: Node, rows: int, lanes: int, like: Tensor) -> Tensor:
        return empty_rows(rows, self._size(node), lanes, like)

    def _size(self, node: Node) -> int:
        return self.sizes.get(node.shape[-1], 1)

    def _cut(self, node: Node, value: Tensor) -> Tensor:
        """The rows without their padding."""
        size = self._size(node)
        return value if value.shape[1] == size else value[:, :size].contiguous()


def _written(carried: Sequence[Node], others: Sequence[Node], leaves: Mapping[Node, Row]) -> tuple[Node, ...]:
    """The outputs of a kernel, values that it computes: a leaf is copied (times one), and so is what is carried twice."""
    result: list[Node] = []
    for node in carried:
        while node in leaves or node in result:
            node = mul(node, constant(1.0))
        result.append(node)
    for node in others:
        result.append(mul(node, constant(1.0)) if node in leaves else node)
    return tuple(result)
