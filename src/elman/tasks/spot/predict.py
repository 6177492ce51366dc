"""What a trained model is asked: where in a text the phrases are, and how often it is wrong.

Legend of shapes: T time steps, K phrases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from elman.data.source import Source
from elman.data.symbols import Symbols
from elman.data.tokens import read_tokens
from elman.tasks.spot.config import PredictOptions
from elman.tasks.spot.metrics import SpotScore, flag_nats
from elman.tasks.spot.planting import Numbered, phrase_ends
from elman.tasks.spot.stream import WINDOW, PhraseStream, Spotted

if TYPE_CHECKING:
    from elman.tasks.spot.data import SpotData
    from elman.tasks.spot.model import SpotModel

_SHOWN = 5
_AROUND = 12


@dataclass(frozen=True)
class SpotPrediction:
    """The phrases in a text, in the order in which they end."""

    found: tuple[Spotted, ...]

    def to_dict(self) -> dict[str, object]:
        """The prediction as JSON can hold it; an offset is the place of a phrase's last character, from 0."""
        return {"found": [spotted.to_dict() for spotted in self.found]}

    def text(self) -> str:
        """The prediction in a line."""
        return ", ".join(f"{s.phrase} at {s.offset} ({s.probability:.3f})" for s in self.found) or "nothing"


def predictions(model: SpotModel, texts: Iterable[str], options: PredictOptions) -> Iterator[SpotPrediction]:
    """The phrases in each text, which begins a stream of its own; raises InputError for a wrong option."""
    for text in texts:
        yield SpotPrediction(tuple(model.stream(options.threshold).feed(text)))


def evaluate(model: SpotModel, data: SpotData) -> SpotScore:
    """The score of the validation part, planted as in training, in one stream."""
    return _score(model, data.validation.planted())


def evaluate_file(model: SpotModel, path: Path) -> SpotScore:
    """The score of a text as it is, in one stream; raises InputError when it cannot be read."""
    return _score(model, Symbols(read_tokens(Source.of(path), "character"), model.vocabulary))


def demonstrate(model: SpotModel, data: SpotData, seed: int) -> str:
    """What a fresh model is shown off with: phrases that it spots in the validation part."""
    planted = data.validation.planted()
    text = model.vocabulary.decode(planted[np.arange(min(WINDOW, len(planted)))])
    found = [
        f"  {spotted.probability:.3f}  {text[max(0, spotted.offset + 1 - _AROUND) : spotted.offset + 1]!r}"
        for spotted in model.stream().feed(text)[:_SHOWN]
    ]
    said = f"Spotted in the validation part, at {model.config.threshold:g} or more:"
    return "\n".join([said, *(found or ["  nothing: train longer"])])


def _score(model: SpotModel, text: Numbered) -> SpotScore:
    stream = PhraseStream(model)
    nats, phrases, misses, false_alarms = 0.0, 0, 0, 0
    for start in range(0, len(text), WINDOW):
        places_T = np.arange(start, min(start + WINDOW, len(text)))
        ends_TK = torch.from_numpy(phrase_ends(text, model.phrases, places_T))
        odds_TK = stream.odds(text[places_T])
        nats += float(flag_nats(odds_TK, ends_TK))
        flags_TK = torch.sigmoid(odds_TK) >= stream.threshold
        phrases += int(ends_TK.sum())
        misses += int((ends_TK & ~flags_TK).sum())
        false_alarms += int((flags_TK & ~ends_TK).sum())
    return SpotScore(nats, len(text), phrases, misses, false_alarms, stream.threshold)
