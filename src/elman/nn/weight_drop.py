"""Weight drop: some of the recurrent weights are left out of a whole forward pass.

    Ũ = M ∘ U / (1 - p),  M ~ Bernoulli(1 - p) drawn once for all steps and sequences

It is DropConnect (Wan et al. 2013) on the matrices that multiply the state (Merity et al. 2018).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from torch import Tensor

from elman.nn.dropout import dropout


def drop_weights(
    weights: Mapping[str, Tensor], names: Collection[str], probability: float
) -> dict[str, Tensor]:
    """Returns the weights, those of some names as new tensors in which each number is zero with a probability
    and else scaled up.
    """
    return {
        name: dropout(weight, probability) if name in names else weight for name, weight in weights.items()
    }
