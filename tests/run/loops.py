"""A compiled loop and its oracle, on random operands."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from elman.core.program import Program
from elman.run.concurrent import finish
from elman.run.cpu import CpuLoop
from elman.run.eager import EagerLoop
from elman.run.gpu.loop import GpuLoop
from elman.run.layout import Layout
from elman.run.loop import OperandGradients, Operands, Results


@dataclass(frozen=True)
class Case:
    """A program at given sizes, and operands for a layout."""

    program: Program
    sizes: dict[str, int]
    layout: Layout
    operands: Operands

    @classmethod
    def random(cls, program: Program, sizes: dict[str, int], layout: Layout, dtype: torch.dtype) -> "Case":
        step = program.loop

        def rows(nodes, count: int) -> tuple[Tensor, ...]:
            return tuple(torch.randn(count, sizes.get(n.shape[1], 1), dtype=dtype) * 0.5 for n in nodes)

        weights = (
            torch.randn([sizes[d] for d in p.shape], dtype=dtype) / sizes["H"] ** 0.5 for p in step.params
        )
        operands = Operands(
            inputs=rows(step.inputs, layout.rows),
            states=tuple(state.abs() for state in rows(step.states, layout.batch)),
            masks=tuple(mask.sigmoid().round() for mask in rows(step.masks, layout.rows)),
            params=tuple(weights),
        )
        return cls(program, sizes, layout, operands)

    def on(self, device: torch.device) -> "Case":
        """The same on a device."""
        given = self.operands
        moved = (
            (v.to(device) for v in some) for some in (given.inputs, given.states, given.masks, given.params)
        )
        return replace(self, operands=Operands(*map(tuple, moved)))

    def outputs(self, loop: EagerLoop | CpuLoop | GpuLoop, keep: bool = True) -> tuple[Tensor, ...]:
        return forward(loop, self.layout, self.operands, keep, return_states=True).outputs

    def gradients(self, loop: EagerLoop | CpuLoop | GpuLoop) -> list[Tensor]:
        """The gradients of all operands, of the same random error for every loop."""
        run = forward(loop, self.layout, self.operands, True)
        draw = torch.Generator().manual_seed(1)
        d_output, *d_final = (
            torch.randn(o.shape, dtype=o.dtype, generator=draw).to(o.device) for o in (run.output, *run.final)
        )
        found = backward(loop, self.layout, self.operands, run.saved, d_output, d_final)
        return [value for value in (*found.inputs, *found.states, *found.params) if value is not None]

    @property
    def eager(self) -> EagerLoop:
        return EagerLoop(self.program, self.sizes)

    def compiled(self, dtype: torch.dtype) -> CpuLoop:
        return CpuLoop(self.program, self.sizes, dtype)

    def launched(self, dtype: torch.dtype) -> GpuLoop:
        return GpuLoop(self.program, self.sizes, dtype, self.operands.states[0].device)


def forward(loop: EagerLoop | CpuLoop | GpuLoop, *given, **options) -> Results:
    """All steps of a loop."""
    if isinstance(loop, EagerLoop):
        return loop.forward(*given, **options)
    (results,) = finish([loop.begin_forward(*given, **options)])
    return results


def backward(loop: EagerLoop | CpuLoop | GpuLoop, *given) -> OperandGradients:
    """Backpropagation through all steps of a loop."""
    if isinstance(loop, EagerLoop):
        return loop.backward(*given)
    (found,) = finish([loop.begin_backward(*given)])
    return found


def assert_same(found, expected, tolerance: float) -> None:
    """Each tensor agrees, relative to its largest entry or one."""
    assert len(found) == len(expected)
    for mine, theirs in zip(found, expected, strict=True):
        assert mine.shape == theirs.shape
        torch.testing.assert_close(mine, theirs, rtol=0, atol=tolerance * max(1.0, float(theirs.abs().max())))
