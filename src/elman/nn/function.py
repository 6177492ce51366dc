"""Where autograd meets the kernels: forward by the compiled step, backward by the derived backward step.

The derived backward step serves first derivatives. Where more is asked for (double backward, torch.func
transforms, forward-mode derivatives), the same graphs run in torch's own operations under autograd: slower,
with the same result.

Legend: B sequences, N rows: one for each step of each sequence, step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.nn import functional

from elman.nn.symbols import Symbols
from elman.run.choice import Engine
from elman.run.compiled import CellOperands, CompiledCell
from elman.run.layout import Layout
from elman.run.loop import Operands

Outputs = tuple[Tensor, tuple[Tensor, ...], tuple[Tensor, ...]]


@dataclass(frozen=True)
class CellCall:
    """One direction of one layer, to be run.

    x: rows (N, I) or symbols; states: the first, (B, ·); masks (N, ·); params: the weights of the whole step.
    return_states: also the states after every step.
    """

    engine: Engine
    layout: Layout
    x: Tensor | Symbols
    states: Sequence[Tensor]
    masks: Sequence[Tensor]
    params: Sequence[Tensor]
    return_states: bool


def run_cell(call: CellCall) -> Outputs:
    """Returns the output (N, ·), the last states (B, ·), and if asked for all states (N, ·); under autocast
    in its format.
    """
    outputs = _compiled(call)
    if outputs is None:
        dtype, *formats = _formats(call.states[0])
        outputs = [out.to(dtype) if out.dtype in formats else out for out in run_eager(call)]
    count = len(call.states)
    return outputs[0], tuple(outputs[1 : 1 + count]), tuple(outputs[1 + count :])


def _compiled(call: CellCall) -> Sequence[Tensor] | None:
    """None where the kernels do not fit."""
    first, x = call.states[0], call.x
    device, (dtype, *formats) = first.device, _formats(first)
    if not call.engine.has_kernels(device, dtype) or _needs_autograd():
        return None
    vectors = x.vectors(first.dtype) if isinstance(x, Symbols) else x
    if vectors is None or not _fit(tensors := (vectors, *call.states, *call.masks, *call.params), formats):
        return None
    wanted = _gradients_wanted(tensors)
    # errors that arrive at the states of every step are added in torch's own operations only
    if wanted and call.return_states:
        return None
    cell = call.engine.compiled(device, dtype, wanted)
    if cell is None:
        return None
    indices = x.indices if isinstance(x, Symbols) and x.few else None
    widths = (len(call.states), len(call.masks))
    if wanted:
        return Kernels.apply(call.engine, cell, call.layout, indices, widths, *tensors)
    operands = _cell_operands(tensors, indices, widths)
    return cell.forward(call.layout, operands, False, call.return_states).outputs


def run_eager(call: CellCall) -> Sequence[Tensor]:
    """Returns what `run_cell` does, one after the other, by torch's own operations."""
    engine, x = call.engine, call.x
    inputs = engine.eager.before(x.operand() if isinstance(x, Symbols) else x, call.params)
    if isinstance(x, Symbols) and x.few:
        inputs = [functional.embedding(x.indices, values) for values in inputs]
    step = engine.program.step.params
    read = tuple(call.params[step.index(param)] for param in engine.program.loop.params)
    tensors = (*inputs, *call.states, *call.masks, *read)
    widths = (len(inputs), len(call.states), len(call.masks))
    under_autocast = torch.is_autocast_enabled(call.states[0].device.type)
    if _gradients_wanted(tensors) and not _needs_autograd() and not under_autocast:
        return TimeLoop.apply(engine, call.layout, widths, call.return_states, *tensors)
    operands = _operands(tensors, widths)
    return engine.eager.forward(call.layout, operands, False, call.return_states).outputs


def _gradients_wanted(tensors: Sequence[Tensor]) -> bool:
    return torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)


def _needs_autograd() -> bool:
    transforms = torch._C._functorch.maybe_current_level() is not None  # pyright: ignore[reportAttributeAccessIssue]
    return transforms or forward_ad._current_level >= 0


