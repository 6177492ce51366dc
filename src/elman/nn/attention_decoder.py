"""A decoder that writes while it looks at a memory, all steps of a target in one call of each layer.

    h_t = lower(E[s_{t-1}], h_{t-1}),  c_t = attention(h_t; memory)
    g_t = upper([h_t; c_t], g_{t-1}),  o_t = tanh(W [g_t; c_t] + b)

Attention follows from what the lower layer has just read, and the upper ones see what it was at so far (Wu et
al. 2016). So no layer waits for another, and each takes all steps of a target in one call.

Legend of shapes: T steps, S places of the memory, B sequences, H hidden size, E embedding size, L layers.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from elman.core.trace import Cell
from elman.nn.attention import Attention, AttentionScore
from elman.nn.dropout import Dropout
from elman.nn.linear import Linear
from elman.nn.recurrent import Recurrent

States = tuple[Tensor, ...]


class Written(NamedTuple):
    """How far the decoder has come: the memory (S, B, ·), what attention makes of it, which of its places
    there are (S, B), and the states of the layers, (L, B, ·).
    """

    memory: Tensor
    keys: Tensor
    places: Tensor
    lower: States
    upper: States


class AttentionDecoder(nn.Module):
    """A decoder of symbols, with a memory of places of size H, and L layers above its attention.

    Raises InputError as `Recurrent` and `Attention` do.
    """

    def __init__(
        self,
        cell: Cell | str,
        symbols: int,
        embedding_size: int,
        hidden_size: int,
        num_layers: int,
        score: AttentionScore,
        dropout: float = 0.0,
        embedding_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.lower = Recurrent(
            cell,
            embedding_size,
            hidden_size,
            num_embeddings=symbols,
            input_dropout=dropout,
            embedding_dropout=embedding_dropout,
        )
        self.attention = Attention(score, self.lower.output_size, hidden_size)
        self.dropout = Dropout(dropout)
        read = self.lower.output_size + hidden_size
        self.upper = Recurrent(cell, read, hidden_size, num_layers, dropout=dropout)
        self.combine = Linear(read, embedding_size)

    @property
    def embedding(self) -> nn.Embedding:
        """The embedding of the symbols."""
        assert self.lower.embedding is not None
        return self.lower.embedding

    def start(self, memory_SBH: Tensor, places_SB: Tensor, states: States) -> Written:
        """Where writing begins; states: (L, B, ·) for each state of the cell. The lower layer begins as the
        first of the upper ones does.
        """
        return Written(
            memory_SBH,
            self.attention.prepared(memory_SBH),
            places_SB,
            tuple(state[:1] for state in states),
            states,
        )

    def forward(self, symbols_TB: Tensor, written: Written) -> tuple[Tensor, Tensor, Written]:
        """Returns o (T, B, E), the attention α (T, B, S), and where writing goes on."""
        hidden_TBH, lower = self.lower(symbols_TB, written.lower)
        context_TBH, weights_TBS = self.attention(hidden_TBH, written.keys, written.memory, written.places)
        read = self.dropout(torch.cat([hidden_TBH, context_TBH], -1))
        above_TBH, upper = self.upper(read, written.upper)
        output_TBE = self.combine(self.dropout(torch.cat([above_TBH, context_TBH], -1))).tanh()
        return output_TBE, weights_TBS, written._replace(lower=_tuple(lower), upper=_tuple(upper))


def _tuple(states: Tensor | States) -> States:
    return (states,) if isinstance(states, Tensor) else tuple(states)
