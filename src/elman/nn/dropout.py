"""Dropout, its masks drawn fast on a CPU."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

_STEPS = 1 << 16
"""Probabilities are multiples of one in so many: a mask takes two random bytes a number."""


def drawn(shape: Sequence[int], probability: float, device: torch.device) -> tuple[Tensor, float]:
    """Returns a mask, True with a probability, and that probability as it was rounded, by 10⁻⁵ at most.

    The random numbers follow from torch's generator. On a CPU they are those of SFC64 (Doty-Humphrey 2014),
    of which torch's draws the seed: torch's own take seven times as long. They serve where torch traces.
    """
    limit = min(max(round(probability * _STEPS), int(probability > 0.0)), _STEPS)
    traced = torch.compiler.is_compiling() or torch._C._functorch.maybe_current_level() is not None  # pyright: ignore[reportAttributeAccessIssue]
    if device.type != "cpu" or traced:
        return torch.rand(tuple(shape), device=device).lt_(limit / _STEPS).bool(), limit / _STEPS
    count = int(np.prod(shape))
    seed = int(torch.randint(2**63 - 1, ()))
    words = np.random.SFC64(seed).random_raw(-(-count // 4))
    numbers = torch.from_numpy(words.view(np.int16)[:count]).view(tuple(shape))
    lowest = -_STEPS // 2
    return numbers < lowest + limit if limit < _STEPS else numbers >= lowest, limit / _STEPS


def mask(shape: Sequence[int], probability: float, like: Tensor) -> Tensor:
    """Returns factors for a dropout: zero with a probability, else such that their mean is 1."""
    keep, share = drawn(shape, 1.0 - probability, like.device)
    return keep.to(like.dtype).mul_(1.0 / share if share else 0.0)


def dropout(x: Tensor, probability: float) -> Tensor:
    """Sets each number to zero with a probability and scales the others up, so that the mean stays
    (Srivastava et al. 2014). As torch's, whose masks take much longer.
    """
    return x * mask(x.shape, probability, x) if probability else x


class Dropout(nn.Dropout):
    """torch.nn.Dropout by `dropout`."""

    def forward(self, input: Tensor) -> Tensor:
        """Returns the input with some numbers zero while the module trains, else the input."""
        return dropout(input, self.p if self.training else 0.0)
