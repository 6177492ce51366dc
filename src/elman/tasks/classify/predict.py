"""What a trained classifier is asked: which label has a text, how sure is that, how often is it right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from elman.core.errors import InputError
from elman.data.labelled import read_labelled
from elman.nn.pooling import AttentionPooling
from elman.tasks.classify.config import PredictOptions
from elman.tasks.classify.data import (
    NO_LABEL,
    TextBatch,
    TextBatches,
    batches_of,
    encode,
    side_by_side,
    symbols_of,
)
from elman.tasks.classify.metrics import Score

if TYPE_CHECKING:
    from elman.tasks.classify.data import ClassifyData
    from elman.tasks.classify.model import ClassifyModel

_EXAMPLES = 5
_SHOWN = 60


@dataclass(frozen=True)
class Classification:
    """How probable each label of a text is, the most probable first."""

    probabilities: Mapping[str, float]
    attention: tuple[tuple[str, float], ...] | None = None
    """The symbols that were read, each with its weight, where attention pools them."""
    top: int = 3
    """How many labels `text` shows."""

    @property
    def label(self) -> str:
        """The most probable label."""
        return next(iter(self.probabilities))

    def to_dict(self) -> dict[str, object]:
        """The label, all probabilities, and what was attended to, as JSON can hold them."""
        found: dict[str, object] = {"label": self.label, "probabilities": dict(self.probabilities)}
        return found if self.attention is None else {**found, "attention": [list(a) for a in self.attention]}

    def text(self) -> str:
        """The most probable labels in a line."""
        return ", ".join(f"{label} {p:.3f}" for label, p in islice(self.probabilities.items(), self.top))


def predictions(
    model: ClassifyModel, texts: Iterable[str], options: PredictOptions | None = None
) -> Iterator[Classification]:
    """What each text is told to be, as many read side by side as in training; for a text of blanks, raises
    InputError.
    """
    options = options or PredictOptions()
    remaining = iter(texts)
    while some := list(islice(remaining, model.config.batch_size)):
        yield from _together(model, some, options)


@torch.inference_mode()
def _together(model: ClassifyModel, texts: list[str], options: PredictOptions) -> list[Classification]:
    symbols = [symbols_of(text, model.config) for text in texts]
    if not all(symbols):
        raise InputError(f"text {symbols.index([]) + 1} of {len(texts)} is blank: nothing to classify")
    encoded = [encode(text, model.vocabulary, model.config) for text in symbols]
    batch = side_by_side(encoded, np.full(len(texts), NO_LABEL, np.int64)).to(model.device)
    scores_BC, attention_TB = _read(model, batch)
    p_BC, order_BC = scores_BC.softmax(-1).sort(dim=-1, descending=True)
    names = model.vocabulary.labels.names
    found: list[Classification] = []
    for b, text in enumerate(symbols):
        ranked = zip(order_BC[b].tolist(), p_BC[b].tolist(), strict=True)
        attended = None
        if attention_TB is not None:
            weights = attention_TB[: batch.lengths[b], b].tolist()
            attended = tuple(zip(text, weights, strict=False))
        found.append(Classification({names[label]: p for label, p in ranked}, attended, options.top))
    return found


def evaluate(model: ClassifyModel, data: ClassifyData) -> Score:
    """The score of all texts that validate."""
    return _score(model, data.validation)


def evaluate_file(model: ClassifyModel, path: Path) -> Score:
    """The score of the texts of a file or folder; raises InputError where it cannot be read, and for a label
    that was not trained on.
    """
    found = read_labelled(path, model.config.text_column, model.config.label_column)
    return _score(model, batches_of(found.examples, model.vocabulary, model.config))


def demonstrate(model: ClassifyModel, data: ClassifyData, seed: int) -> str:
    """What a fresh model is shown off with: labels of some texts that it was not trained on."""
    chosen = np.random.default_rng(seed).permutation(len(data.examples))[:_EXAMPLES]
    examples = [data.examples[i] for i in chosen]
    lines = [f"{len(examples)} texts that were not trained on, and what they are told to be:"]
    for example, found in zip(
        examples, predictions(model, [example.text for example in examples]), strict=True
    ):
        shown = " ".join(example.text.split())
        shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
        said = "right" if found.label == example.label else f"is {example.label}"
        lines.append(f"  {shown}\n    {found.text()} ({said})")
    return "\n".join(lines)


@torch.inference_mode()
def _score(model: ClassifyModel, texts: TextBatches) -> Score:
    names = model.vocabulary.labels.names
    confusion = np.zeros((len(names), len(names)), np.int64)
    nats = 0.0
    for batch in texts.epoch(0):
        scores_BC, _ = _read(model, batch.to(model.device))
        scores_BC = scores_BC.cpu()
        nats += float(functional.cross_entropy(scores_BC, batch.labels, reduction="sum"))
        np.add.at(confusion, (batch.labels.numpy(), scores_BC.argmax(-1).numpy()), 1)
    return Score(names, confusion, nats)


def _read(model: ClassifyModel, batch: TextBatch) -> tuple[Tensor, Tensor | None]:
    """One pass without dropout, whatever mode the model is in: scores (B, C), and where attention pools the
    weights of the symbols (T, B).
    """
    training = model.training
    model.eval()
    try:
        outputs_TBO = model.outputs(batch.texts, batch.lengths)
        attends = isinstance(model.pooling, AttentionPooling)
        weights_TB = model.pooling.weights(outputs_TBO, batch.lengths) if attends else None
        return model.scores(outputs_TBO, batch.lengths), weights_TB
    finally:
        model.train(training)
