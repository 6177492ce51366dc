"""Variational dropout, also called locked: the same units are left out at all steps of a sequence.

    y_t = m ∘ x_t / (1 - p),  m ~ Bernoulli(1 - p) drawn once a sequence    (Gal & Ghahramani 2016)

Legend: T steps, B sequences, N rows (one for each step of each sequence, step by step).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from elman.nn.dropout import Dropout, mask


def locked(probability: float, width: int, batch_sizes: Sequence[int], like: Tensor) -> Tensor:
    """Returns the factors of rows, (N, width): one mask for each sequence.

    batch_sizes: how many sequences each step has, the longest ones first.
    """
    once = mask((batch_sizes[0], width), probability, like)
    return torch.cat([once[:size] for size in batch_sizes])


def locked_dropout(x: Tensor, probability: float, batch_sizes: Sequence[int]) -> Tensor:
    """Returns rows x, (N, ·), each sequence without the same units at all its steps, the others scaled up."""
    if not probability:
        return x
    if batch_sizes[0] != batch_sizes[-1]:
        return x * locked(probability, x.shape[-1], batch_sizes, x)
    steps = x.unflatten(0, (len(batch_sizes), batch_sizes[0]))
    return (steps * mask(steps.shape[1:], probability, x)).flatten(0, 1)


class LockedDropout(Dropout):
    """Dropout of (T, B, ·) with one mask for all steps."""

    def forward(self, input: Tensor) -> Tensor:
        """Returns the input, in training each sequence without the same units at all its steps."""
        return input * mask(input.shape[1:], self.p, input) if self.training and self.p else input
