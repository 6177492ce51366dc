"""Dropout, its masks drawn fast on a CPU."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from elman.nn.function import fit, needs_autograd
from elman.run.call import DTYPES
from elman.run.choice import compiled_or_none, has_kernels
from elman.run.dropout import STEPS, CpuDropout

_MASK_STEPS = 1 << 16
"""Probabilities are multiples of one in so many: a mask takes two random bytes a number."""


def drawn(shape: Sequence[int], probability: float, device: torch.device) -> tuple[Tensor, float]:
    """Returns a mask, True with a probability, and that probability as it was rounded, by 10⁻⁵ at most.

    The random numbers follow from torch's generator. On a CPU they are those of SFC64 (Doty-Humphrey 2014),
    of which torch's draws the seed: torch's own take seven times as long. They serve where torch traces.
    """
    limit = min(max(round(probability * _MASK_STEPS), int(probability > 0.0)), _MASK_STEPS)
    traced = torch.compiler.is_compiling() or torch._C._functorch.maybe_current_level() is not None  # pyright: ignore[reportAttributeAccessIssue]
    if device.type != "cpu" or traced:
        return torch.rand(tuple(shape), device=device).lt_(limit / _MASK_STEPS).bool(), limit / _MASK_STEPS
    count = int(np.prod(shape))
    seed = int(torch.randint(2**63 - 1, ()))
    words = np.random.SFC64(seed).random_raw(-(-count // 4))
    numbers = torch.from_numpy(words.view(np.int16)[:count]).view(tuple(shape))
    lowest = -_MASK_STEPS // 2
    return numbers < lowest + limit if limit < _MASK_STEPS else numbers >= lowest, limit / _MASK_STEPS


def mask(shape: Sequence[int], probability: float, like: Tensor) -> Tensor:
    """Returns factors for a dropout: zero with a probability, else such that their mean is 1."""
    keep, share = drawn(shape, 1.0 - probability, like.device)
    return keep.to(like.dtype).mul_(1.0 / share if share else 0.0)


def dropout(x: Tensor, probability: float) -> Tensor:
    """Sets each number to zero with a probability and scales the others up, so that the mean stays
    (Srivastava et al. 2014). As torch's, which takes ten times as long on a CPU.
    """
    if not probability:
        return x
    kernel = _kernel(x) if probability < 1.0 else None
    if kernel is None:
        return x * mask(x.shape, probability, x)
    return _Dropped.apply(kernel, x, 1.0 - probability, int(torch.randint(2**63 - 1, ())))


def _kernel(x: Tensor) -> CpuDropout | None:
    """None where it does not fit."""
    odd = torch.compiler.is_compiling() or needs_autograd() or x.dtype not in DTYPES or x.numel() >= STEPS
    if odd or not has_kernels(x.device, x.dtype) or not fit((x,), (x.dtype,)):
        return None
    return _compiled(x.dtype)


@lru_cache(maxsize=len(DTYPES))
def _compiled(dtype: torch.dtype) -> CpuDropout | None:
    return compiled_or_none("dropout", lambda: CpuDropout(dtype))


class _Dropped(torch.autograd.Function):
    """Linear in x: the derivative drops the same numbers of the error."""

    @staticmethod
    def forward(ctx: Any, kernel: CpuDropout, x: Tensor, keep: float, seed: int) -> Tensor:
        ctx.given = kernel, keep, seed
        return kernel(x.contiguous(), keep, seed)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        kernel, keep, seed = ctx.given
        return None, _Dropped.apply(kernel, gradients[0], keep, seed), None, None


class Dropout(nn.Dropout):
    """torch.nn.Dropout by `dropout`."""

    def forward(self, input: Tensor) -> Tensor:
        """Returns the input with some numbers zero while the module trains, else the input."""
        return dropout(input, self.p if self.training else 0.0)
