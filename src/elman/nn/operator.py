"""Cells as operators of torch, for models that torch traces: torch.compile, torch.export.

`elman::cell` runs one direction of one layer, `elman::cell_backward` its derived backward pass. The cell is
an argument: a text that names its equations, what the layer adds to them, and all sizes, so that an exported
model runs wherever elman does.

Legend: B sequences, N rows (one for each step of each sequence, step by step), I input size, V symbols.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor

from elman.nn.direction import Variant, engine, engine_of
from elman.nn.function import CellCall, Outputs, run_eager
from elman.nn.masks import Masks
from elman.nn.symbols import Symbols
from elman.run.call import sum_dtype
from elman.run.choice import Engine
from elman.run.compiled import CellOperands, CompiledCell
from elman.run.layout import Layout

Traced = tuple[str, tuple[str, ...], tuple[tuple[str, int], ...]]


Method = TypeVar("Method", bound=Callable[..., Any])
_CONSTANT = "_dynamo_marked_constant"


def is_traced() -> bool:
    """Whether torch traces the model, and cells are to be operators in what it makes of it."""
    return torch.compiler.is_compiling() and not torch.is_autocast_enabled("cpu")


def constant(method: Method) -> Method:
    """Marks what a trace takes as it is when it is made.

    As torch.compiler.assume_constant_result, which loads all of torch's compiler, for a second, to set this.
    """
    setattr(method, _CONSTANT, True)
    return method


def traced(variant: Variant, sizes: Mapping[str, int]) -> Traced:
    """Returns what a trace has to know of a cell: its key, its weights in order, its masks."""
    runner = engine(variant, sizes)
    return variant.key(sizes), runner.names, runner.mask_kinds


@dataclass(frozen=True)
class TracedDirection:
    """A direction of a layer in a model that torch traces.

    key: names the cell. names: its weights, in order. kinds: its masks. weights: by name.
    """

    key: str
    names: tuple[str, ...]
    kinds: tuple[tuple[str, int], ...]
    weights: Mapping[str, Tensor]
    masks: Masks

    def run(
        self,
        x: Tensor | Symbols,
        batch_sizes: tuple[int, ...],
        reverse: bool,
        states: tuple[Tensor, ...],
        return_states: bool,
    ) -> Outputs:
        """Runs the direction, as one operator."""
        vectors, indices = x, None
        if isinstance(x, Symbols):
            vectors, indices = x.vectors(states[0].dtype), x.indices if x.few else None
        masks = self.masks.draw(self.kinds, batch_sizes, states[0])
        weights = [self.weights[name] for name in self.names]
        keep = torch.is_grad_enabled() and not torch.compiler.is_exporting()
        given = self.key, batch_sizes, reverse, keep, return_states, vectors, indices
        outputs = cell(*given, states, masks, weights)
        count = len(states)
        every = outputs[1 + count : 1 + 2 * count] if return_states else []
        return outputs[0], tuple(outputs[1 : 1 + count]), tuple(every)


@torch.library.custom_op("elman::cell", mutates_args=())
def cell(
    key: str,
    batch_sizes: Sequence[int],
    reverse: bool,
    keep: bool,
    return_states: bool,
    x: Tensor,
    indices: Tensor | None,
    states: Sequence[Tensor],
    masks: Sequence[Tensor],
    params: Sequence[Tensor],
) -> list[Tensor]:
    """Returns the output (N, ·), the last states (B, ·), all states (N, ·) if asked for, and if `keep` what
    the backward pass takes.

    x: rows (N, I), or the vectors of all symbols (V, I) that indices (N,) look up; params: the weights of the
    whole step.
    """
    engine, layout = engine_of(key), Layout(tuple(batch_sizes), reverse)
    operands = CellOperands(x, indices, tuple(states), tuple(masks), tuple(params))
    kernels = _kernels(engine, x, keep, return_states)
    with torch.no_grad():
        if kernels is None:
            results = _eagerly(engine, layout, operands, return_states)
        else:
            done = kernels.forward(layout, operands, keep, return_states)
            results = (*done.outputs, *done.saved)
    return _separate(results, (x, *states, *masks, *params))


@cell.register_fake
def _(
    key: str,
    batch_sizes: Sequence[int],
    reverse: bool,
    keep: bool,
    return_states: bool,
    x: Tensor,
    indices: Tensor | None,
    states: Sequence[Tensor],
    masks: Sequence[Tensor],
    params: Sequence[Tensor],
) -> list[Tensor]:
    engine, rows, batch = engine_of(key), sum(batch_sizes), batch_sizes[0]
    step = engine.program.step
    widths = [engine.size(node) for node in step.states]
    shapes = [(rows, engine.size(step.output)), *((batch, width) for width in widths)]
    if return_states:
        shapes += [(rows, width) for width in widths]
    kernels = _kernels(engine, x, keep, return_states)
    outputs = [x.new_empty(shape) for shape in shapes]
    if not keep or kernels is None:
        return outputs
    saved = kernels.saved_shapes(x.shape[0], rows, batch)
    formats = kernels.saved_formats() or [sum_dtype(x.dtype)] * len(saved)
    kept = (x.new_empty(shape, dtype=dtype) for shape, dtype in zip(saved, formats, strict=True))
    return [*outputs, *kept]


@torch.library.custom_op("elman::cell_backward", mutates_args=())
def cell_backward(
    key: str,
    batch_sizes: Sequence[int],
    reverse: bool,
    return_states: bool,
    x: Tensor,
    indices: Tensor | None,
    states: Sequence[Tensor],
    masks: Sequence[Tensor],
    params: Sequence[Tensor],
    saved: Sequence[Tensor],
    gradients: Sequence[Tensor],
) -> list[Tensor]:
    """Returns ∂E/∂x, ∂E/∂(each first state), ∂E/∂(each weight); gradients: ∂E/∂(output, last states, all
    states if they were returned).
    """
    engine, layout = engine_of(key), Layout(tuple(batch_sizes), reverse)
    operands = CellOperands(x, indices, tuple(states), tuple(masks), tuple(params))
    kernels = _kernels(engine, x, True, return_states)
    like = (x, *states, *params)
    if kernels is None:
        found = _eager_gradients(engine, layout, operands, return_states, gradients)
    else:
        with torch.no_grad():
            if not saved:
                saved = kernels.forward(layout, operands, True).saved
            d_output, *d_final = gradients
            result = kernels.backward(layout, operands, saved, d_output, d_final, need_x=True)
            found = (result.x, *result.states, *result.params)
    spread = [torch.zeros_like(one) if d is None else d for one, d in zip(like, found, strict=True)]
    return _separate(spread, (*like, *masks, *saved, *gradients))


@cell_backward.register_fake
def _(
    key: str,
    batch_sizes: Sequence[int],
    reverse: bool,
    return_states: bool,
    x: Tensor,
    indices: Tensor | None,
    states: Sequence[Tensor],
    masks: Sequence[Tensor],
    params: Sequence[Tensor],
    saved: Sequence[Tensor],
    gradients: Sequence[Tensor],
) -> list[Tensor]:
    return [one.new_empty(one.shape) for one in (x, *states, *params)]


def _setup_context(ctx: Any, inputs: tuple[Any, ...], output: list[Tensor]) -> None:
    key, batch_sizes, reverse, _, return_states, x, indices, states, masks, params = inputs
    ctx.given = key, batch_sizes, reverse, return_states
    ctx.outputs = 1 + len(states) * (1 + return_states)
    ctx.counts = len(states), len(masks), len(params)
    ctx.indexed = indices is not None
    lookup = () if indices is None else (indices,)
    ctx.save_for_backward(x, *states, *masks, *params, *lookup, *output[ctx.outputs :])
    ctx.shapes = [(value.shape, value.dtype, value.device) for value in output[: ctx.outputs]]


def _backward(ctx: Any, gradients: Sequence[Tensor | None]) -> tuple[Any, ...]:
    x, *rest = ctx.saved_tensors
    groups = []
    for count in (*ctx.counts, int(ctx.indexed)):
        groups.append(rest[:count])
        rest = rest[count:]
    states, masks, params, lookup = groups
    indices = lookup[0] if lookup else None
    arrived = [
        torch.zeros(shape, dtype=dtype, device=device) if d is None else d
        for d, (shape, dtype, device) in zip(gradients, ctx.shapes, strict=False)
    ]
    d_x, *found = cell_backward(*ctx.given, x, indices, states, masks, params, rest, arrived)
    d_states, d_params = found[: len(states)], found[len(states) :]
    return None, None, None, None, None, d_x, None, d_states, [None] * len(masks), d_params


cell.register_autograd(_backward, setup_context=_setup_context)


def _kernels(engine: Engine, x: Tensor, keep: bool, return_states: bool) -> CompiledCell | None:
    """None where torch's own operations run the cell; `keep` and `return_states` together are theirs, too."""
    if keep and return_states:
        return None
    return engine.compiled(x.device, x.dtype, keep)


