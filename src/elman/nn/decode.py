"""Choosing the next symbol from the scores of all."""

import math
from collections.abc import Collection
from dataclasses import dataclass

import torch
from torch import Tensor

from elman.core.errors import InputError


@dataclass(frozen=True)
class Decoding:
    """p(v) ∝ exp(score_v / temperature), over the top_k likeliest symbols and of these the nucleus of top_p.

    temperature 0 always takes the likeliest; top_k 0 and top_p 1 leave all symbols in. The nucleus is the
    smallest set of the likeliest symbols whose probabilities sum to top_p at least (Holtzman et al. 2020).
    Raises InputError for a value out of range.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.temperature < math.inf:
            raise InputError(f"temperature is {self.temperature}; give a number from 0 up")
        if self.top_k < 0:
            raise InputError(f"top_k is {self.top_k}; give 0 for all symbols, or how many to keep")
        if not 0.0 < self.top_p <= 1.0:
            raise InputError(f"top_p is {self.top_p}; give a probability above 0 and at most 1")

    def probabilities(self, scores_V: Tensor, forbidden: Collection[int] = ()) -> Tensor:
        """The distribution that symbols are drawn from, (V,) in double precision; forbidden symbols have
        probability 0.

        Raises InputError where no allowed symbol has a finite score.
        """
        forbidden_F = torch.tensor(list(forbidden), dtype=torch.long)
        scores_V = scores_V.double().index_fill(-1, forbidden_F, -math.inf)
        best = scores_V.argmax()
        if not scores_V[best].isfinite():
            raise no_finite_score()
        if self.temperature == 0.0:
            return torch.zeros_like(scores_V).index_fill(-1, best, 1.0)
        # The best score is taken off first, so that no temperature, however small, overflows.
        scaled_V = (scores_V - scores_V[best]) / self.temperature
        probability_V, order_V = scaled_V.softmax(-1).sort(descending=True, stable=True)
        if self.top_k:
            probability_V[self.top_k :] = 0.0
            probability_V /= probability_V.sum()
        if self.top_p < 1.0:
            before_V = probability_V.cumsum(-1) - probability_V
            probability_V[before_V >= self.top_p] = 0.0
        return torch.zeros_like(probability_V).scatter(-1, order_V, probability_V / probability_V.sum())

    def choose(self, scores_V: Tensor, uniform: float, forbidden: Collection[int] = ()) -> int:
        """The symbol that a number u, uniform in [0, 1), stands for: the first v with Σ_{j ≤ v} p_j > u.

        scores_V (V,) on the CPU. Raises InputError where no allowed symbol has a finite score.
        """
        reached_V = self.probabilities(scores_V, forbidden).cumsum(-1)
        return int((reached_V <= uniform * reached_V[-1]).sum())


def no_finite_score() -> InputError:
    """What is wrong when there is nothing to choose by."""
    return InputError(
        "no symbol can be chosen: the best score is not a finite number, or none is allowed; "
        "look for NaN or infinity in the weights of the model"
    )
