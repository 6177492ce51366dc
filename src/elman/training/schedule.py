"""The learning rate over a run, as a share of the largest.

n are the steps taken, s is the share of the run that is over, by steps or by time, whichever is further. All
begin with min(1, (n + 1) / n_warm), a linear warm-up; then follow

- cosine: 0.1 + 0.9 (1 + cos πs) / 2 (Loshchilov & Hutter 2017);
- one-cycle: up from 1/25 to 1 in the first 0.3 of the run, down to 10⁻⁴ in the rest, both along a cosine
  (Smith & Topin 2018);
- constant: 1;
- decay: γᵏ after k validations that were no better than the best before, as in the older recipes
  (Mikolov et al. 2010, Zaremba et al. 2014);
- plateau: γᵏ, where k counts the times that two validations in a row were no better.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_FLOOR = 0.1
_WARM_UP_SHARE = 0.1
_RISE = 0.3
_CYCLE_START, _CYCLE_END = 1 / 25, 1e-4
_PATIENCE = {"decay": 1, "plateau": 2}


@dataclass(frozen=True)
class Schedule:
    """A plan of a number of steps and perhaps a limit in seconds; decay_factor: γ."""

    steps: int
    seconds: float | None = None
    kind: str = "cosine"
    warm_up: int = 100
    decay_factor: float = 0.5

    def over(self, step: int, elapsed: float) -> float:
        """The share of the run that is over after so many steps and seconds, at most 1."""
        by_time = elapsed / self.seconds if self.seconds else 0.0
        return min(1.0, max(step / self.steps, by_time))

    def factor(self, step: int, elapsed: float, validations: Sequence[float] = ()) -> float:
        """The learning rate for a step as a share of the largest; validations: the losses so far."""
        warm_up = max(1, min(self.warm_up, round(_WARM_UP_SHARE * self.steps)))
        return min(1.0, (step + 1) / warm_up) * self._after_warm_up(self.over(step, elapsed), validations)

    def _after_warm_up(self, over: float, validations: Sequence[float]) -> float:
        if self.kind == "cosine":
            return _cosine(1.0, _FLOOR, over)
        if self.kind == "one-cycle":
            if over < _RISE:
                return _cosine(_CYCLE_START, 1.0, over / _RISE)
            return _cosine(1.0, _CYCLE_END, (over - _RISE) / (1.0 - _RISE))
        if self.kind == "constant":
            return 1.0
        return self.decay_factor ** stalls(validations, _PATIENCE[self.kind])


def stalls(losses: Sequence[float], patience: int) -> int:
    """How often so many losses in a row were no better than the best before them."""
    best, waited, found = math.inf, 0, 0
    for loss in losses:
        waited = 0 if loss < best else waited + 1
        best = min(best, loss)
        if waited == patience:
            waited, found = 0, found + 1
    return found


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1.0 + math.cos(math.pi * share)) / 2.0
