"""Weights averaged over steps, which often do better than the last ones.

- ema: w̄ ← a w̄ + (1 - a) w at each step, a = min(decay, (1 + n) / (10 + n)) after n steps
  (Polyak & Juditsky 1992);
- swa: the mean of w since a share of the run (Izmailov et al. 2018);
- nt-asgd: the mean since validation first failed to beat the best of those more than five before
  (Merity et al. 2018).
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from elman.training.config import TrainConfig

_NON_MONOTONIC = 5


class Averaging:
    """The averages of some weights, once they have begun; what validation sees while swapped in."""

    def __init__(self, config: TrainConfig, weights: Sequence[nn.Parameter]) -> None:
        self._kind = "nt-asgd" if config.optimizer == "nt-asgd" else config.averaging
        self._config = config
        self._weights = list(weights)
        self._means: list[Tensor] = []
        self._count = 0

    @torch.no_grad()
    def update(self, share: float, validations: Sequence[float]) -> None:
        """Take the weights in after a step.

        share: of the run that is over; validations: the losses so far.
        """
        if not self._means:
            if not self._begins(share, validations):
                return
            self._means = [weight.detach().clone() for weight in self._weights]
            self._count = 1
            return
        self._count += 1
        own = 1.0 / self._count
        if self._kind == "ema":
            own = 1.0 - min(self._config.averaging_decay, (1 + self._count) / (10 + self._count))
        for mean, weight in zip(self._means, self._weights, strict=True):
            mean.lerp_(weight, own)

    @torch.no_grad()
    def swap(self) -> None:
        """Exchange the weights and their averages; does nothing before these have begun."""
        for mean, weight in zip(self._means, self._weights, strict=False):
            held = weight.detach().clone()
            weight.copy_(mean)
            mean.copy_(held)

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint holds of it."""
        return {"means": list(self._means), "count": self._count}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        devices = [weight.device for weight in self._weights]
        self._means = [mean.to(device) for mean, device in zip(state["means"], devices, strict=False)]
        self._count = state["count"]

    def _begins(self, share: float, validations: Sequence[float]) -> bool:
        if self._kind == "ema":
            return True
        if self._kind == "swa":
            return share >= self._config.averaging_start
        if self._kind == "nt-asgd":
            return non_monotonic(validations)
        return False


def non_monotonic(losses: Sequence[float], interval: int = _NON_MONOTONIC) -> bool:
    """Whether some loss was above the best of those more than `interval` validations before it."""
    return any(losses[i] > min(losses[: i - interval]) for i in range(interval + 1, len(losses)))
