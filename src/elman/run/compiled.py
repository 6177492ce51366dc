"""A cell as machine code: what is computed of x before the loop, and the loop, with what passes between them.

Legend: B sequences, N rows (one for each step of each sequence, step by step), I input size, V symbols.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from elman.core.ir import Node
from elman.core.program import Program
from elman.run.concurrent import Running, finish
from elman.run.cpu import CpuLoop
from elman.run.gpu.loop import GpuLoop
from elman.run.gpu.rows import GpuRows
from elman.run.layout import Layout
from elman.run.loop import Operands, Results
from elman.run.memory import empty
from elman.run.rows import CpuRows
from elman.run.symbol_sums import symbol_sums


@dataclass(frozen=True)
class CellOperands:
    """What a cell reads: vectors x, (N, I), or those of symbols, (V, I), that indices (N,) look up; first
    states (B, ·), masks (N, ·), the weights of the step.
    """

    x: Tensor
    indices: Tensor | None
    states: tuple[Tensor, ...]
    masks: tuple[Tensor, ...]
    params: tuple[Tensor, ...]


@dataclass(frozen=True)
class CellGradients:
    """∂E/∂ of each operand; None where it is zero, or not asked for."""

    x: Tensor | None
    states: tuple[Tensor, ...]
    params: tuple[Tensor | None, ...]

    def like(self, operands: CellOperands) -> CellGradients:
        """Each in the format of its operand."""
        params = zip(self.params, operands.params, strict=True)
        return CellGradients(
            None if self.x is None else self.x.to(operands.x.dtype),
            tuple(d.to(state.dtype) for d, state in zip(self.states, operands.states, strict=True)),
            tuple(None if d is None else d.to(param.dtype) for d, param in params),
        )


class CompiledCell:
    """The kernels of a program at given sizes."""

    def __init__(self, program: Program, sizes: Mapping[str, int], dtype: torch.dtype) -> None:
        step, loop = program.step, program.loop
        (x,) = step.inputs
        self.before, self.loop = self._parts(program, sizes, dtype)
        self._in_loop = [step.params.index(param) for param in loop.params]
        kept = {x, *self.before.kept}
        self._free = [node for node, of in zip(loop.inputs, program.before, strict=True) if of not in kept]
        self._inputs = loop.inputs

    def _parts(
        self, program: Program, sizes: Mapping[str, int], dtype: torch.dtype
    ) -> tuple[CpuRows | GpuRows, CpuLoop | GpuLoop]:
        """What runs before the loop, and the loop."""
        (x,) = program.step.inputs
        rows = CpuRows(program.before, x, program.step.params, sizes, dtype)
        return rows, CpuLoop(program, sizes, dtype)

    def compile(self, training: bool) -> None:
        """Compiles all that inference, or training, will run, so that a failure shows before it begins."""
        self.before.compile(training)
        self.loop.compile(training)

    def forward(
        self, layout: Layout, operands: CellOperands, keep: bool, return_states: bool = False
    ) -> Results:
        """Runs all steps. `keep` also saves what `backward` needs."""
        (results,) = finish([self.begin_forward(layout, operands, keep, return_states)])
        return results

    def begin_forward(
        self,
        layout: Layout,
        operands: CellOperands,
        keep: bool,
        return_states: bool = False,
        loops: int = 1,
    ) -> Running[Results]:
        """The pass of `forward`; loops: how many run at the same time."""
        inputs, kept = self.before.forward(operands.x, operands.params)
        free: Sequence[Node] = self._free
        if operands.indices is not None:
            inputs, free = [self._look_up(table, operands.indices) for table in inputs], self._inputs
        given = self._loop_operands(operands, inputs)
        results = yield from self.loop.begin_forward(
            layout, given, keep, return_states, free if keep else (), loops
        )
        if not keep:
            return results
        read = [inputs[self._inputs.index(node)] for node in self.loop.inputs_read]
        return replace(results, saved=(*kept, *read, *results.saved))

    def saved_shapes(self, vectors: int, rows: int, batch: int) -> list[tuple[int, int]]:
        """The shapes of what `forward` saves, from the number of vectors x, N and B."""
        read = [(rows, self.before.size_of(self._inputs.index(node))) for node in self.loop.inputs_read]
        return [*self.before.kept_shapes(vectors), *read, *self.loop.saved_shapes(rows, batch)]

    def saved_formats(self) -> list[torch.dtype]:
        """The formats of what `forward` saves, where not all of it has that of sums."""
        return []

    def backward(
        self,
        layout: Layout,
        operands: CellOperands,
        saved: Sequence[Tensor],
        d_output: Tensor,
        d_final: Sequence[Tensor],
        need_x: bool,
    ) -> CellGradients:
        """Backpropagation through time; d_final: ∂E/∂(last states)."""
        (found,) = finish([self.begin_backward(layout, operands, saved, d_output, d_final, need_x)])
        return found

    def begin_backward(
        self,
        layout: Layout,
        operands: CellOperands,
        saved: Sequence[Tensor],
        d_output: Tensor,
        d_final: Sequence[Tensor],
        need_x: bool,
        loops: int = 1,
    ) -> Running[CellGradients]:
        """The pass of `backward`; loops: how many run at the same time."""
        kept = saved[: len(self.before.kept)]
        rest = saved[len(kept) :]
        read = dict(zip(self.loop.inputs_read, rest, strict=False))
        inputs = [read.get(node, d_output) for node in self._inputs]  # the others are not looked at
        given = self._loop_operands(operands, inputs)
        found = yield from self.loop.begin_backward(
            layout, given, rest[len(read) :], d_output, d_final, loops
        )
        arrived = [
            _like(operands.x, self.before.size_of(i)) if d is None else self._gathered(d, operands)
            for i, d in enumerate(found.inputs)
        ]
        d_x, d_params = self.before.backward(operands.x, operands.params, kept, arrived, need_x)
        for place, d in zip(self._in_loop, found.params, strict=True):
            other = d_params[place]
            d_params[place] = d if other is None else other if d is None else other + d
        return CellGradients(d_x, found.states, tuple(d_params))

    def _loop_operands(self, operands: CellOperands, inputs: Sequence[Tensor]) -> Operands:
        params = tuple(operands.params[place] for place in self._in_loop)
        return Operands(tuple(inputs), operands.states, operands.masks, params)

    def _look_up(self, table: Tensor, indices: Tensor) -> Tensor:
        found = empty(len(indices), table.shape[1], table.dtype)
        return torch.index_select(table, 0, indices, out=found)

    def _gathered(self, d: Tensor, operands: CellOperands) -> Tensor:
        """The errors of rows, summed by their symbols."""
        if operands.indices is None:
            return d
        return symbol_sums(d, operands.indices, len(operands.x))


def _like(x: Tensor, size: int) -> Tensor:
    return x.new_zeros(len(x), size)
