"""Heads: a layer as K cells side by side, each with a K-th of the units.

    (h_t^k, …) = cell(x_t, h_{t-1}^k, …; W^k),    h_t = [h_t^1; …; h_t^K]

Each head reads all of the input, and of the states its own part: the matrices that multiply a state are
block-diagonal, K blocks of H/K × H/K (Beck et al. 2024). What an equation takes over all units, as
`normalize` does, it takes over those of a head. A weight of the layer holds the heads' one below the other.

Legend: B sequences, N rows (one for each step of each sequence, step by step), K heads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from elman.core.errors import InputError
from elman.nn.function import Outputs


def head_sizes(sizes: Mapping[str, int], heads: int) -> dict[str, int]:
    """Returns the sizes of one head, from those of the layer by their names.

    Raises InputError for one that the heads cannot share.
    """
    for name, size in sizes.items():
        if size % heads:
            what = "hidden_size" if name == "H" else f"the size {name}"
            raise InputError(f"{what} must be a multiple of heads={heads}, not {size}")
    return {name: size // heads for name, size in sizes.items()}


def head_weights(weights: Mapping[str, Tensor], heads: int) -> list[dict[str, Tensor]]:
    """Returns the weights of each head, from those of the layer by their names."""
    if heads == 1:
        return [dict(weights)]
    parts = (weight.chunk(heads) for weight in weights.values())
    return [dict(zip(weights, own, strict=True)) for own in zip(*parts, strict=True)]


def head_states(states: Sequence[Tensor], heads: int) -> list[tuple[Tensor, ...]]:
    """Returns the states of each head, from those of the layer (B, ·)."""
    if heads == 1:
        return [tuple(states)]
    return list(zip(*(state.chunk(heads, -1) for state in states), strict=True))


def joined(found: Sequence[Outputs]) -> Outputs:
    """Returns the output (N, ·), the last states (B, ·) and all states (N, ·) of a layer, from its heads'."""
    if len(found) == 1:
        return found[0]
    outputs, finals, every = zip(*found, strict=True)
    return torch.cat(outputs, -1), _side_by_side(finals), _side_by_side(every)


def _side_by_side(values: Sequence[tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
    return tuple(torch.cat(parts, -1) for parts in zip(*values, strict=True))
