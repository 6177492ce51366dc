"""Where autograd meets the time loop: forward by the compiled step, backward by the derived backward step.

The derived backward step serves first derivatives. Where more is asked for (double backward, torch.func transforms, forward-mode
derivatives, autocast), the same loop runs in torch's own operations under autograd: slower, with the same result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad

from elman.run.eager import EagerLoop
from elman.run.layout import Layout
from elman.run.loop import Operands

Outputs = tuple[Tensor, tuple[Tensor, ...], tuple[Tensor, ...]]


def run_loop(loop: EagerLoop, layout: Layout, operands: Operands, return_states: bool) -> Outputs:
    """Returns the output (N, ·), the last states (B, ·), and if asked for the states after every step (N, ·)."""
    tensors = (*operands.inputs, *operands.states, *operands.masks, *operands.params)
    wanted = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)
    if not wanted or _needs_autograd(tensors[0].device.type):
        outputs = loop.forward(layout, operands, False, return_states).outputs
    else:
        widths = (len(operands.inputs), len(operands.states), len(operands.masks))
        outputs = TimeLoop.apply(loop, layout, widths, return_states, *tensors)
    states = len(operands.states)
    return outputs[0], tuple(outputs[1 : 1 + states]), tuple(outputs[1 + states :])


def _needs_autograd(device: str) -> bool:
    transforms = torch._C._functorch.maybe_current_level() is not None
    return transforms or forward_ad._current_level >= 0 or torch.is_autocast_enabled(device)


def _operands(tensors: Sequence[Any], widths: tuple[int, int, int]) -> Operands:
    inputs, states, masks = widths
    first, second = inputs + states, inputs + states + masks
    return Operands(
        tuple(tensors[:inputs]), tuple(tensors[inputs:first]), tuple(tensors[first:second]), tuple(tensors[second:])
    )


class TimeLoop(torch.autograd.Function):
    """The time loop as one operation of autograd."""

    @staticmethod
    def forward(
        ctx: Any, loop: EagerLoop, layout: Layout, widths: tuple[int, int, int], return_states: bool, *tensors: Tensor
    ) -> tuple[Tensor, ...]:
        operands = _operands(tensors, widths)
        results = loop.forward(layout, operands, True, return_states)
        ctx.loop, ctx.layout, ctx.widths, ctx.return_states = loop, layout, widths, return_states
        ctx.save_for_backward(*tensors, *results.saved)
        ctx.count = len(tensors)
        outputs = results.outputs
        # an output that is an operand, or twice an output, would be one tensor under two names to autograd
        return tuple(output.clone() if any(output is other for other in (*tensors, *outputs[:i])) else output for i, output in enumerate(outputs))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        everything = ctx.saved_tensors  # read once: activation checkpointing computes them again at each reading
        tensors, saved = everything[: ctx.count], everything[ctx.count :]
        if torch.is_grad_enabled():  # the gradient will itself be differentiated
            return (None,) * 4 + _differentiable_gradients(ctx, tensors, gradients)
        operands = _operands(tensors, ctx.widths)
        states = len(operands.states)
        found = ctx.loop.backward(
            ctx.layout, operands, saved, gradients[0], gradients[1 : 1 + states], gradients[1 + states :]
        )
        masks = (None,) * len(operands.masks)
        return (None,) * 4 + (*found.inputs, *found.states, *masks, *found.params)


def _differentiable_gradients(ctx: Any, tensors: Sequence[Tensor], gradients: Sequence[Tensor]) -> tuple[Tensor | None, ...]:
    needs = ctx.needs_input_grad[4:]
    aliases = [tensor.view_as(tensor) for tensor in tensors]  # one tensor may be two operands, each with a gradient of its own
    outputs = ctx.loop.forward(ctx.layout, _operands(aliases, ctx.widths), False, ctx.return_states).outputs
    reached = [(output, gradient) for output, gradient in zip(outputs, gradients, strict=True) if output.requires_grad]
    asked = [alias for alias, need in zip(aliases, needs, strict=True) if need]
    found = iter(
        torch.autograd.grad([o for o, _ in reached], asked, [g for _, g in reached], create_graph=True, allow_unused=True)
    )
    return tuple(next(found) if need else None for need in needs)