def _eagerly(engine: Engine, layout: Layout, operands: CellOperands, return_states: bool) -> Sequence[Tensor]:
    x: Tensor | Symbols = operands.x
    if operands.indices is not None:
        x = Symbols(operands.indices, operands.x, len(operands.x))
    given = operands.states, operands.masks, operands.params
    return run_eager(CellCall(engine, layout, x, *given, return_states))


def _eager_gradients(
    engine: Engine,
    layout: Layout,
    operands: CellOperands,
    return_states: bool,
    gradients: Sequence[Tensor],
) -> Sequence[Tensor | None]:
    def leaves(values: Sequence[Tensor]) -> tuple[Tensor, ...]:
        return tuple(value.detach().requires_grad_() for value in values)

    with _autograd(), torch.enable_grad():
        (x,), states, params = (leaves(v) for v in ((operands.x,), operands.states, operands.params))
        again = CellOperands(x, operands.indices, states, operands.masks, params)
        outputs = _eagerly(engine, layout, again, return_states)
        return torch.autograd.grad(outputs, (x, *states, *params), gradients, allow_unused=True)


def _autograd() -> AbstractContextManager[None]:
    """Lets autograd record again: torch keeps it out of the inside of an operator."""
    excluded = torch._C._dispatch_tls_local_exclude_set()
    for name in ("AutogradFunctionality", "AutogradOther", "ADInplaceOrView"):
        excluded = excluded.remove(getattr(torch._C.DispatchKey, name))
    return torch._C._ForceDispatchKeyGuard(torch._C._dispatch_tls_local_include_set(), excluded)


def _separate(values: Sequence[Tensor], given: Sequence[Tensor]) -> list[Tensor]:
    """The values, each contiguous and in memory of its own, as the results of an operator must be."""
    seen = {value.untyped_storage().data_ptr() for value in given}
    result = []
    for value in values:
        own = value.contiguous()
        place = own.untyped_storage().data_ptr()
        result.append(own.clone() if place in seen else own)
        seen.add(place)
    return result
