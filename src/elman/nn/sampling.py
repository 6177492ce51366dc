"""Sequences drawn from what a model finds probable, symbol by symbol.

Legend of shapes: B rows, V symbols.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import torch

from elman.nn.beam import Hypothesis, Step
from elman.nn.decode import Decoding


def sample(
    step: Step,
    state: Any,
    first: int,
    end: int,
    limits: Sequence[int],
    decoding: Decoding,
    generator: torch.Generator,
    forbidden: Collection[int] = (),
) -> list[Hypothesis]:
    """A sequence for each of B rows, whose state is that before `first`: at least one symbol, and limits[b]
    at most, behind which it must end. Σ ln p is that of the model, whatever the decoding makes of it.

    Raises InputError where no symbol has a finite score.
    """
    symbols = torch.full((len(limits),), first)
    written: list[list[int]] = [[] for _ in limits]
    log_prob = [0.0 for _ in limits]
    going = set(range(len(limits)))
    for length in range(max(limits, default=0) + 1):
        scores_BV, state = step(symbols, state)
        scores_BV = scores_BV.detach().cpu()
        # Not in place: the state may hold on to what was read.
        symbols = symbols.clone()
        for b in sorted(going):
            barred = {*forbidden, end} if length == 0 else forbidden
            uniform = float(torch.rand((), generator=generator, dtype=torch.float64))
            chosen = end if length >= max(1, limits[b]) else decoding.choose(scores_BV[b], uniform, barred)
            log_prob[b] += float(scores_BV[b].double().log_softmax(-1)[chosen])
            symbols[b] = chosen
            if chosen == end:
                going.discard(b)
            else:
                written[b].append(chosen)
        if not going:
            break
    return [Hypothesis(tuple(row), nats, nats) for row, nats in zip(written, log_prob, strict=True)]
