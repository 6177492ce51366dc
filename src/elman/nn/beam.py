"""Beam search: of all sequences that a model can write, those it finds likeliest.

Every step keeps the K likeliest beginnings of each source and tries all symbols behind each. Those that end
are judged by ln p / lp(n), where n symbols are written, the end included:

    lp(n) = ((5 + n) / 6)^α    (Wu et al. 2016; α = 0 judges by the probability alone)

Legend of shapes: B sources, K beginnings of each (the size of the beam), N = B·K rows, V symbols.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from elman.core.errors import InputError
from elman.nn.decode import no_finite_score

Step = Callable[[Tensor, Any], tuple[Tensor, Any]]
"""From the symbols just written, (N,), and a state to the scores of the next, (N, V), and the state after.

A state is a tensor whose second dimension is that of the rows, or a tuple of states.
"""


@dataclass(frozen=True)
class Hypothesis:
    """Symbols without the one that ends them, Σ ln p with that one, and by what it is judged."""

    symbols: tuple[int, ...]
    log_prob: float
    score: float


@dataclass(frozen=True)
class Beam:
    """How to search. size: K; 1 is greedy search. n_best: sequences to return for each source.
    length_penalty: α. block_ngram: no n symbols in a row are written twice, 0 for any.

    Raises InputError for a value out of range.
    """

    size: int = 5
    n_best: int = 1
    length_penalty: float = 0.6
    block_ngram: int = 0

    def __post_init__(self) -> None:
        if self.size < 1:
            raise InputError(f"beam is {self.size}; give 1 for greedy search, or more")
        if not 1 <= self.n_best <= self.size:
            raise InputError(f"n_best is {self.n_best}; a beam of {self.size} finds 1 to {self.size}")
        if not 0.0 <= self.length_penalty < math.inf:
            raise InputError(f"length_penalty is {self.length_penalty}; give a number from 0 up, often 0.6")
        if self.block_ngram < 0:
            raise InputError(f"block_ngram is {self.block_ngram}; give 0, or the length of what is unique")

    def penalty(self, length: int) -> float:
        """lp(n)."""
        return ((5.0 + length) / 6.0) ** self.length_penalty

    def search(
        self,
        step: Step,
        state: Any,
        first: int,
        end: int,
        limits: Sequence[int],
        forbidden: Collection[int] = (),
    ) -> list[list[Hypothesis]]:
        """For each of B sources the best sequences, the best first: n_best of them, fewer only where no more
        can be written.

        state: that of B rows before `first`, which is read before the first symbol. Every sequence holds one
        symbol at least and, without the end, limits[b] at most: there it must end. forbidden: symbols that
        are never written.

        Raises InputError where no symbol has a finite score.
        """
        return _Search(self, limits, end, forbidden).run(step, state, first)


class _Search:
    """One search as it goes: the beginnings of every row, and what has ended of every source."""

    def __init__(self, beam: Beam, limits: Sequence[int], end: int, forbidden: Collection[int]) -> None:
        self.beam, self.end = beam, end
        self.limits = [max(1, limit) for limit in limits]
        self.limits_N = torch.tensor(self.limits).repeat_interleave(beam.size)
        self.forbidden = sorted(forbidden)
        self.begun: list[list[int]] = [[] for _ in self.limits_N]
        self.ended: list[list[Hypothesis]] = [[] for _ in self.limits]

    def run(self, step: Step, state: Any, first: int) -> list[list[Hypothesis]]:
        size, sources = self.beam.size, len(self.limits)
        state = rows(state, torch.arange(sources).repeat_interleave(size))
        symbols_N = torch.full((sources * size,), first)
        # The beginnings of a source are all the same at first: one of them is alive.
        sums_BK = torch.full((sources, size), -math.inf, dtype=torch.float64)
        sums_BK[:, 0] = 0.0
        for length in range(max(self.limits, default=0) + 1):
            scores_NV, state = step(symbols_N, state)
            exact = torch.promote_types(scores_NV.dtype, torch.float32)
            log_p_NV = scores_NV.detach().cpu().log_softmax(-1, dtype=exact)
            if not log_p_NV.amax(-1).isfinite().all():
                raise no_finite_score()
            self._restrict(log_p_NV, length)
            sums_BK, parents_N, symbols_N = self._extended(*self._candidates(sums_BK, log_p_NV))
            if not sums_BK.isfinite().any():
                break
            state = rows(state, parents_N)
        if not all(self.ended):
            raise no_finite_score()
        return [self._best(found) for found in self.ended]

    def _restrict(self, log_p_NV: Tensor, length: int) -> None:
        """Takes away what may not be written: the forbidden, an end before a symbol, a repeated n-gram, all
        but the end at the limit.
        """
        log_p_NV[:, self.forbidden] = -math.inf
        if length == 0:
            log_p_NV[:, self.end] = -math.inf
        if self.beam.block_ngram:
            for row, begun in enumerate(self.begun):
                log_p_NV[row, _repeating(begun, self.beam.block_ngram)] = -math.inf
        at_limit = self.limits_N == length
        to_end = log_p_NV[at_limit, self.end]
        log_p_NV[at_limit] = -math.inf
        log_p_NV[at_limit, self.end] = to_end

    def _candidates(self, sums_BK: Tensor, log_p_NV: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of each source the likeliest that are one symbol longer, best first: Σ ln p, row, last symbol. They
        are twice as many as are kept, because each of the beginnings can end.
        """
        sources, size = sums_BK.shape
        few = min(2 * size, log_p_NV.shape[-1])
        best_NF, symbol_NF = log_p_NV.topk(few)
        sums_BF = (sums_BK[:, :, None] + best_NF.unflatten(0, (sources, size))).flatten(1)
        sums_BC, place_BC = sums_BF.topk(min(2 * size, sums_BF.shape[1]))
        row_BC = place_BC // few + torch.arange(sources)[:, None] * size
        return sums_BC, row_BC, symbol_NF[row_BC, place_BC % few]

    def _extended(self, sums_BC: Tensor, row_BC: Tensor, symbol_BC: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The beginnings to go on with, their Σ ln p (B, K), the rows they come from and their last symbols
        (N,); what ends is put aside. A place that is left over repeats a row, at ln p = -∞.
        """
        size = self.beam.size
        begun: list[list[int]] = []
        sums, parents, symbols = [], [], []
        for b, candidates in enumerate(
            zip(sums_BC.tolist(), row_BC.tolist(), symbol_BC.tolist(), strict=True)
        ):
            going: list[tuple[float, int, int]] = []
            for rank, (total, row, symbol) in enumerate(zip(*candidates, strict=True)):
                if total == -math.inf or len(going) == size:
                    break
                if symbol != self.end:
                    going.append((total, row, symbol))
                elif rank < size:
                    self.ended[b].append(self._hypothesis(self.begun[row], total))
            if going and self._is_done(b, going[0][0]):
                going = []
            going += [(-math.inf, b * size, self.end)] * (size - len(going))
            for total, row, symbol in going:
                sums.append(total)
                parents.append(row)
                symbols.append(symbol)
                begun.append([*self.begun[row], symbol])
        self.begun = begun
        sums_BK = torch.tensor(sums, dtype=torch.float64).unflatten(0, (-1, size))
        return sums_BK, torch.tensor(parents), torch.tensor(symbols)

    def _hypothesis(self, symbols: list[int], log_prob: float) -> Hypothesis:
        return Hypothesis(tuple(symbols), log_prob, log_prob / self.beam.penalty(len(symbols) + 1))

    def _is_done(self, b: int, best: float) -> bool:
        """Whether as many have ended as there are beginnings, or none that goes on can still win."""
        if len(self.ended[b]) >= self.beam.size:
            return True
        if len(self.ended[b]) < self.beam.n_best:
            return False
        return best / self.beam.penalty(self.limits[b] + 1) <= self._best(self.ended[b])[-1].score

    def _best(self, found: list[Hypothesis]) -> list[Hypothesis]:
        return sorted(found, key=lambda one: -one.score)[: self.beam.n_best]


def rows(state: Any, chosen_N: Tensor) -> Any:
    """The state of some rows."""
    if isinstance(state, Tensor):
        return state.index_select(1, chosen_N.to(state.device))
    return tuple(rows(part, chosen_N) for part in state)


def _repeating(symbols: list[int], n: int) -> list[int]:
    """The symbols that would write n symbols in a row a second time."""
    last = symbols[len(symbols) - n + 1 :] if n > 1 else []
    return [symbols[i + n - 1] for i in range(len(symbols) - n + 1) if symbols[i : i + n - 1] == last]
