"""What a model of likeness knows: symbols, and from where to where scores go."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Self

from elman.core.errors import InputError
from elman.data.vectors import Vectors
from elman.data.vocabulary import Vocabulary

Range = tuple[float, float]


class SimilarVocabulary:
    """Symbols, and the lowest and the highest score; None where pairs have none.

    vectors: what symbols begin with before training, if given; no model file holds them. Raises InputError
    unless the highest score is above the lowest.
    """

    def __init__(
        self, symbols: Vocabulary, scores: Range | None = None, vectors: Vectors | None = None
    ) -> None:
        if scores is not None and not (all(map(math.isfinite, scores)) and scores[0] < scores[1]):
            raise InputError(f"scores go from {scores[0]} to {scores[1]}; the second must be above the first")
        self.symbols, self.scores, self.vectors = symbols, scores, vectors

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SimilarVocabulary) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.symbols, self.scores))

    def describe(self) -> str:
        """How many symbols there are, and the range of the scores."""
        scores = "" if self.scores is None else f", scores from {self.scores[0]:g} to {self.scores[1]:g}"
        return f"{self.symbols.describe()}{scores}"

    def to_dict(self) -> dict[str, object]:
        """Symbols and range as JSON can hold them."""
        scores = None if self.scores is None else list(self.scores)
        return {"symbols": self.symbols.to_dict(), "scores": scores}

    @classmethod
    def from_dict(cls, values: object) -> Self:
        """The vocabulary of `to_dict`; raises InputError for anything that cannot come from there."""
        values = values if isinstance(values, Mapping) else {}
        symbols, scores = Vocabulary.from_dict(values.get("symbols")), values.get("scores")
        if scores is None:
            return cls(symbols)
        if not isinstance(scores, list) or [type(number) for number in scores] != [float, float]:
            raise InputError("the scores of a vocabulary go from one number to another")
        return cls(symbols, (scores[0], scores[1]))
