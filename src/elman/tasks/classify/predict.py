"""What a trained classifier is asked: which label has a text, how sure is that, how often is it right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from elman.core.errors import InputError
from elman.data.labelled import LabelledText, read_labelled
from elman.tasks.classify.config import PredictOptions
from elman.tasks.classify.data import numbers_of
from elman.tasks.classify.metrics import Score
from elman.tasks.classify.reading import read

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
    """Where attention pools, the symbols of the text, each with its weight; None for a text of more than one
    window.
    """
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
    """What each text is told to be, as many read side by side as in training, each of them to its end; for a
    text of blanks, raises InputError.
    """
    options = options or PredictOptions()
    names = model.vocabulary.labels.names
    for found in read(model, _not_blank(texts)):
        p_C, order_C = found.scores.softmax(-1).sort(descending=True)
        ranked = zip(order_C.tolist(), p_C.tolist(), strict=True)
        yield Classification({names[label]: p for label, p in ranked}, found.attention, options.top)


def _not_blank(texts: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(texts, start=1):
        if not text or text.isspace():
            raise InputError(f"text {number} is blank: nothing to classify")
        yield text


def evaluate(model: ClassifyModel, data: ClassifyData) -> Score:
    """The score of all texts that validate."""
    return _score(model, data.examples)


def evaluate_file(model: ClassifyModel, path: Path) -> Score:
    """The score of the texts of a file or folder; raises InputError where it cannot be read, and for a label
    that was not trained on.
    """
    found = read_labelled(path, model.config.text_column, model.config.label_column)
    return _score(model, found.examples)


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


def _score(model: ClassifyModel, examples: Sequence[LabelledText]) -> Score:
    names = model.vocabulary.labels.names
    confusion = np.zeros((len(names), len(names)), np.int64)
    nats = 0.0
    # Texts of about one length are read side by side.
    examples = sorted(examples, key=lambda example: len(example.text))
    labels = numbers_of(examples, model.vocabulary.labels).tolist()
    readings = read(model, (example.text for example in examples))
    for label, found in zip(labels, readings, strict=True):
        nats -= float(found.scores.log_softmax(-1)[label])
        confusion[label, int(found.scores.argmax())] += 1
    return Score(names, confusion, nats)
