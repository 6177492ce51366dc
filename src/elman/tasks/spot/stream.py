"""Phrases in a text that comes in pieces.

Legend of shapes: T time steps, K phrases.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from elman.tasks.spot.config import PredictOptions

if TYPE_CHECKING:
    from elman.tasks.parts import State
    from elman.tasks.spot.model import SpotModel

WINDOW = 4096


@dataclass(frozen=True)
class Spotted:
    """A phrase, the place of its last character, counted from 0, and how probable it is."""

    offset: int
    phrase: str
    probability: float

    def to_dict(self) -> dict[str, object]:
        """The same as JSON can hold it."""
        return asdict(self)


class PhraseStream:
    """Text that goes through a model piece by piece; a phrase may begin in one piece and end in another.

    offset: characters read so far. state: that of the network after them, None before the first.

    Raises InputError for a threshold that is not between 0 and 1.
    """

    def __init__(self, model: SpotModel, threshold: float | None = None) -> None:
        PredictOptions(threshold).validate()
        self._model = model
        self.threshold = model.config.threshold if threshold is None else threshold
        self.offset = 0
        self.state: State | None = None

    def feed(self, piece: str) -> list[Spotted]:
        """Read on; returns the phrases that end in a piece of any size, none in an empty one."""
        found: list[Spotted] = []
        phrases = self._model.config.each_phrase
        for start in range(0, len(piece), WINDOW):
            before = self.offset
            odds_TK = self.odds(self._model.vocabulary.encode(piece[start : start + WINDOW]))
            chances_TK = torch.sigmoid(odds_TK).numpy()
            for t, k in np.argwhere(chances_TK >= self.threshold).tolist():
                found.append(Spotted(before + t, phrases[k], float(chances_TK[t, k])))
        return found

    @torch.inference_mode()
    def odds(self, symbols_T: NDArray[np.int64]) -> Tensor:
        """Read on; the log-odds that each phrase ends at each character: (T,) to (T, K), on the CPU."""
        model = self._model
        training = model.training
        model.eval()
        try:
            odds_T1K, self.state = model(torch.from_numpy(symbols_T[:, None]).to(model.device), self.state)
        finally:
            model.train(training)
        self.offset += len(symbols_T)
        return odds_T1K[:, 0].cpu()
