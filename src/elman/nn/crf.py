"""A linear-chain conditional random field: sequences of tags, scored whole (Lafferty et al. 2001).

    ln p(y | s) = Σ_t s_t[y_t] + Σ_t A[y_{t-1}, y_t] - ln Z(s)

A has a row and a column more than there are tags: its last row is what comes before the first tag, its last
column what follows the last one.

Legend: T steps, B sequences, K tags, N best sequences.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from elman.core.errors import InputError


class LinearChainCRF(nn.Module):
    """Tags of sequences, from the scores s of every tag at every step (T, B, K) and the lengths (B,).

    forbidden (K + 1, K + 1), bool: transitions that have no probability. Without `learned`, all other
    transitions score 0: then each tag is chosen by itself, by a softmax, as far as nothing is forbidden.

    Raises InputError for a mask of another shape.
    """

    forbidden: Tensor

    def __init__(self, tags: int, forbidden: Tensor | None = None, learned: bool = True) -> None:
        super().__init__()
        self.tags = tags
        shape = (tags + 1, tags + 1)
        forbidden = torch.zeros(shape, dtype=torch.bool) if forbidden is None else forbidden
        if tuple(forbidden.shape) != shape:
            raise InputError(f"forbidden is of shape {tuple(forbidden.shape)}; of {tags} tags it is {shape}")
        self.register_buffer("forbidden", forbidden, persistent=False)
        if learned:
            self.transitions = nn.Parameter(torch.zeros(shape))
        else:
            self.register_buffer("transitions", torch.zeros(shape), persistent=False)

    def extra_repr(self) -> str:
        """The number of tags."""
        return str(self.tags)

    def negative_log_likelihood(self, scores_TBK: Tensor, tags_TB: Tensor, lengths_B: Tensor) -> Tensor:
        """-Σ_b ln p(tags_b), a scalar in nats; a sequence of length 0 counts nothing."""
        scores_TBK, steps = _precise(scores_TBK), len(scores_TBK)
        step_T1 = torch.arange(steps + 1, device=lengths_B.device)[:, None]
        boundary = torch.full_like(tags_TB[:1], self.tags)
        after_TB = torch.where(step_T1 < lengths_B, torch.cat([tags_TB, boundary]), self.tags)
        before_TB = torch.cat([boundary, after_TB[:-1]])
        moves_TB = self._moves(scores_TBK)[before_TB, after_TB].masked_fill(step_T1 > lengths_B, 0.0)
        chosen_TB = scores_TBK.gather(2, tags_TB[..., None]).squeeze(2)
        chosen_B = chosen_TB.masked_fill(step_T1[:-1] >= lengths_B, 0.0).sum(0) + moves_TB.sum(0)
        return (self.log_partition(scores_TBK, lengths_B) - chosen_B)[lengths_B > 0].sum()

    def log_partition(self, scores_TBK: Tensor, lengths_B: Tensor) -> Tensor:
        """ln Z (B,): the logarithm of the sum of exp(score) over all sequences of tags."""
        alpha_BK = self._forward(_precise(scores_TBK), lengths_B)[-1]
        return (alpha_BK + self._moves(alpha_BK)[:-1, -1]).logsumexp(-1)

    def marginals(self, scores_TBK: Tensor, lengths_B: Tensor) -> Tensor:
        """p(y_t = k | s) (T, B, K), by the forward and the backward recursion; zero behind the ends."""
        scores_TBK = _precise(scores_TBK)
        moves = self._moves(scores_TBK)
        backwards_KK = moves[:-1, :-1].T.exp()
        beta_BK = moves[:-1, -1].expand(scores_TBK.shape[1:])
        betas = [beta_BK]
        for t in range(len(scores_TBK) - 1, 0, -1):
            before_BK = _log_product(scores_TBK[t] + beta_BK, backwards_KK)
            beta_BK = torch.where((t < lengths_B)[:, None], before_BK, beta_BK)
            betas.append(beta_BK)
        alphas_TBK = torch.stack(self._forward(scores_TBK, lengths_B))
        step_T1 = torch.arange(len(scores_TBK), device=lengths_B.device)[:, None]
        behind_TB1 = (step_T1 >= lengths_B)[..., None]
        return (alphas_TBK + torch.stack(betas[::-1])).softmax(-1).masked_fill(behind_TB1, 0.0)

    @torch.no_grad()
    def best(self, scores_TBK: Tensor, lengths_B: Tensor, number: int = 1) -> tuple[Tensor, Tensor]:
        """The N most probable sequences of tags (N, T, B), the best first, and ln p of each (N, B), by
        Viterbi's algorithm with N ways into every tag.

        Behind the end of a sequence its tags mean nothing; where there are fewer than N, ln p is -∞.
        """
        scores_TBK = _precise(scores_TBK)
        moves = self._moves(scores_TBK)
        first_BK1 = (scores_TBK[0] + moves[-1, :-1])[..., None]
        value_BKN = torch.cat(
            [first_BK1, torch.full_like(first_BK1, -math.inf).expand(-1, -1, number - 1)], 2
        )
        stay_BKN = torch.arange(self.tags * number, device=moves.device).view(1, self.tags, number)
        came_from: list[Tensor] = []
        for t in range(1, len(scores_TBK)):
            ways = (value_BKN[..., None] + moves[:-1, None, :-1]).flatten(1, 2)
            found, way = ways.transpose(1, 2).topk(number, -1)
            goes_on = (t < lengths_B)[:, None, None]
            value_BKN = torch.where(goes_on, found + scores_TBK[t][..., None], value_BKN)
            came_from.append(torch.where(goes_on, way, stay_BKN).flatten(1))
        last_BKN = value_BKN + moves[:-1, -1, None]
        total_BN, at_BN = last_BKN.flatten(1).topk(number, -1)
        paths = [at_BN // number]
        for way in reversed(came_from):
            at_BN = way.gather(1, at_BN)
            paths.append(at_BN // number)
        log_p_BN = total_BN - self.log_partition(scores_TBK, lengths_B)[:, None]
        return torch.stack(paths[::-1]).permute(2, 0, 1), log_p_BN.T

    def _moves(self, like: Tensor) -> Tensor:
        """A in the format of the scores, -∞ where forbidden."""
        return self.transitions.to(like.dtype).masked_fill(self.forbidden, -math.inf)

    def _forward(self, scores_TBK: Tensor, lengths_B: Tensor) -> list[Tensor]:
        """α_t (B, K): the logarithm of the sum over all beginnings that end in a tag."""
        moves = self._moves(scores_TBK)
        weights_KK = moves[:-1, :-1].exp()
        alphas = [scores_TBK[0] + moves[-1, :-1]]
        for t in range(1, len(scores_TBK)):
            after_BK = _log_product(alphas[-1], weights_KK) + scores_TBK[t]
            alphas.append(torch.where((t < lengths_B)[:, None], after_BK, alphas[-1]))
        return alphas


def _log_product(logs_BK: Tensor, weights_KK: Tensor) -> Tensor:
    """ln Σ_i exp(logs_i) weights_ij (B, K), a matrix product: much faster than K² exponentials a row.

    What no tag leads to is the smallest number that there is, not zero, for the sake of gradients.
    """
    with torch.autocast(logs_BK.device.type, enabled=False):
        peak_B1 = logs_BK.amax(-1, keepdim=True).detach()
        sums_BK = (logs_BK - peak_B1).exp() @ weights_KK
        return sums_BK.clamp_min(torch.finfo(sums_BK.dtype).tiny).log() + peak_B1


def _precise(scores: Tensor) -> Tensor:
    """Scores in float32 where they come in a shorter format."""
    return scores.to(torch.promote_types(scores.dtype, torch.float32))
