"""Where autograd meets the kernels: forward by the compiled step, backward by the derived backward step.

The derived backward step serves first derivatives. Where more is asked for (double backward, torch.func
transforms, forward-mode derivatives), the same graphs run in torch's own operations under autograd: slower,
with the same result.

Legend: B sequences, N rows: one for each step of each sequence, step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate, pairwise
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.nn import functional

from elman.nn.symbols import Symbols
from elman.run.choice import Engine, runs_cells
from elman.run.compiled import CellGradients, CellOperands, CompiledCell
from elman.run.concurrent import Result, Running, finish
from elman.run.layout import Layout
from elman.run.loop import Operands, Results

Outputs = tuple[Tensor, tuple[Tensor, ...], tuple[Tensor, ...]]


@dataclass(frozen=True)
class CellCall:
    """One head of one direction of one layer, to be run.

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


@dataclass(frozen=True)
class KernelRun:
    """A call that kernels take, without its tensors: x, and of its own states, masks, params, of which there
    are `count`.

    trains: whether gradients are wanted. widths: the numbers of states and masks.
    """

    engine: Engine
    cell: CompiledCell
    layout: Layout
    indices: Tensor | None
    widths: tuple[int, int]
    count: int
    trains: bool
    return_states: bool

    def operands(self, x: Tensor, tensors: Sequence[Tensor]) -> CellOperands:
        """Returns the tensors as the kernels take them."""
        first, second = self.widths[0], sum(self.widths)
        states, masks, params = tensors[:first], tensors[first:second], tensors[second:]
        return CellOperands(x, self.indices, tuple(states), tuple(masks), tuple(params))


Ready = tuple[KernelRun, tuple[Tensor, ...]]


def run_cells(calls: Sequence[CellCall]) -> list[Outputs]:
    """Returns for each direction and head of a layer, which all read the same x, the output (N, ·), the last
    states (B, ·), and if asked for all states (N, ·); under autocast in its format.

    Where a loop alone leaves half of the threads idle, all run at the same time.
    """
    x = _vectors(calls[0])
    ready = [None if x is None else _ready(call, x) for call in calls]
    compiled = [one for one in ready if one is not None]
    if x is not None and len(calls) == len(compiled) and len({run.trains for run, _ in compiled}) == 1:
        found = _run(x, compiled)
    else:
        found = [
            _eager(call) if x is None or one is None else _run(x, [one])[0]
            for call, one in zip(calls, ready, strict=True)
        ]
    counts = (1 + len(call.states) for call in calls)
    return [
        (tensors[0], tuple(tensors[1:count]), tuple(tensors[count:]))
        for tensors, count in zip(found, counts, strict=True)
    ]


def _eager(call: CellCall) -> Sequence[Tensor]:
    dtype, *formats = _formats(call.states[0])
    return [out.to(dtype) if out.dtype in formats else out for out in run_eager(call)]


def _vectors(call: CellCall) -> Tensor | None:
    """What kernels read of x; None where there are no kernels for it."""
    state, x = call.states[0], call.x
    if not runs_cells(state.device, _formats(state)[0]) or needs_autograd():
        return None
    return x.vectors(state.dtype) if isinstance(x, Symbols) else x


def _ready(call: CellCall, x: Tensor) -> Ready | None:
    """None where the kernels do not fit."""
    dtype, *formats = _formats(call.states[0])
    own = (*call.states, *call.masks, *call.params)
    if not fit((x, *own), formats):
        return None
    wanted = _gradients_wanted((x, *own))
    # errors that arrive at the states of every step are added in torch's own operations only
    if wanted and call.return_states:
        return None
    cell = call.engine.compiled(x.device, dtype, wanted)
    if cell is None:
        return None
    indices = call.x.indices if isinstance(call.x, Symbols) and call.x.few else None
    widths = (len(call.states), len(call.masks))
    given = (call.engine, cell, call.layout, indices, widths, len(own))
    return KernelRun(*given, wanted, call.return_states), own


def _run(x: Tensor, ready: Sequence[Ready]) -> list[Sequence[Tensor]]:
    """The outputs of runs."""
    runs = tuple(run for run, _ in ready)
    given = [tensors for _, tensors in ready]
    if not runs[0].trains:
        return [results.outputs for results in _forward(runs, x, given)]
    outputs = Kernels.apply(runs, x, *(tensor for tensors in given for tensor in tensors))
    return _split(outputs, [1 + run.widths[0] for run in runs])


def _forward(runs: Sequence[KernelRun], x: Tensor, given: Sequence[Sequence[Tensor]]) -> list[Results]:
    def begin(run: KernelRun, tensors: Sequence[Tensor], loops: int) -> Running[Results]:
        operands = run.operands(x, tensors)
        return run.cell.begin_forward(run.layout, operands, run.trains, run.return_states, loops)

    return _finished(runs, begin, given)


