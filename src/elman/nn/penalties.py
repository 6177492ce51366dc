"""Penalties on the activations of a recurrent network (Merity et al. 2017).

    AR = mean(h_t²),  TAR = mean((h_t - h_{t-1})²)

Legend: T steps, B sequences, H units.
"""

from __future__ import annotations

from torch import Tensor


def activation_penalty(h_TBH: Tensor, mask_TB: Tensor | None = None) -> Tensor:
    """Returns the mean square of the activations, over the steps of a mask where there is one."""
    return _mean_square(h_TBH, mask_TB)


def temporal_penalty(h_TBH: Tensor, mask_TB: Tensor | None = None) -> Tensor:
    """Returns the mean square of the change from step to step, up to the last step of each sequence in a mask
    where there is one; zero where there is one step.
    """
    return _mean_square(h_TBH[1:] - h_TBH[:-1], None if mask_TB is None else mask_TB[1:])


def _mean_square(values: Tensor, mask_TB: Tensor | None) -> Tensor:
    counted = values if mask_TB is None else values[mask_TB]
    return counted.square().sum() / max(1, counted.numel())
