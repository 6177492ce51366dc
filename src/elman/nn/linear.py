"""A projection, y = W x + b, by elman's register tile.

Legend: N rows, I input size, O output size.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from elman.core.ir import variable
from elman.core.ops import add, matmul
from elman.nn.function import fit, needs_autograd
from elman.run.choice import compiled_or_none, has_kernels
from elman.run.rows import CpuRows


class Linear(nn.Linear):
    """torch.nn.Linear, y = W x + b, on a CPU by elman's kernels, which take half the time of torch's where
    the outputs are the symbols of a text.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Returns y, (…, O), for x, (…, I)."""
        tensors = (input, self.weight, *(() if self.bias is None else (self.bias,)))
        rows = self._rows(tensors)
        if rows is None:
            return super().forward(input)
        if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors):
            found = _Projection.apply(rows, input.reshape(-1, self.in_features), *tensors[1:])
        else:
            (found,), _ = rows.forward(input.reshape(-1, self.in_features), tensors[1:])
        return found.unflatten(0, input.shape[:-1])

    def _rows(self, tensors: tuple[Tensor, ...]) -> CpuRows | None:
        """None where the kernels do not fit."""
        input, device, dtype = tensors[0], self.weight.device, self.weight.dtype
        odd = torch.compiler.is_compiling() or torch.is_autocast_enabled(device.type)
        odd = odd or input.dim() < 2 or dtype == torch.bfloat16
        if odd or not has_kernels(device, dtype) or needs_autograd() or not fit(tensors, (dtype,)):
            return None
        return _compiled(self.in_features, self.out_features, self.bias is not None, dtype)


class _Projection(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: CpuRows, x: Tensor, *params: Tensor) -> Tensor:
        ctx.rows = rows
        ctx.save_for_backward(x, *params)
        (output,), _ = rows.forward(x, params)
        return output

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x, *params = ctx.saved_tensors
        (delta,) = gradients
        if torch.is_grad_enabled():  # the gradient will itself be differentiated
            return None, delta @ params[0], delta.mT @ x, *([delta.sum(0)] * len(params[1:]))
        d_x, d_params = ctx.rows.backward(x, params, [], [delta], need_x=ctx.needs_input_grad[1])
        return None, d_x, *d_params


@lru_cache(maxsize=256)
def _compiled(inputs: int, outputs: int, bias: bool, dtype: torch.dtype) -> CpuRows | None:
    def make() -> CpuRows:
        x, W, b = (
            variable(kind, name, shape)
            for kind, name, shape in (
                ("x", "x", ("B", "I")),
                ("param", "W", ("O", "I")),
                ("param", "b", ("O",)),
            )
        )
        y = add(matmul(W, x), b) if bias else matmul(W, x)
        rows = CpuRows([y], x, [W, b] if bias else [W], {"I": inputs, "O": outputs}, dtype)
        rows.compile(training=True)
        return rows

    return compiled_or_none("a projection", make)
