"""The learning rate over a run: linear warm-up, then a cosine down to a tenth.

η(s) = η_max · min(1, (n + 1) / n_warm) · (0.1 + 0.9 · (1 + cos πs) / 2), with n the steps taken and s the
share of the run that is over, by steps or by time, whichever is further (Loshchilov & Hutter 2017).
"""

import math
from dataclasses import dataclass

_FLOOR = 0.1
_WARM_UP_STEPS = 100
_WARM_UP_SHARE = 0.1


@dataclass(frozen=True)
class Schedule:
    """A plan of a number of steps and perhaps a limit in seconds."""

    steps: int
    seconds: float | None

    def over(self, step: int, elapsed: float) -> float:
        """The share of the run that is over after so many steps and seconds, at most 1."""
        by_time = elapsed / self.seconds if self.seconds else 0.0
        return min(1.0, max(step / self.steps, by_time))

    def factor(self, step: int, elapsed: float) -> float:
        """The learning rate for a step as a share of the largest."""
        warm_up = max(1, min(_WARM_UP_STEPS, round(_WARM_UP_SHARE * self.steps)))
        cosine = (1.0 + math.cos(math.pi * self.over(step, elapsed))) / 2.0
        return min(1.0, (step + 1) / warm_up) * (_FLOOR + (1.0 - _FLOOR) * cosine)
