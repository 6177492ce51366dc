"""Pooling: one vector for a sequence of any length, from the outputs of a recurrent layer at its steps.

Legend of shapes: T steps, B sequences, O output size of the layer, A attention size.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from elman.nn.linear import Linear


class LastPooling(nn.Module):
    """The output at the end of each sequence: rightwards its last step, leftwards its first.

    y = [h⃗_{T_b}; h⃖_1]
    """

    def __init__(self, bidirectional: bool) -> None:
        super().__init__()
        self._bidirectional = bidirectional

    def forward(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        """Returns (B, O) for outputs (T, B, O) and lengths (B,), each from 1 to T."""
        last_BO = outputs[lengths - 1, torch.arange(outputs.shape[1], device=outputs.device)]
        if not self._bidirectional:
            return last_BO
        half = outputs.shape[-1] // 2
        return torch.cat([last_BO[:, :half], outputs[0, :, half:]], dim=-1)


class MeanPooling(nn.Module):
    """The mean of the outputs of each sequence, y = Σ_t h_t / T_b."""

    def forward(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        """Returns (B, O) for outputs (T, B, O) and lengths (B,), each from 1 to T."""
        return _inside(outputs, lengths, 0.0).sum(0) / lengths[:, None]


class MaxPooling(nn.Module):
    """The largest of the outputs of each sequence, number by number, y = max_t h_t."""

    def forward(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        """Returns (B, O) for outputs (T, B, O) and lengths (B,), each from 1 to T."""
        return _inside(outputs, lengths, -math.inf).amax(0)


class AttentionPooling(nn.Module):
    """The outputs of each sequence, weighed by a network that looks at each (Yang et al. 2016).

    a_t = softmax_t(v · tanh(W h_t + b)),  y = Σ_t a_t h_t, of A = O by itself.
    """

    def __init__(self, output_size: int, attention_size: int | None = None) -> None:
        super().__init__()
        size = output_size if attention_size is None else attention_size
        self.key = Linear(output_size, size)
        self.score = Linear(size, 1, bias=False)

    def weights(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        """Returns a, (T, B), which is zero behind the end of each sequence."""
        scores_TB = self.score(torch.tanh(self.key(outputs))).squeeze(-1)
        return _inside(scores_TB, lengths, -math.inf).softmax(0)

    def forward(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        """Returns (B, O) for outputs (T, B, O) and lengths (B,), each from 1 to T."""
        return (self.weights(outputs, lengths).unsqueeze(-1) * outputs).sum(0)


POOLINGS: dict[str, Callable[[int, bool], nn.Module]] = {
    "last": lambda _, bidirectional: LastPooling(bidirectional),
    "mean": lambda *_: MeanPooling(),
    "max": lambda *_: MaxPooling(),
    "attention": lambda output_size, _: AttentionPooling(output_size),
}
"""What makes the pooling of a name for outputs of a size O, of one direction or, if true, of two."""


def _inside(values: Tensor, lengths: Tensor, filler: float) -> Tensor:
    """Values (T, B, …) with a filler behind the end of each sequence."""
    behind_TB = torch.arange(len(values), device=values.device)[:, None] >= lengths
    return values.masked_fill(behind_TB.view(*behind_TB.shape, *[1] * (values.dim() - 2)), filler)
