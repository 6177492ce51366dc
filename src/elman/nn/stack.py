"""A stack of layers, one- or bidirectional, over rows: what all recurrent layers of elman have in common.

Legend: B sequences, N rows (one for each step of each sequence, step by step), L layers, D directions, O
output size of the cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from elman.nn.direction import Variant, run_direction
from elman.nn.masks import Masks
from elman.nn.symbols import Symbols
from elman.run.layout import Layout


@dataclass(frozen=True)
class Direction:
    """A cell with its sizes, weights and masks: one direction of one layer."""

    variant: Variant
    sizes: Mapping[str, int]
    weights: Mapping[str, Tensor]
    masks: Masks


def run_stack(
    layers: Sequence[Sequence[Direction]],
    x: Tensor | Symbols,
    batch_sizes: tuple[int, ...],
    states: Sequence[Tensor],
    dropout: float = 0.0,
    return_states: bool = False,
) -> tuple[Tensor, tuple[Tensor, ...], tuple[Tensor, ...]]:
    """Returns the output of the last layer (N, D·O), the last states (L·D, B, ·), the last layer's states
    after every step (N, D·).

    layers: one or two directions each. x: rows (N, I) or symbols. states: one tensor (L·D, B, ·) for each
    state of the cell. dropout: between layers.

    A model under torch.compile is cut here: what runs from here on is compiled already, and runs as it is.
    """
    run: Any = torch.compiler.disable(_run) if torch.compiler.is_compiling() else _run
    return run(layers, x, batch_sizes, states, dropout, return_states)


def _run(
    layers: Sequence[Sequence[Direction]],
    x: Tensor | Symbols,
    batch_sizes: tuple[int, ...],
    states: Sequence[Tensor],
    dropout: float,
    return_states: bool,
) -> tuple[Tensor, tuple[Tensor, ...], tuple[Tensor, ...]]:
    place = 0
    value = x
    finals: list[tuple[Tensor, ...]] = []
    every: list[tuple[Tensor, ...]] = []
    for depth, directions in enumerate(layers):
        outputs: list[Tensor] = []
        every = []
        for reverse, one in enumerate(directions):
            layout = Layout(batch_sizes, reverse=bool(reverse))
            first = tuple(state[place] for state in states)
            output, final, after = run_direction(
                one.variant, one.sizes, one.weights, value, layout, first, one.masks, return_states
            )
            outputs.append(output)
            finals.append(final)
            every.append(after)
            place += 1
        value = outputs[0] if len(outputs) == 1 else torch.cat(outputs, -1)
        if dropout and depth < len(layers) - 1:
            value = functional.dropout(value, dropout)
    assert isinstance(value, Tensor)
    return (
        value,
        tuple(torch.stack(parts) for parts in zip(*finals, strict=True)),
        tuple(torch.cat(parts, -1) for parts in zip(*every, strict=True)),
    )
