"""A stack of layers, one- or bidirectional, over rows: what all recurrent layers of elman have in common.

A layer is its directions, a direction is its heads.

Legend: B sequences, N rows (one for each step of each sequence, step by step), L layers, D directions, O
output size of the cell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from elman.nn.direction import Direction
from elman.nn.function import CellCall, Outputs, run_cells
from elman.nn.heads import head_states, joined
from elman.nn.operator import TracedDirection
from elman.nn.symbols import Symbols

Head = Direction | TracedDirection
Layer = Sequence[Sequence[Head]]


def run_stack(
    layers: Sequence[Layer],
    x: Tensor | Symbols,
    batch_sizes: tuple[int, ...],
    states: Sequence[Tensor],
    between: Callable[[Tensor], Tensor] = lambda rows: rows,
    return_states: bool = False,
) -> tuple[Tensor, tuple[Tensor, ...], tuple[Tensor, ...]]:
    """Returns the output of the last layer (N, D·O), the last states (L·D, B, ·), the last layer's states
    after every step (N, D·).

    layers: one or two directions each, of one or more heads. x: rows (N, I) or symbols. states: one tensor
    (L·D, B, ·) for each state of the cell. between: what rows go through from layer to layer, such as
    dropout.

    A model under torch.compile with autocast is cut here: what runs from here on runs as it is.
    """
    traced = isinstance(layers[0][0][0], TracedDirection)
    run: Any = _run if traced or not torch.compiler.is_compiling() else torch.compiler.disable(_run)
    return run(layers, x, batch_sizes, states, between, return_states)


def _run(
    layers: Sequence[Layer],
    x: Tensor | Symbols,
    batch_sizes: tuple[int, ...],
    states: Sequence[Tensor],
    between: Callable[[Tensor], Tensor],
    return_states: bool,
) -> tuple[Tensor, tuple[Tensor, ...], tuple[Tensor, ...]]:
    value = x
    finals: list[tuple[Tensor, ...]] = []
    every: list[tuple[Tensor, ...]] = []
    for depth, directions in enumerate(layers):
        place = depth * len(directions)
        first = [tuple(state[place + way] for state in states) for way in range(len(directions))]
        found = _run_layer(directions, value, batch_sizes, first, return_states)
        outputs = [output for output, _, _ in found]
        finals += [final for _, final, _ in found]
        every = [after for _, _, after in found]
        value = outputs[0] if len(outputs) == 1 else torch.cat(outputs, -1)
        if depth < len(layers) - 1:
            value = between(value)
    assert isinstance(value, Tensor)
    return (
        value,
        tuple(torch.stack(parts) for parts in zip(*finals, strict=True)),
        tuple(torch.cat(parts, -1) for parts in zip(*every, strict=True)),
    )


def _run_layer(
    directions: Layer,
    x: Tensor | Symbols,
    batch_sizes: tuple[int, ...],
    states: Sequence[tuple[Tensor, ...]],
    return_states: bool,
) -> list[Outputs]:
    calls: list[CellCall] = []
    traced: list[Outputs] = []
    for way, (heads, first) in enumerate(zip(directions, states, strict=True)):
        for head, own in zip(heads, head_states(first, len(heads)), strict=True):
            given = (x, batch_sizes, bool(way), own, return_states)
            if isinstance(head, TracedDirection):
                traced.append(head.run(*given))
            else:
                calls.append(head.call(*given))
    found = iter(traced or run_cells(calls))
    return [joined([next(found) for _ in heads]) for heads in directions]