def _formats(operand: Tensor) -> tuple[torch.dtype, ...]:
    """The format of numbers that products multiply, then those that operands may have: under autocast
    float32, too.
    """
    device = operand.device.type
    if not torch.is_autocast_enabled(device):
        return operand.dtype, operand.dtype
    dtype = torch.get_autocast_dtype(device)
    return dtype, dtype, torch.float32


def _fit(tensors: Sequence[Tensor], formats: Sequence[torch.dtype]) -> bool:
    """Whether plain tensors of one device in one of the formats, as kernels take them."""
    device = tensors[0].device
    return all(
        tensor.dtype in formats and tensor.device == device and tensor.layout == torch.strided
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


def _cell_operands(
    tensors: Sequence[Tensor], indices: Tensor | None, widths: tuple[int, int]
) -> CellOperands:
    x, *rest = tensors
    first, second = widths[0], sum(widths)
    return CellOperands(x, indices, tuple(rest[:first]), tuple(rest[first:second]), tuple(rest[second:]))


class Kernels(torch.autograd.Function):
    """A cell run by kernels as one operation of autograd."""

    @staticmethod
    def forward(
        ctx: Any,
        engine: Engine,
        cell: CompiledCell,
        layout: Layout,
        indices: Tensor | None,
        widths: tuple[int, int],
        *tensors: Tensor,
    ) -> tuple[Tensor, ...]:
        results = cell.forward(layout, _cell_operands(tensors, indices, widths), True)
        ctx.engine, ctx.cell, ctx.layout, ctx.indices, ctx.widths = engine, cell, layout, indices, widths
        ctx.count = len(tensors)
        ctx.save_for_backward(*tensors, *results.saved)
        return _distinct(results.outputs, tensors)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        # read once: activation checkpointing computes them again at each reading
        everything = ctx.saved_tensors
        tensors, saved = everything[: ctx.count], everything[ctx.count :]
        needs = ctx.needs_input_grad[5:]
        if torch.is_grad_enabled():  # the gradient will itself be differentiated

            def again(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
                operands = _cell_operands(tensors, ctx.indices, ctx.widths)
                x: Tensor | Symbols = operands.x
                if ctx.indices is not None:
                    x = Symbols(ctx.indices, operands.x, len(operands.x))
                given = (operands.states, operands.masks, operands.params)
                return run_eager(CellCall(ctx.engine, ctx.layout, x, *given, return_states=False))

            return (None,) * 5 + _differentiable(again, tensors, needs, gradients)
        operands = _cell_operands(tensors, ctx.indices, ctx.widths)
        d_output, *d_final = gradients
        found = ctx.cell.backward(ctx.layout, operands, saved, d_output, d_final, need_x=needs[0])
        masks = (None,) * len(operands.masks)
        return (None,) * 5 + (found.x, *found.states, *masks, *found.params)


class TimeLoop(torch.autograd.Function):
    """The time loop in torch's own operations, as one operation of autograd."""

    @staticmethod
    def forward(
        ctx: Any,
        engine: Engine,
        layout: Layout,
        widths: tuple[int, int, int],
        return_states: bool,
        *tensors: Tensor,
    ) -> tuple[Tensor, ...]:
        results = engine.eager.forward(layout, _operands(tensors, widths), True, return_states)
        ctx.engine, ctx.layout, ctx.widths, ctx.return_states = engine, layout, widths, return_states
        ctx.save_for_backward(*tensors, *results.saved)
        ctx.count = len(tensors)
        return _distinct(results.outputs, tensors)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        everything = ctx.saved_tensors
        tensors, saved = everything[: ctx.count], everything[ctx.count :]
        if torch.is_grad_enabled():  # the gradient will itself be differentiated

            def again(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
                operands = _operands(tensors, ctx.widths)
                return ctx.engine.eager.forward(ctx.layout, operands, False, ctx.return_states).outputs

            return (None,) * 4 + _differentiable(again, tensors, ctx.needs_input_grad[4:], gradients)
        operands = _operands(tensors, ctx.widths)
        states = len(operands.states)
        d_every = (gradients[1 + states :],) if ctx.return_states else ()
        found = ctx.engine.eager.backward(
            ctx.layout, operands, saved, gradients[0], gradients[1 : 1 + states], *d_every
        )
        masks = (None,) * len(operands.masks)
        return (None,) * 4 + (*found.inputs, *found.states, *masks, *found.params)


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
