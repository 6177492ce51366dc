"""A cell whose products multiply numbers rounded to bfloat16.

Rounded are the operands of products by matrices: weights, x, the states, whatever else such a product reads.
Everything else is float32: the sums, biases, gates, the states from step to step, what is kept for the
backward pass. That pass computes in float32 throughout, with the weights as they were rounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from elman.core.program import Program
from elman.run.compiled import CellGradients, CellOperands, CompiledCell
from elman.run.concurrent import Running
from elman.run.layout import Layout
from elman.run.loop import Results


class RoundedCell(CompiledCell):
    """The kernels of a program at given sizes, for operands in bfloat16 or float32.

    Outputs are bfloat16; gradients have the format of their operands.
    """

    def __init__(self, program: Program, sizes: Mapping[str, int]) -> None:
        super().__init__(program, sizes, torch.bfloat16)

    def begin_forward(
        self,
        layout: Layout,
        operands: CellOperands,
        keep: bool,
        return_states: bool = False,
        loops: int = 1,
    ) -> Running[Results]:
        """The pass of `forward`; loops: how many run at the same time."""
        params = tuple(_rounded(param) for param in operands.params)
        given = CellOperands(
            operands.x, operands.indices, _wide(operands.states), _wide(operands.masks), params
        )
        found = yield from super().begin_forward(layout, given, keep, return_states, loops)
        return found.to(torch.bfloat16)

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
        (x,), states, masks = (_wide(v) for v in ((operands.x,), operands.states, operands.masks))
        params = _wide([_rounded(param) for param in operands.params])
        given = CellOperands(x, operands.indices, states, masks, params)
        found = yield from super().begin_backward(
            layout, given, saved, d_output.float(), _wide(d_final), need_x, loops
        )
        return found.like(operands)


def _rounded(param: Tensor) -> Tensor:
    """A matrix in bfloat16, anything else in float32."""
    return param.bfloat16() if param.dim() == 2 else param.float()


def _wide(values: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return tuple(value.float() for value in values)
