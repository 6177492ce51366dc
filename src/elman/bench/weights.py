"""The weights of a cell in the form that torch's own layers and hand-written loops have them."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from elman.nn.recurrent import Recurrent


def stacked(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Returns one tensor a letter, of all gates one above the other: W of W.i, W.f, …"""
    families: dict[str, list[Tensor]] = {}
    for name, weight in weights.items():
        families.setdefault(name.partition(".")[0], []).append(weight.detach())
    return {name: torch.cat(parts) for name, parts in families.items()}


def torch_lstm(layer: Recurrent) -> nn.LSTM:
    """Returns torch's layer with the weights of elman's."""
    weights = stacked(layer.weights())
    twin = nn.LSTM(layer.input_size, layer.hidden_size)
    twin.load_state_dict(
        {
            "weight_ih_l0": weights["W"],
            "weight_hh_l0": weights["U"],
            "bias_ih_l0": weights["b"],
            "bias_hh_l0": torch.zeros_like(weights["b"]),
        }
    )
    return twin