def _finished(
    runs: Sequence[KernelRun], begin: Callable[..., Running[Result]], *given: Sequence[Any]
) -> list[Result]:
    """The results of a pass of each run, begun with the run, what is given for it, and how many loops run at
    the same time: all, where one leaves half of the threads idle, else one after the other.
    """
    each = list(zip(runs, *given, strict=True))
    if len(runs) > 1 and all(run.cell.loop.leaves_half_idle(run.layout) for run in runs):
        return finish([begin(*one, len(runs)) for one in each])
    return [result for one in each for result in finish([begin(*one, 1)])]


def _split(tensors: Sequence[Any], counts: Sequence[int]) -> list[Sequence[Any]]:
    ends = list(accumulate(counts, initial=0))
    return [tensors[low:high] for low, high in pairwise(ends)]


def run_eager(call: CellCall) -> Sequence[Tensor]:
    """Returns the outputs that `run_cells` does, one after the other, by torch's own operations."""
    engine, x = call.engine, call.x
    inputs = engine.eager.before(x.operand() if isinstance(x, Symbols) else x, call.params)
    if isinstance(x, Symbols) and x.few:
        inputs = [functional.embedding(x.indices, values) for values in inputs]
    step = engine.program.step.params
    read = tuple(call.params[step.index(param)] for param in engine.program.loop.params)
    tensors = (*inputs, *call.states, *call.masks, *read)
    widths = (len(inputs), len(call.states), len(call.masks))
    under_autocast = torch.is_autocast_enabled(call.states[0].device.type)
    if _gradients_wanted(tensors) and not needs_autograd() and not under_autocast:
        return TimeLoop.apply(engine, call.layout, widths, call.return_states, *tensors)
    operands = _operands(tensors, widths)
    return engine.eager.forward(call.layout, operands, False, call.return_states).outputs


def _gradients_wanted(tensors: Sequence[Tensor]) -> bool:
    return torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)


def needs_autograd() -> bool:
    """Whether a transform of torch.func, or forward mode, is at work, which see torch's operations only."""
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


def fit(tensors: Sequence[Tensor], formats: Sequence[torch.dtype]) -> bool:
    """Whether these are plain tensors of one device in one of the formats, as kernels take them."""
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


class Kernels(torch.autograd.Function):
    """The cells of a layer run by kernels, as one operation of autograd: so errors of the x that all read are
    summed in one order, whether their loops run at the same time or not.
    """

    @staticmethod
    def forward(ctx: Any, runs: tuple[KernelRun, ...], x: Tensor, *tensors: Tensor) -> tuple[Tensor, ...]:
        results = _forward(runs, x, _split(tensors, [run.count for run in runs]))
        ctx.runs, ctx.counts = runs, [len(one.saved) for one in results]
        ctx.save_for_backward(x, *tensors, *(value for one in results for value in one.saved))
        return _distinct([output for one in results for output in one.outputs], (x, *tensors))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        # read once: activation checkpointing computes them again at each reading
        x, *everything = ctx.saved_tensors
        runs, counts = ctx.runs, [run.count for run in ctx.runs]
        given = _split(everything, counts)
        d_outputs = _split(gradients, [1 + run.widths[0] for run in runs])
        _, need_x, *needed = ctx.needs_input_grad
        found: list[Sequence[Tensor | None]]
        if torch.is_grad_enabled():  # the gradient will itself be differentiated
            each = zip(runs, given, _split(needed, counts), d_outputs, strict=True)
            found = [
                _differentiable(_again(run), (x, *own), (need_x, *need), errors)
                for run, own, need, errors in each
            ]
        else:
            saved = _split(everything[sum(counts) :], ctx.counts)

            def begin(
                run: KernelRun,
                own: Sequence[Tensor],
                kept: Sequence[Tensor],
                errors: Sequence[Tensor],
                loops: int,
            ) -> Running[CellGradients]:
                operands, (d_output, *d_final) = run.operands(x, own), errors
                return run.cell.begin_backward(run.layout, operands, kept, d_output, d_final, need_x, loops)

            done = _finished(runs, begin, given, saved, d_outputs)
            found = [
                (one.x, *one.states, *(None,) * run.widths[1], *one.params)
                for run, one in zip(runs, done, strict=True)
            ]
        return None, _sum(d_x for d_x, *_ in found), *(d for _, *own in found for d in own)


def _sum(gradients: Iterable[Tensor | None]) -> Tensor | None:
    """The sum of those there are."""
    return reduce(
        lambda one, other: other if one is None else one if other is None else one + other, gradients
    )


def _again(run: KernelRun) -> Callable[[Sequence[Tensor]], Sequence[Tensor]]:
    """The run in operations that autograd knows."""

    def again(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
        operands = run.operands(tensors[0], tensors[1:])
        x = operands.x if run.indices is None else Symbols(run.indices, operands.x, len(operands.x))
        given = (operands.states, operands.masks, operands.params)
        return run_eager(CellCall(run.engine, run.layout, x, *given, return_states=False))

    return again


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
