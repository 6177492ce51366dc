"""The time loop on a GPU: the seam between torch's tensors and kernels in Triton.

Legend: B sequences, N rows: one for each step of each sequence, step by step.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import torch
from torch import Tensor

from elman.core.ir import Node
from elman.core.passes.reuse import reuse
from elman.core.program import Program
from elman.emit.passes import backward_pass, forward_pass
from elman.run.call import sum_dtype
from elman.run.carried import Carried
from elman.run.concurrent import Running
from elman.run.gpu.formats import rounded_errors, rounded_gates
from elman.run.gpu.kernel import GpuKernel
from elman.run.gradients import read_by
from elman.run.kernel import nothing_to_run
from elman.run.layout import Layout
from elman.run.loop import OperandGradients, Operands, Results
from elman.run.tape import Tape

FORMATS = (torch.float32, torch.float64, torch.bfloat16, torch.float16)
"""What products may multiply; sums, and all else, are float32 where that is a format of two bytes."""


class GpuLoop:
    """The loop of a compiled cell at given sizes, forward and backward."""

    def __init__(
        self, program: Program, sizes: Mapping[str, int], dtype: torch.dtype, device: torch.device
    ) -> None:
        self.program, step = program, program.loop
        self._sizes, self._dtype, self._device = sizes, dtype, device
        backward = backward_pass(program)
        self._infer = GpuKernel(forward_pass(program, keep=False), sizes, dtype)
        self._train = GpuKernel(forward_pass(program, keep=True), sizes, dtype)
        self._back = GpuKernel(backward, sizes, dtype)
        self._errors = (*backward.carried, *backward.others)
        known = dict.fromkeys((*backward.leaves, *backward.others))
        available = [node for node in known if node not in step.params]
        gradients = [d for d in program.backward.d_params if d is not None]
        self._reads = read_by(gradients, available)
        self._sums = Tape(gradients, self._reads, step.params, sizes)
        read = {*self._back.kernel.fused.operands, *self._reads}
        self.inputs_read = tuple(node for node in step.inputs if node in read)
        """The values computed before the loop that `backward` looks at."""
        outputs, after = self._train.outputs, len(step.after)
        left = [node for node in outputs[after:] if node not in outputs[:after]]
        if dtype.itemsize == 2:
            left = self._round(left[1:] if outputs[after] in left else left, len(backward.carried))
        free = [node for node in step.inputs if node not in self.inputs_read]
        self._reused = reuse(self._train.kernel.fused, left, free)

    def _round(self, left: Sequence[Node], carried: int) -> list[Node]:
        """Sets the formats of rows that are rounded to that of products; returns the gates among them.

        carried: how many errors are those of states.
        """
        train, back, program = self._train, self._back, self.program
        gates = rounded_gates(train.kernel.fused, left)
        others = (node for node in back.outputs if node not in back.outputs[:carried])
        errors = rounded_errors(back.kernel.fused, others)
        kept = zip(program.kept, train.outputs[-len(program.kept) :], strict=False)
        for kernel in (train, self._infer, back):
            kernel.formats.update(dict.fromkeys(program.loop.inputs, self._dtype))
        train.formats.update(dict.fromkeys(gates, self._dtype))
        back.formats.update(dict.fromkeys(errors, self._dtype))
        back.formats.update((node, self._dtype) for node, output in kept if output in gates)
        return [node for node in left if node in gates]

    def leaves_half_idle(self, layout: Layout) -> bool:
        """Two directions go one after the other: launches are queued on one stream."""
        return False

    def compile(self, training: bool) -> None:
        """Compiles what a forward pass that keeps nothing runs, or what training runs."""
        for kernel in (self._train, self._back) if training else (self._infer,):
            kernel.compile(self._device)

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
        used for that.
        """
        step, kernel = self.program.loop, self._train if keep else self._infer
        carried = [Carried.start(first, layout, 1) for first in operands.states]
        values = self._given(operands)
        values.update((node, value.rows) for node, value in zip(step.states, carried, strict=True))
        written = dict(zip(kernel.outputs, (value.rows for value in carried), strict=False))
        written.update((node, values[old]) for node, old in self._reused.items() if keep and old in free)
        output, *kept = kernel(values, written, layout)[len(carried) :]
        yield nothing_to_run()
        return Results(
            output,
            tuple(value.last for value in carried),
            tuple(value.rows for value in carried) if return_states else (),
            (*(value.everything for value in carried), *kept) if keep else (),
        )

    @property
    def kept_formats(self) -> list[torch.dtype]:
        """The formats of what is kept beside states."""
        back = self._back
        return [back.formats.get(node, sum_dtype(self._dtype)) for node in self.program.kept]

    def saved_shapes(self, rows: int, batch: int) -> list[tuple[int, int]]:
        """The shapes of what `forward` saves."""
        states = [(rows + batch, self._size(node)) for node in self.program.loop.states]
        return [*states, *((rows, self._size(node)) for node in self.program.kept)]

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
        step, backward = self.program.loop, self.program.backward
        back = Layout(layout.batch_sizes, not layout.reverse)
        states = [Carried(value, layout) for value in saved[: len(step.states)]]
        errors = [Carried.start(first, back, 1) for first in d_final]
        for error, d in zip(errors, backward.d_states, strict=True):
            if d is None:  # nothing flows back from this state
                error.rows.zero_()
        values = self._given(operands)
        values.update((node, value.rows) for node, value in zip(step.states, states, strict=True))
        values.update(zip(self.program.kept, saved[len(step.states) :], strict=True))
        values[backward.d_output] = _in_rows(d_output)
        values.update((node, error.rows) for node, error in zip(backward.d_after, errors, strict=True))
        into = [error.rows for error, d in zip(errors, backward.d_states, strict=True) if d is not None]
        written = dict(zip(self._back.outputs, into, strict=False))
        left = self._back(values, written, back, layout)
        yield nothing_to_run()
        found = dict(zip(self._errors, left, strict=True))
        before = dict(zip((*step.states, *backward.d_after), (*states, *errors), strict=True))
        rows = [
            before[node].before if node in before else found.get(node, values.get(node, d_output))
            for node in self._reads
        ]
        d_params = iter(self._weight_gradients(rows, [values[param] for param in step.params]))
        return OperandGradients(
            tuple(None if d is None else found[d] for d in backward.d_inputs),
            tuple(error.last for error in errors),
            tuple(None if d is None else next(d_params) for d in backward.d_params),
        )

    def _weight_gradients(self, rows: Sequence[Tensor], params: Sequence[Tensor]) -> list[Tensor]:
        """Sums over all steps at once, in products of the loop's format."""
        prepared = self._sums.prepare([param.to(self._dtype) for param in params])
        return self._sums(prepared, [value.to(self._dtype) for value in rows])

    def _given(self, operands: Operands) -> dict[Node, Tensor]:
        step = self.program.loop
        given = zip((*step.inputs, *step.masks), (*operands.inputs, *operands.masks), strict=True)
        values = {node: _in_rows(value) for node, value in given}
        for node, param in zip(step.params, operands.params, strict=True):
            values[node] = param.to(self._dtype) if param.dim() == 2 else param.contiguous()
        return values

    def _size(self, node: Node) -> int:
        return self._sizes.get(node.shape[-1], 1)


def _in_rows(value: Tensor) -> Tensor:
    """Rows whose units lie one after the other."""
    return value if value.stride(-1) == 1 else value.contiguous()
