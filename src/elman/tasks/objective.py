"""What one batch asks of a model."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class Objective:
    """loss: what is minimised, a mean per symbol; nats: -Σ ln p(target), detached, to report; state: that
    after the last step.
    """

    loss: Tensor
    nats: Tensor
    state: Any
