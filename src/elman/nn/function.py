"""Where autograd meets the kernels: forward by the compiled step, backward by the derived backward step.

The derived backward step serves first derivatives. Where more is asked for (double backward, torch.func
transforms, forward-mode derivatives, autocast), the same graphs run in torch's own operations under autograd:
slower, with the same result.

Legend: B sequences, N rows: one for each step of each sequence, step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad

from elman.run.choice import Engine
from elman.run.layout import Layout
from elman.run.loop import Operands
from elman.run.rows import CpuRows
from elman.run.tape import OneHot

Outputs = tuple[Tensor, tuple[Tensor, ...], tuple[Tensor, ...]]


def run_before(engine: Engine, x: Tensor | OneHot, params: Sequence[Tensor]) -> list[Tensor]:
    """Returns the values of x alone that the loop reads, each (N, ·), for rows x; params: the weights of the
    whole step.
    """
    if isinstance(x, OneHot) or _needs_autograd(x.device.type):
        return engine.eager.before(x, params)
    wanted = _gradients_wanted((x, *params))
    compiled = engine.compiled(x.device, x.dtype, wanted) if _uniform((x, *params)) else None
    if compiled is None:
        return engine.eager.before(x, params)
    if not wanted:
        return compiled.before.forward(x, params)[0]
    return list(Before.apply(engine, compiled.before, x, *params))


def run_loop(engine: Engine, layout: Layout, operands: Operands, return_states: bool) -> Outputs:
    """Returns the output (N, ·), the last states (B, ·), and if asked for all states (N, ·)."""
    tensors = (*operands.inputs, *operands.states, *operands.masks, *operands.params)
    first = operands.states[0]
    wanted = _gradients_wanted(tensors)
    special = _needs_autograd(first.device.type)
    # errors that arrive at the states of every step are added in torch's own operations only
    fits = not special and _uniform(tensors) and not (wanted and return_states)
    compiled = engine.compiled(first.device, first.dtype, wanted) if fits else None
    loop = engine.eager if compiled is None else compiled.loop
    if wanted and not special:
        widths = (len(operands.inputs), len(operands.states), len(operands.masks))
        outputs = TimeLoop.apply(engine, loop, layout, widths, return_states, *tensors)
    else:
        outputs = loop.forward(layout, operands, False, return_states).outputs
    states = len(operands.states)
    return outputs[0], tuple(outputs[1 : 1 + states]), tuple(outputs[1 + states :])


def _gradients_wanted(tensors: Sequence[Tensor]) -> bool:
    return torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)


def _needs_autograd(device: str) -> bool:
    transforms = torch._C._functorch.maybe_current_level() is not None  # pyright: ignore[reportAttributeAccessIssue]
    return transforms or forward_ad._current_level >= 0 or torch.is_autocast_enabled(device)


def _uniform(tensors: Sequence[Tensor]) -> bool:
    """Whether plain tensors of one device and format, as kernels take them."""
    first = tensors[0]
    return all(
        tensor.dtype == first.dtype and tensor.device == first.device and tensor.layout == torch.strided
        for tensor in tensors
    ) and all(tensor.numel() for tensor in tensors)


def _operands(tensors: Sequence[Any], widths: tuple[int, int, int]) -> Operands:
    inputs, states, masks = widths
    first, second = inputs + states, inputs + states + masks
    return Operands(
        tuple(tensors[:inputs]),
        tuple(tensors[inputs:first]),
        tuple(tensors[first:second]),
        tuple(tensors[second:]),
    )


class Before(torch.autograd.Function):
    """What is computed of x before the loop, as one operation of autograd."""

    @staticmethod
    def forward(ctx: Any, engine: Engine, before: CpuRows, x: Tensor, *params: Tensor) -> tuple[Tensor, ...]:
        outputs, kept = before.forward(x, params)
        ctx.engine, ctx.compiled, ctx.count = engine, before, len(params)
        ctx.save_for_backward(x, *params, *kept)
        return _distinct(outputs, (x, *params))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        everything = (
            ctx.saved_tensors
        )  # read once: activation checkpointing computes them again at each reading
        x, params, kept = everything[0], everything[1 : 1 + ctx.count], everything[1 + ctx.count :]
        needs = ctx.needs_input_grad[2:]
        if torch.is_grad_enabled():  # the gradient will itself be differentiated
            again = _differentiable(
                lambda t: ctx.engine.eager.before(t[0], t[1:]), (x, *params), needs, gradients
            )
            return None, None, *again
        d_x, d_params = ctx.compiled.backward(x, params, kept, gradients, need_x=needs[0])
        return None, None, d_x, *d_params


class TimeLoop(torch.autograd.Function):
    """The time loop as one operation of autograd."""

    @staticmethod
    def forward(
        ctx: Any,
        engine: Engine,
        loop: Any,
        layout: Layout,
        widths: tuple[int, int, int],
        return_states: bool,
        *tensors: Tensor,
    ) -> tuple[Tensor, ...]:
        results = loop.forward(layout, _operands(tensors, widths), True, return_states)
        ctx.engine, ctx.loop, ctx.layout, ctx.widths, ctx.return_states = (
            engine,
            loop,
            layout,
            widths,
            return_states,
        )
        ctx.save_for_backward(*tensors, *results.saved)
        ctx.count = len(tensors)
        return _distinct(results.outputs, tensors)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        everything = (
            ctx.saved_tensors
        )  # read once: activation checkpointing computes them again at each reading
        tensors, saved = everything[: ctx.count], everything[ctx.count :]
        if torch.is_grad_enabled():  # the gradient will itself be differentiated

            def again(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
                operands = _operands(tensors, ctx.widths)
                return ctx.engine.eager.forward(ctx.layout, operands, False, ctx.return_states).outputs

            return (None,) * 5 + _differentiable(again, tensors, ctx.needs_input_grad[5:], gradients)
        operands = _operands(tensors, ctx.widths)
        states = len(operands.states)
        d_every = (gradients[1 + states :],) if ctx.return_states else ()
        found = ctx.loop.backward(
            ctx.layout, operands, saved, gradients[0], gradients[1 : 1 + states], *d_every
        )
        masks = (None,) * len(operands.masks)
        return (None,) * 5 + (*found.inputs, *found.states, *masks, *found.params)


def _distinct(outputs: Sequence[Tensor], operands: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """The outputs; one that is an operand, or twice an output, would be one tensor under two names to
    autograd.
    """
    return tuple(
        output.clone() if any(output is other for other in (*operands, *outputs[:i])) else output
        for i, output in enumerate(outputs)
    )


def _differentiable(
    run: Callable[[Sequence[Tensor]], Sequence[Tensor]],
    tensors: Sequence[Tensor],
    needs: Sequence[bool],
    gradients: Sequence[Tensor],
) -> tuple[Tensor | None, ...]:
    """The gradients of `run`, themselves differentiable."""
    aliases = [
        tensor.view_as(tensor) for tensor in tensors
    ]  # one tensor may be two operands, each with a gradient of its own
    outputs = run(aliases)
    reached = [
        (output, gradient)
        for output, gradient in zip(outputs, gradients, strict=True)
        if output.requires_grad
    ]
    asked = [alias for alias, need in zip(aliases, needs, strict=True) if need]
    found = iter(
        torch.autograd.grad(
            [o for o, _ in reached], asked, [g for _, g in reached], create_graph=True, allow_unused=True
        )
    )
    return tuple(next(found) if need else None for need in needs)
