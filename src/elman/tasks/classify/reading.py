"""Reading texts of any length: what a model makes of each.

A text that is longer than what is read at once is read in windows, whose pooled outputs are joined. Where the
layers read rightwards alone, each window begins with the state after the one before it, so that the text is
read as if it were one window; where they read leftwards too, each window begins anew.

Legend of shapes: T symbols, B texts or windows, C labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from elman.data.segment import stream
from elman.nn.pooling import AttentionPooling, Pooled
from elman.tasks.classify.data import NO_LABEL, TextBatch, encode, side_by_side

if TYPE_CHECKING:
    from elman.tasks.classify.model import ClassifyModel

Window = list[str]


@dataclass(frozen=True)
class Reading:
    """The scores of the labels, (C,); and where attention pools, the symbols of the text, each with its
    weight, unless the text is longer than one window.
    """

    scores: Tensor
    attention: tuple[tuple[str, float], ...] | None = None


def read(model: ClassifyModel, texts: Iterable[str]) -> Iterator[Reading]:
    """What a model makes of each text, without dropout, whatever mode it is in.

    As many texts are read side by side as in training, and of a long one so many windows: memory does not
    grow with it.
    """
    remaining = iter(texts)
    while some := list(islice(remaining, model.config.batch_size)):
        training = model.training
        model.eval()
        try:
            found = _together(model, some)
        finally:
            model.train(training)
        yield from found


@torch.inference_mode()
def _together(model: ClassifyModel, texts: list[str]) -> list[Reading]:
    windows = [_windows(model, text) for text in texts]
    begun = [list(islice(those, 2)) for those in windows]
    short = [first for first, *more in begun if not more]
    of_short = iter(_of_short(model, short) if short else [])
    return [
        Reading(_of_long(model, chain(first, rest))) if len(first) > 1 else next(of_short)
        for first, rest in zip(begun, windows, strict=True)
    ]


def _windows(model: ClassifyModel, text: str) -> Iterator[Window]:
    """The symbols of a text, as many at a time as are read at once; one window at least."""
    config = model.config
    symbols = stream(text, config.segments, config.lower)
    yield list(islice(symbols, config.sequence_length))
    while window := list(islice(symbols, config.sequence_length)):
        yield window


def _batch(model: ClassifyModel, windows: list[Window]) -> TextBatch:
    encoded = [encode(window, model.vocabulary, model.config) for window in windows]
    return side_by_side(encoded, np.full(len(windows), NO_LABEL, np.int64)).to(model.device)


def _of_short(model: ClassifyModel, texts: list[Window]) -> list[Reading]:
    batch = _batch(model, texts)
    outputs_TBO = model.outputs(batch.texts, batch.lengths)
    scores_BC = model.scores(outputs_TBO, batch.lengths)
    if not isinstance(model.pooling, AttentionPooling):
        return [Reading(scores_C) for scores_C in scores_BC]
    weights_BT = model.pooling.weights(outputs_TBO, batch.lengths).T.tolist()
    return [
        Reading(scores_C, tuple(zip(text, weights_T, strict=False)))
        for scores_C, text, weights_T in zip(scores_BC, texts, weights_BT, strict=True)
    ]


def _of_long(model: ClassifyModel, windows: Iterator[Window]) -> Tensor:
    """The scores of the labels of one text, (C,)."""
    whole = reduce(model.pooling.join, _parts(model, windows))
    return model.projection(whole.vector)[0]


def _parts(model: ClassifyModel, windows: Iterator[Window]) -> Iterator[Pooled]:
    """What stands for each window of a text."""
    both_ways = model.config.bidirectional
    state: Any = None
    while some := list(islice(windows, model.config.batch_size if both_ways else 1)):
        batch = _batch(model, some)
        outputs_TBO, after = model.recurrent(batch.texts, state, lengths=batch.lengths)
        state = None if both_ways else after
        part = model.pooling.part(outputs_TBO, batch.lengths)
        for b in range(len(some)):
            yield Pooled(part.vector[b : b + 1], part.log_weight[b : b + 1])
