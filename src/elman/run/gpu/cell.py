"""A cell on a GPU: torch's products before the loop, Triton's kernels in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

import torch
from torch import Tensor

from elman.core.passes import compile_scan
from elman.core.program import Program
from elman.run.call import sum_dtype
from elman.run.compiled import CellGradients, CellOperands, CompiledCell
from elman.run.concurrent import Running
from elman.run.gpu.loop import GpuLoop
from elman.run.gpu.rows import GpuRows
from elman.run.layout import Layout
from elman.run.loop import Results

OLDEST = (8, 0)
"""The compute capability from which on there are products of bfloat16."""


class GpuCell(CompiledCell):
    """The kernels of a program at given sizes on a device.

    dtype: what products multiply. Outputs have that format, gradients that of their operands; sums, gates and
    the states from step to step are float32 where it has two bytes.
    """

    def __init__(
        self, program: Program, sizes: Mapping[str, int], dtype: torch.dtype, device: torch.device
    ) -> None:
        self._dtype, self._device = dtype, device
        super().__init__(compile_scan(program.step) or program, sizes, dtype)

    def _parts(
        self, program: Program, sizes: Mapping[str, int], dtype: torch.dtype
    ) -> tuple[GpuRows, GpuLoop]:
        (x,) = program.step.inputs
        rows = GpuRows(program.before, x, program.step.params, sizes, dtype)
        loop = GpuLoop(program, sizes, dtype, self._device)
        self._kept_formats = loop.kept_formats
        return rows, loop

    def begin_forward(
        self,
        layout: Layout,
        operands: CellOperands,
        keep: bool,
        return_states: bool = False,
        loops: int = 1,
    ) -> Running[Results]:
        """The pass of `forward`; loops: how many run at the same time."""
        found = yield from super().begin_forward(layout, self._wide(operands), keep, return_states, loops)
        return found.to(self._dtype)

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
        wide = sum_dtype(self._dtype)
        errors = [d.to(wide) for d in d_final]
        given = (layout, self._wide(operands), saved, d_output.to(wide), errors, need_x, loops)
        found = yield from super().begin_backward(*given)
        return found.like(operands)

    def saved_formats(self) -> list[torch.dtype]:
        """The formats of what `forward` saves: of two bytes what is computed before the loop, and gates."""
        states = [sum_dtype(self._dtype)] * len(self.loop.program.loop.states)
        before = len(self.before.kept) + len(self.loop.inputs_read)
        return [*[self._dtype] * before, *states, *self._kept_formats]

    def _wide(self, operands: CellOperands) -> CellOperands:
        wide = sum_dtype(self._dtype)
        states, masks = (tuple(v.to(wide) for v in some) for some in (operands.states, operands.masks))
        return CellOperands(operands.x, operands.indices, states, masks, operands.params)

    def _look_up(self, table: Tensor, indices: Tensor) -> Tensor:
        return table.index_select(0, indices)

    def _gathered(self, d: Tensor, operands: CellOperands) -> Tensor:
        """The errors of rows, summed by their symbols, always in the same order."""
        if operands.indices is None:
            return d
        return torch.ops.aten.embedding_dense_backward(d, operands.indices, len(operands.x), -1, False)


@lru_cache(maxsize=16)
def why_not(device: torch.device) -> str | None:
    """Returns why a GPU does not run Triton's kernels; None where it does."""
    if find_spec("triton") is None:
        return "triton is not installed"
    capability = torch.cuda.get_device_capability(device)
    if torch.version.hip is None and capability < OLDEST:
        return (
            f"its compute capability is {capability[0]}.{capability[1]}, kernels need {OLDEST[0]}.{OLDEST[1]}"
        )
    import_module("triton")
    return None
