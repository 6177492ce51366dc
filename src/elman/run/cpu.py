"""The time loop as machine code: the seam between torch's tensors and compiled kernels on the CPU.

Legend: B sequences, N rows: one for each step of each sequence, step by step.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import torch
from torch import Tensor

from elman.core.ir import Node
from elman.core.passes.reuse import reuse
from elman.core.program import Program
from elman.emit.passes import Pass, backward_pass, forward_pass
from elman.emit.target import Target
from elman.run.buffers import padded_size, readable
from elman.run.call import sum_dtype
from elman.run.carried import Carried
from elman.run.concurrent import Running
from elman.run.gradients import WeightGradients
from elman.run.kernel import CpuKernel
from elman.run.layout import Layout
from elman.run.loop import OperandGradients, Operands, Results
from elman.run.pairs import paired, unpaired
from elman.run.work import loop_work


class CpuLoop:
    """The loop of a compiled cell at given sizes, forward and backward."""

    def __init__(self, program: Program, sizes: Mapping[str, int], dtype: torch.dtype) -> None:
        self.program, step = program, program.loop
        self._sizes = sizes
        backward = backward_pass(program)
        self._infer = _Run(forward_pass(program, keep=False), sizes, dtype, step.states)
        self._train = _Run(forward_pass(program, keep=True), sizes, dtype, step.states)
        self._back = _Run(backward, sizes, sum_dtype(dtype))
        self._errors = (*backward.carried, *backward.others)
        params = step.params
        available = [node for node in (*backward.leaves, *backward.others) if node not in params]
        gradients = [d for d in program.backward.d_params if d is not None]
        self._sums = WeightGradients(gradients, available, params, sizes, sum_dtype(dtype))
        read = {*self._back.kernel.kernel.fused.operands, *self._sums.reads}
        self.inputs_read = tuple(node for node in step.inputs if node in read)
        """The values computed before the loop that `backward` looks at."""
        train, after = self._train.kernel, len(step.after)
        kept = [node for node in train.outputs[after:] if node not in train.outputs[:after]]
        over = [node for node in step.inputs if node not in self.inputs_read]
        self._reused = reuse(train.kernel.fused, kept, over)

    @property
    def target(self) -> Target:
        """The processor that the kernels are for."""
        return self._infer.kernel.target

    def leaves_half_idle(self, layout: Layout) -> bool:
        """Whether the loop keeps no more than half of the threads busy."""
        return self._infer.kernel.leaves_half_idle(layout)

    def compile(self, training: bool) -> None:
        """Compiles what a forward pass that keeps nothing runs, or what training runs."""
        if training:
            self._train.kernel.compile()
            self._back.kernel.compile()
            self._sums.compile()
        else:
            self._infer.kernel.compile()

    def begin_forward(
        self,
        layout: Layout,
        operands: Operands,
        keep: bool,
        return_states: bool = False,
        free: Collection[Node] = (),
        loops: int = 1,
    ) -> Running[Results]:
        """The pass over all steps. `keep` also saves what `backward` needs; free: inputs whose memory may be
        used for that; loops: how many run at the same time.

        An output that stands in pairs, for the next step to multiply, is returned as it stands there.
        """
        step, run = self.program.loop, self._train if keep else self._infer
        kernel = run.kernel
        carried = [Carried.start(first, layout, kernel.lanes) for first in operands.states]
        values = self._given(operands, kernel)
        values.update((node, value.rows) for node, value in zip(step.states, carried, strict=True))
        places = dict(zip(kernel.outputs, (value.rows for value in carried), strict=False))
        places.update((node, values[old]) for node, old in self._reused.items() if old in free)
        pairs: dict[Node, Tensor] = {}
        for state, after, first in zip(step.states, kernel.outputs, operands.states, strict=False):
            if state in kernel.kernel.pairs:
                pairs[state] = pairs[after] = Carried.start(paired(first), layout, kernel.lanes // 2).rows
        written = yield from run(values, places, self._params(operands), layout, loops=loops, pairs=pairs)
        output, *kept = written[len(carried) :]
        as_pairs = pairs.get(kernel.outputs[len(carried)])
        every = tuple(self._cut(node, value.rows) for node, value in zip(step.states, carried, strict=True))
        return Results(
            self._cut(step.output, output)
            if as_pairs is None
            else unpaired(as_pairs, kernel.size(step.output)),
            tuple(self._cut(node, value.last) for node, value in zip(step.states, carried, strict=True)),
            every if return_states else (),
            (*(value.everything for value in carried), *kept) if keep else (),
        )

    def saved_shapes(self, rows: int, batch: int) -> list[tuple[int, int]]:
        """The shapes of what `forward` saves."""

        def padded(node: Node) -> int:
            return padded_size(self._train.kernel.size(node), self._train.kernel.lanes)

        states = [(rows + batch, padded(node)) for node in self.program.loop.states]
        return [*states, *((rows, padded(node)) for node in self.program.kept)]

    def begin_backward(
        self,
        layout: Layout,
        operands: Operands,
        saved: Sequence[Tensor],
        d_output: Tensor,
        d_final: Sequence[Tensor],
        loops: int = 1,
    ) -> Running[OperandGradients]:
        """The pass of backpropagation through time by the derived backward step."""
        step, backward, lanes = self.program.loop, self.program.backward, self._back.kernel.lanes
        back = Layout(layout.batch_sizes, not layout.reverse)
        states = [Carried(value, layout) for value in saved[: len(step.states)]]
        errors = [Carried.start(first, back, lanes) for first in d_final]
        for error, d in zip(errors, backward.d_states, strict=True):
            if d is None:  # nothing flows back from this state
                error.rows.zero_()
        values = self._given(operands, self._back.kernel)
        values.update((node, value.rows) for node, value in zip(step.states, states, strict=True))
        values.update(zip(self.program.kept, saved[len(step.states) :], strict=True))
        values[backward.d_output] = readable(d_output, lanes)
        values.update((node, error.rows) for node, error in zip(backward.d_after, errors, strict=True))
        into = [error.rows for error, d in zip(errors, backward.d_states, strict=True) if d is not None]
        places = dict(zip(self._back.kernel.outputs, into, strict=False))
        written = yield from self._back(values, places, self._params(operands), back, layout, loops)
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

    def _given(self, operands: Operands, kernel: CpuKernel) -> dict[Node, Tensor]:
        step = self.program.loop
        given = zip((*step.inputs, *step.masks), (*operands.inputs, *operands.masks), strict=True)
        vectors = ((node, value) for node, value in self._params(operands).items() if value.dim() == 1)
        return {node: kernel.readable(node, value) for some in (given, vectors) for node, value in some}

    def _params(self, operands: Operands) -> dict[Node, Tensor]:
        return dict(zip(self.program.loop.params, operands.params, strict=True))

    def _cut(self, node: Node, value: Tensor) -> Tensor:
        """The rows without their padding."""
        size = self._sizes.get(node.shape[-1], 1)
        return value if value.shape[1] == size else value[:, :size].contiguous()


class _Run:
    """A pass that writes some values to places given, and the rest to new arrays."""

    def __init__(
        self, way: Pass, sizes: Mapping[str, int], dtype: torch.dtype, states: Sequence[Node] = ()
    ) -> None:
        self.kernel = CpuKernel(way.name, way.outputs, way.leaves, sizes, dtype, states)

    def __call__(
        self,
        values: Mapping[Node, Tensor],
        places: Mapping[Node, Tensor],
        params: Mapping[Node, Tensor],
        layout: Layout,
        other: Layout | None = None,
        loops: int = 1,
        pairs: Mapping[Node, Tensor] | None = None,
    ) -> Running[list[Tensor]]:
        """The pass whose results are the rows of the outputs, padded."""
        everything = {**values, **places}
        for node in self.kernel.stored:
            if node not in everything:
                everything[node] = self.kernel.empty(node, layout.rows)
        work = loop_work(layout, other, self.kernel.target.rows, loops)
        yield self.kernel.ready(everything, params, work, pairs)
        return [everything[node] for node in self.kernel.outputs]
