"""Label smoothing: a share of the target's probability is spread evenly over all symbols.

    E = -Σ ((1 - ε) ln p(target) + ε/V Σ_v ln p(v))    (Szegedy et al. 2016)
      = Σ (ln Σ_v exp s_v - (1 - ε) s_target - ε/V Σ_v s_v)
    dE/ds_v = p(v) - (1 - ε) [v = target] - ε/V

Of the scores s nothing is kept but they themselves, and the gradient is the one array of their size that is
made. Rows are taken as many at a time as a cache holds.

Legend: N rows, V symbols.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

_SCORES_AT_ONCE = {"cpu": 1 << 17, "else": 1 << 24}


def smoothed_cross_entropy(scores_NV: Tensor, targets_N: Tensor, share: float) -> tuple[Tensor, Tensor]:
    """Returns E with a share ε, and with none: -Σ ln p(target). Both are scalars, in nats, in float32 where
    the scores have a shorter format.
    """
    if torch.compiler.is_compiling():  # what is traced is fused by the compiler
        log_p_NV = scores_NV.log_softmax(-1, dtype=_exact(scores_NV))
        nats = functional.nll_loss(log_p_NV, targets_N, reduction="sum")
        return (1.0 - share) * nats - share * log_p_NV.mean(-1).sum(), nats
    return _Smoothed.apply(scores_NV, targets_N, share)


class _Smoothed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, scores_NV: Tensor, targets_N: Tensor, share: float) -> tuple[Tensor, Tensor]:
        ctx.share = share
        ctx.save_for_backward(scores_NV, targets_N)
        nats, mean = scores_NV.new_zeros(2, dtype=_exact(scores_NV)).unbind()
        for rows in _parts(scores_NV):
            log_p_PV = scores_NV[rows].log_softmax(-1, dtype=nats.dtype)
            nats -= log_p_PV.gather(1, targets_N[rows, None]).sum()
            if share:
                mean -= log_p_PV.mean(-1).sum()
        return (1.0 - share) * nats + share * mean, nats

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        scores_NV, targets_N = ctx.saved_tensors
        d_cost, d_nats = gradients
        d_both, d_own = d_cost + d_nats, d_nats + (1.0 - ctx.share) * d_cost
        d_scores_NV = torch.empty_like(scores_NV)
        for rows in _parts(scores_NV):
            d_PV = scores_NV[rows].softmax(-1, dtype=d_both.dtype) * d_both
            if ctx.share:
                d_PV.sub_(ctx.share / d_PV.shape[1] * d_cost)
            targets_P1 = targets_N[rows, None]
            d_PV.scatter_add_(1, targets_P1, -d_own.expand(targets_P1.shape))
            d_scores_NV[rows] = d_PV
        return d_scores_NV, None, None


def _exact(scores: Tensor) -> torch.dtype:
    return torch.promote_types(scores.dtype, torch.float32)


def _parts(scores_NV: Tensor) -> Iterator[slice]:
    """Rows, some at a time."""
    number, symbols = scores_NV.shape
    at_once = _SCORES_AT_ONCE["cpu" if scores_NV.device.type == "cpu" else "else"]
    size = max(1, at_once // symbols)
    return (slice(start, start + size) for start in range(0, number, size))
