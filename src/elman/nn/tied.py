"""Tied weights: the matrix that reads symbols is the one that predicts them.

    x_t = E[s_t],  scores_t = E P h_t + b    (Press & Wolf 2017, Inan et al. 2017)

P, I×H, is there where the network has another size H than the embedding I.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from elman.nn.linear import Linear

_START = 0.1


class TiedLinear(Linear):
    """A projection y = E x + b whose matrix is that of an embedding, which owns it: a `state_dict` holds it
    once.

    The embedding starts uniform in ±0.1, as in Merity et al. (2018): what reads well at a size of 1 would
    predict with scores far too large.
    """

    def __init__(self, embedding: nn.Embedding) -> None:
        weight = embedding.weight
        # The matrix that this makes, as narrow as can be, is replaced below.
        super().__init__(1, embedding.num_embeddings, device=weight.device, dtype=weight.dtype)
        self.in_features = embedding.embedding_dim
        nn.init.uniform_(weight, -_START, _START)
        nn.init.zeros_(self.bias)
        self.weight = weight

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        super()._save_to_state_dict(destination, prefix, keep_vars)
        del destination[prefix + "weight"]

    def _load_from_state_dict(
        self,
        state_dict: Any,
        prefix: str,
        local_metadata: Any,
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        given = state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
        super()._load_from_state_dict(*given)
        if prefix + "weight" in missing_keys:
            missing_keys.remove(prefix + "weight")
