"""Attention: what of a memory each step of a decoder looks at.

    e_ts = score(q_t, m_s),  α_ts = exp(e_ts) / Σ_s' exp(e_ts'),  c_t = Σ_s α_ts m_s

    additive  v · tanh(W q_t + U m_s)    (Bahdanau et al. 2015)
    general   q_t · W m_s                (Luong et al. 2015)
    dot       q_t · m_s                  (Luong et al. 2015)

Legend of shapes: T steps of the decoder, S places of the memory, B sequences, Q, M sizes of a query, a place.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn

from elman.core.errors import InputError
from elman.nn.linear import Linear

AttentionScore = Literal["additive", "general", "dot"]


class Attention(nn.Module):
    """Attention of queries of size Q to a memory of size M by one of three scores.

    Raises InputError for the score dot where the two sizes differ.
    """

    def __init__(self, score: AttentionScore, query_size: int, memory_size: int) -> None:
        super().__init__()
        if score == "dot" and query_size != memory_size:
            raise InputError(
                f"attention by dot multiplies queries of size {query_size} with places of size "
                f"{memory_size}; make both equal, or give general"
            )
        self.score: AttentionScore = score
        if score != "dot":
            self.keys = Linear(memory_size, query_size, bias=False)
        if score == "additive":
            self.query = Linear(query_size, query_size)
            self.direction = nn.Parameter(torch.empty(query_size).uniform_(-1.0, 1.0) / math.sqrt(query_size))

    def prepared(self, memory_SBM: Tensor) -> Tensor:
        """What depends on the memory alone, computed once: keys (S, B, Q)."""
        return memory_SBM if self.score == "dot" else self.keys(memory_SBM)

    def forward(
        self, query_TBQ: Tensor, keys_SBQ: Tensor, memory_SBM: Tensor, mask_SB: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Returns c (T, B, M) and α (T, B, S); mask: True at the places that there are, one a sequence at
        least.
        """
        query_BTQ, keys_BSQ = query_TBQ.transpose(0, 1), keys_SBQ.transpose(0, 1)
        if self.score == "additive":
            sums_BTSQ = self.query(query_BTQ)[:, :, None] + keys_BSQ[:, None]
            energy_BTS = sums_BTSQ.tanh() @ self.direction
        else:
            energy_BTS = query_BTQ @ keys_BSQ.mT
        energy_BTS = energy_BTS.masked_fill(~mask_SB.mT[:, None], -math.inf)
        weights_BTS = energy_BTS.softmax(-1)
        context_BTM = weights_BTS @ memory_SBM.transpose(0, 1)
        return context_BTM.transpose(0, 1), weights_BTS.transpose(0, 1)
