"""Embedding dropout: some symbols are left out of a whole batch, wherever they occur in it.

    x_t = m[s_t] E[s_t] / (1 - p),  m ~ Bernoulli(1 - p) drawn once a symbol    (Gal & Ghahramani 2016, scaled
    as by Merity et al. 2018)

Legend: N rows, V symbols, I input size.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from elman.nn.dropout import mask


def embedded(indices: Tensor, table: Tensor, probability: float) -> Tensor:
    """Returns the vectors (N, I) of symbols (N,) from a table (V, I), in which each row is zero with a
    probability and else scaled up.
    """
    vectors = functional.embedding(indices, table)
    if not probability:
        return vectors
    return vectors * functional.embedding(indices, mask((len(table), 1), probability, table))
