"""Label smoothing: a share of the target's probability is spread evenly over all symbols.

    E = -Σ ((1 - ε) ln p(target) + ε/V Σ_v ln p(v))    (Szegedy et al. 2016)

Legend: N rows, V symbols.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def smoothed_cross_entropy(scores_NV: Tensor, targets_N: Tensor, share: float) -> tuple[Tensor, Tensor]:
    """Returns E with a share ε, and with none: -Σ ln p(target). Both are scalars, in nats, in float32 where
    the scores have a shorter format.
    """
    log_p_NV = scores_NV.log_softmax(-1, dtype=torch.promote_types(scores_NV.dtype, torch.float32))
    nats = functional.nll_loss(log_p_NV, targets_N, reduction="sum")
    if not share:
        return nats, nats
    return (1.0 - share) * nats - share * log_p_NV.mean(-1).sum(), nats
