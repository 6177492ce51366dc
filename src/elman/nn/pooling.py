"""Pooling: one vector for a sequence of any length, from the outputs of a recurrent layer at its steps.

A sequence that is too long to be held is pooled part by part, and the parts are joined: what comes out is
what pooling the outputs of all parts at once would give.

Legend of shapes: T steps, B sequences, O output size of the layer, A attention size.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from elman.nn.linear import Linear


@dataclass(frozen=True)
class Pooled:
    """What stands for parts of some sequences, (B, O), and how much each counts, ln w, (B,)."""

    vector: Tensor
    log_weight: Tensor


class Pooling(nn.Module):
    """From the outputs of a layer at the steps of some sequences to a vector for each."""

    @abstractmethod
    def part(self, outputs: Tensor, lengths: Tensor) -> Pooled:
        """What stands for parts of sequences: outputs (T, B, O), lengths (B,), each from 1 to T."""

    def join(self, first: Pooled, second: Pooled) -> Pooled:
        """What stands for two parts, the second behind the first: their mean by weight."""
        log_weight = torch.logaddexp(first.log_weight, second.log_weight)
        shares = [(one.log_weight - log_weight).exp()[:, None] for one in (first, second)]
        return Pooled(shares[0] * first.vector + shares[1] * second.vector, log_weight)

    def forward(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        """Returns (B, O) for outputs (T, B, O) and lengths (B,), each from 1 to T."""
        return self.part(outputs, lengths).vector


class LastPooling(Pooling):
    """The output at the end of each sequence: rightwards its last step, leftwards its first.

    y = [h⃗_{T_b}; h⃖_1]
    """

    def __init__(self, bidirectional: bool) -> None:
        super().__init__()
        self._bidirectional = bidirectional

    def part(self, outputs: Tensor, lengths: Tensor) -> Pooled:
        last_BO = outputs[lengths - 1, torch.arange(outputs.shape[1], device=outputs.device)]
        if self._bidirectional:
            half = outputs.shape[-1] // 2
            last_BO = torch.cat([last_BO[:, :half], outputs[0, :, half:]], dim=-1)
        return Pooled(last_BO, _of_length(outputs, lengths))

    def join(self, first: Pooled, second: Pooled) -> Pooled:
        if not self._bidirectional:
            return second
        half = first.vector.shape[-1] // 2
        ends = torch.cat([second.vector[:, :half], first.vector[:, half:]], dim=-1)
        return Pooled(ends, second.log_weight)


class MeanPooling(Pooling):
    """The mean of the outputs of each sequence, y = Σ_t h_t / T_b."""

    def part(self, outputs: Tensor, lengths: Tensor) -> Pooled:
        mean_BO = _inside(outputs, lengths, 0.0).sum(0) / lengths[:, None]
        return Pooled(mean_BO, _of_length(outputs, lengths))


class MaxPooling(Pooling):
    """The largest of the outputs of each sequence, number by number, y = max_t h_t."""

    def part(self, outputs: Tensor, lengths: Tensor) -> Pooled:
        return Pooled(_inside(outputs, lengths, -math.inf).amax(0), _of_length(outputs, lengths))

    def join(self, first: Pooled, second: Pooled) -> Pooled:
        return Pooled(torch.maximum(first.vector, second.vector), second.log_weight)


class AttentionPooling(Pooling):
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
        return self._scores(outputs, lengths).softmax(0)

    def part(self, outputs: Tensor, lengths: Tensor) -> Pooled:
        scores_TB = self._scores(outputs, lengths)
        mean_BO = (scores_TB.softmax(0).unsqueeze(-1) * outputs).sum(0)
        return Pooled(mean_BO, scores_TB.logsumexp(0))

    def _scores(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        scores_TB = self.score(torch.tanh(self.key(outputs))).squeeze(-1)
        return _inside(scores_TB, lengths, -math.inf)


POOLINGS: dict[str, Callable[[int, bool], Pooling]] = {
    "last": lambda _, bidirectional: LastPooling(bidirectional),
    "mean": lambda *_: MeanPooling(),
    "max": lambda *_: MaxPooling(),
    "attention": lambda output_size, _: AttentionPooling(output_size),
}
"""What makes the pooling of a name for outputs of a size O, of one direction or, if true, of two."""


def _of_length(outputs: Tensor, lengths: Tensor) -> Tensor:
    """ln w where every step counts as much: (B,)."""
    return lengths.to(outputs).log()


def _inside(values: Tensor, lengths: Tensor, filler: float) -> Tensor:
    """Values (T, B, …) with a filler behind the end of each sequence."""
    behind_TB = torch.arange(len(values), device=values.device)[:, None] >= lengths
    return values.masked_fill(behind_TB.view(*behind_TB.shape, *[1] * (values.dim() - 2)), filler)
