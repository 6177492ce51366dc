"""Adaptive softmax: rare symbols are predicted in two steps, their cluster and then they themselves.

    p(v) = p(cluster of v | h) p(v | cluster, h)    (Grave et al. 2017)

The clusters of rarer symbols read fewer numbers of h, and only those that hold a target are computed. Symbols
are numbered from the most frequent on.

Legend: H units, V symbols, N rows.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from elman.nn.linear import Linear

_FREQUENT, _MIDDLE = 10, 3


class AdaptiveSoftmax(nn.Module):
    """torch.nn.AdaptiveLogSoftmaxWithLoss over the most frequent tenth of the symbols, those up to a third,
    and the rest.

    in_features: H, 16 at least. out_features: V, 3 at least.
    """

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        first = max(1, out_features // _FREQUENT)
        self._cutoffs = [first, max(first + 1, out_features // _MIDDLE), out_features]
        self.softmax = nn.AdaptiveLogSoftmaxWithLoss(in_features, out_features, self._cutoffs[:-1])
        for module in self.softmax.modules():
            if type(module) is nn.Linear:
                module.__class__ = Linear

    def forward(self, input: Tensor) -> Tensor:
        """Returns ln p of all symbols, (…, V), for h, (…, H)."""
        with _in_full(input):
            log_p = self.softmax.log_prob(self._rows(input))
        return log_p.reshape(*input.shape[:-1], self.out_features)

    def negative_log_likelihood(self, rows_NH: Tensor, targets_N: Tensor) -> Tensor:
        """Returns -Σ ln p(target): a scalar, of which every weight has a gradient."""
        with _in_full(rows_NH):
            nats = -self.softmax(self._rows(rows_NH), targets_N).output.sum()
        for tail, low, high in zip(self.softmax.tail, self._cutoffs, self._cutoffs[1:], strict=False):
            # Processes that share a batch wait for each other's gradients, also of what one has not read.
            if not ((low <= targets_N) & (targets_N < high)).any():
                nats = nats + 0.0 * sum(weight.sum() for weight in tail.parameters())
        return nats

    def _rows(self, input: Tensor) -> Tensor:
        return input.reshape(-1, self.in_features).to(self.softmax.head.weight.dtype)


def _in_full(input: Tensor) -> torch.autocast:
    """No autocast: torch's module would round logarithms, or mix their formats."""
    return torch.autocast(input.device.type, enabled=False)
