"""Cells whose products round their operands to bfloat16: the same equations, step by step, in float64.

Legend: N rows (one for each step of each sequence, step by step), B sequences.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from elman.core.ir import topological
from elman.core.passes import compile_step
from elman.core.program import Program
from elman.core.trace import Cell
from elman.run.compiled import CellOperands, CompiledCell
from elman.run.layout import Layout
from elman.run.loop import Results
from elman.run.operations import OPERATIONS


def rounded(value: Tensor) -> Tensor:
    return value.bfloat16().to(value.dtype)


class RoundedProduct(torch.autograd.Function):
    """v ↦ round(v) round(W)ᵀ; its derivative is that of v round(W)ᵀ."""

    @staticmethod
    def forward(ctx, matrix: Tensor, value: Tensor) -> Tensor:
        ctx.save_for_backward(matrix, value)
        return rounded(value) @ rounded(matrix).mT

    @staticmethod
    def backward(ctx, *deltas: Tensor) -> tuple[Tensor, Tensor]:
        (delta,), (matrix, value) = deltas, ctx.saved_tensors
        return delta.mT @ value, delta @ rounded(matrix)


MEANINGS = {**OPERATIONS, "matmul": RoundedProduct.apply}


@dataclass(frozen=True)
class RoundedCase:
    """A cell at given sizes with operands in float32."""

    program: Program
    sizes: dict[str, int]
    layout: Layout
    operands: CellOperands

    @classmethod
    def random(cls, cell: Cell, sizes: dict[str, int], layout: Layout) -> "RoundedCase":
        program = compile_step(cell.step)
        step = program.step
        operands = CellOperands(
            torch.randn(layout.rows, sizes["I"]),
            None,
            tuple(torch.rand(layout.batch, sizes[state.shape[1]]) for state in step.states),
            (),
            tuple(torch.randn([sizes[d] for d in p.shape]) / sizes["H"] ** 0.5 for p in step.params),
        )
        return cls(program, sizes, layout, operands)

    def compiled(self) -> CompiledCell:
        """The kernels, whose results are in float32."""
        return CompiledCell(self.program, self.sizes, torch.bfloat16)

    def given(self) -> CellOperands:
        """The operands as those kernels take them."""
        params = tuple(p.bfloat16() if p.dim() == 2 else p for p in self.operands.params)
        return replace(self.operands, params=params)

    def leaves(self) -> tuple[Tensor, tuple[Tensor, ...], tuple[Tensor, ...]]:
        """x, the first states and the weights in float64, to find gradients of."""
        given = self.operands
        x, *rest = (value.double().requires_grad_() for value in (given.x, *given.states, *given.params))
        return x, tuple(rest[: len(given.states)]), tuple(rest[len(given.states) :])

    def expected(
        self, run: Results, x: Tensor, states: Sequence[Tensor], params: Sequence[Tensor]
    ) -> tuple[Tensor, ...]:
        """The output (N, ·), the last states (B, ·) and all states (N, ·).

        Every step starts from the states that the kernels had, which differ by what is lost in float32: a
        number may be rounded up in one and down in the other. run: with all states.
        """
        taken = [value.double().split(self.layout.batch_sizes) for value in run.every]
        rows = x.split(self.layout.batch_sizes)
        carried = list(states)
        outputs: list[Tensor] = [x] * len(rows)
        every: list[list[Tensor]] = [[]] * len(rows)
        for t, batch in self.layout.steps():
            now = [state[:batch] for state in carried]
            outputs[t], *every[t] = self._step(rows[t], now, params)
            as_taken = [
                mine + (value[t] - mine).detach() for mine, value in zip(every[t], taken, strict=True)
            ]
            carried = [torch.cat([new, old[batch:]]) for new, old in zip(as_taken, carried, strict=True)]
        return torch.cat(outputs), *carried, *(torch.cat(values) for values in zip(*every, strict=True))

    def _step(self, x: Tensor, states: Sequence[Tensor], params: Sequence[Tensor]) -> list[Tensor]:
        step = self.program.step
        known = dict(zip((*step.inputs, *step.states, *step.params), (x, *states, *params), strict=True))
        for node in topological(step.outputs, known):
            if node.op == "constant":
                known[node] = torch.tensor(node.value, dtype=x.dtype)
                continue
            given: dict[str, object] = dict(node.attributes)
            if "size" in given:
                given["size"] = self.sizes[str(given["size"])]
            known[node] = MEANINGS[node.op](*(known[arg] for arg in node.args), **given)
        return [known[node].expand(len(x), -1) for node in step.outputs]
