"""The time loop on a GPU: the seam between torch's tensors and kernels in Triton.

Under TRITON_INTERPRET=1 the same kernels run on tensors of the CPU, slowly, to be tested.

Legend: B sequences, N rows: one for each step of each sequence, step by step.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from functools import lru_cache

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import unset_fake_temporarily

from elman.core.ir import Node
from elman.core.passes.fuse import fuse
from elman.core.passes.reuse import reuse
from elman.core.program import Program
from elman.emit.passes import Pass, backward_pass, forward_pass
from elman.emit.plan import Kernel, Row, plan
from elman.emit.triton import Source
from elman.emit.triton_scan import emit_loop
from elman.run.call import DTYPES, sum_dtype
from elman.run.carried import Carried
from elman.run.concurrent import Running, finish
from elman.run.gradients import read_by
from elman.run.kernel import nothing_to_run
from elman.run.launch import LARGEST, functions, launcher
from elman.run.layout import Layout, places, schedule
from elman.run.loop import OperandGradients, Operands, Results
from elman.run.tape import Tape

FORMATS = (torch.float32, torch.float64, torch.bfloat16, torch.float16)
"""What products may multiply; sums, and all else, are float32 where that is a format of two bytes."""


class GpuKernel:
    """Triton kernels for some values of a graph at given sizes: a launch a stage of a step, or one for all
    steps where there is no product in the loop.
    """

    def __init__(self, way: Pass, sizes: Mapping[str, int], dtype: torch.dtype) -> None:
        self._dtype, self._format, self._sizes = dtype, sum_dtype(dtype), sizes
        self.kernel = _planned(way.name, way.outputs, tuple(way.leaves.items()))
        self.outputs = self.kernel.fused.outputs
        self.source = _source(self.kernel, way.before, DTYPES[self._format])

    def compile(self, device: torch.device) -> None:
        """Compiles the kernels for a device, by a step of no sequences in tiles that ask for most of it."""
        nodes = {node: None for launch in self.source.launches for node in launch.arguments}
        values: dict[Node, Tensor] = {}
        with unset_fake_temporarily():  # torch.compile asks for kernels, too, while tensors have no numbers
            for node in nodes:
                matrix = len(node.shape) == 2 and not node.batched
                shape = [1 if size == "B" else self.size(size) for size in node.shape]
                dtype = self._dtype if matrix else self._format
                values[node] = torch.zeros(shape, dtype=dtype, device=device)
            self._run(values, Layout((LARGEST,)), Layout((LARGEST,)), steps=0)

    def size(self, name: str) -> int:
        """The value of a size."""
        return self._sizes.get(name, 1)

    def empty(self, node: Node, rows: int, device: torch.device) -> Tensor:
        """Returns an array for the kernels to write a value to."""
        return torch.empty(rows, self.size(node.shape[-1]), dtype=self._format, device=device)

    def __call__(
        self,
        values: Mapping[Node, Tensor],
        written: Mapping[Node, Tensor],
        layout: Layout,
        other: Layout | None = None,
    ) -> list[Tensor]:
        """Takes all steps of a layout; returns the rows of the outputs, in new memory unless `written` says
        in which.

        values: all that is known, rows (N, ·), vectors, matrices; other: the loop whose carried rows the
        other ones are.
        """
        device = next(iter(values.values())).device
        everything = {**values, **written}
        for node in self.outputs:
            if node not in everything:
                everything[node] = self.empty(node, layout.rows, device)
        for node in self.source.passing:
            everything[node] = self.empty(node, layout.batch, device)
        self._run(everything, layout, other or layout, len(layout.batch_sizes))
        return [everything[node] for node in self.outputs]

    def _run(self, values: Mapping[Node, Tensor], layout: Layout, other: Layout, steps: int) -> None:
        """Takes so many steps; 0 is one step of no sequences."""
        source = self.source
        if not source.launches:
            return
        device = next(iter(values.values())).device
        mine = places(layout, device)
        tables = {Row.CARRIED: mine.carried, Row.OTHER: places(other, device).carried}
        made = functions(source.text, tuple(launch.name for launch in source.launches))
        given = (values, tables, self._sizes, self._dtype, layout.batch)
        ready = [launcher(one, made[i], *given) for i, one in enumerate(source.launches)]
        with torch.cuda.device(device) if device.type == "cuda" else nullcontext():
            if source.whole:
                initial = layout.rows if layout.reverse else -layout.batch
                for one in ready:
                    one(layout.batch, steps, layout.batch if steps else 0, initial, mine.firsts, mine.counts)
            else:
                for first, count in schedule(layout).order if steps else [(0, 0)]:
                    for one in ready:
                        one(count, first, count)


@lru_cache(maxsize=1024)
def _planned(name: str, outputs: tuple[Node, ...], leaves: tuple[tuple[Node, Row], ...]) -> Kernel:
    return plan(name, fuse(outputs, dict(leaves)), dict(leaves))


@lru_cache(maxsize=1024)
def _source(kernel: Kernel, states: tuple[Node, ...], dtype: str) -> Source:
    return emit_loop(kernel, states, dtype)


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
        fused, after = self._train.kernel.fused, len(step.after)
        kept = [node for node in fused.outputs[after:] if node not in fused.outputs[:after]]
        self._reused = reuse(fused, kept, [node for node in step.inputs if node not in self.inputs_read])

    def leaves_half_idle(self, layout: Layout) -> bool:
        """Two directions go one after the other: launches are queued on one stream."""
        return False

    def compile(self, training: bool) -> None:
        """Compiles what a forward pass that keeps nothing runs, or what training runs."""
        for kernel in (self._train, self._back) if training else (self._infer,):
            kernel.compile(self._device)

    def forward(
        self,
        layout: Layout,
        operands: Operands,
        keep: bool,
        return_states: bool = False,
        free: Collection[Node] = (),
    ) -> Results:
        """Runs all steps, as `begin_forward` says."""
        (results,) = finish([self.begin_forward(layout, operands, keep, return_states, free)])
        return results

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

    def saved_shapes(self, rows: int, batch: int) -> list[tuple[int, int]]:
        """The shapes of what `forward` saves."""
        states = [(rows + batch, self._size(node)) for node in self.program.loop.states]
        return [*states, *((rows, self._size(node)) for node in self.program.kept)]

    def backward(
        self,
        layout: Layout,
        operands: Operands,
        saved: Sequence[Tensor],
        d_output: Tensor,
        d_final: Sequence[Tensor],
    ) -> OperandGradients:
        """Backpropagation through time, as `begin_backward` says."""
        (found,) = finish([self.begin_backward(layout, operands, saved, d_output, d_final)])
        return found

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
