"""What a model that classifies knows of texts: their symbols and their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from elman.core.errors import InputError
from elman.data.labels import Labels
from elman.data.vectors import Vectors
from elman.data.vocabulary import Vocabulary

_MANY = 2**53


class ClassifyVocabulary:
    """Symbols, and labels with how many texts of the training part have each.

    vectors: what symbols begin with before training, if given; no model file holds them. Raises InputError
    unless every label has a text.
    """

    def __init__(
        self,
        symbols: Vocabulary,
        labels: Labels,
        texts: Sequence[int],
        vectors: Vectors | None = None,
    ) -> None:
        if len(texts) != len(labels) or not all(0 < number < _MANY for number in texts):
            raise InputError("each label has a number of texts, 1 at least")
        self.symbols, self.labels, self.vectors = symbols, labels, vectors
        self.texts = tuple(texts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClassifyVocabulary) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.symbols, self.labels))

    def describe(self) -> str:
        """How many symbols and labels there are."""
        shown = ", ".join(self.labels.names[:10]) + (", …" if len(self.labels) > 10 else "")
        return f"{self.symbols.describe()}, {len(self.labels):,} labels: {shown}"

    def weights(self, power: float) -> NDArray[np.float32]:
        """How much a text of each label counts, by n to the power of minus `power`; 1 on average."""
        texts = np.array(self.texts, np.float64)
        weights = texts**-power
        return (weights * texts.sum() / (weights * texts).sum()).astype(np.float32)

    def to_dict(self) -> dict[str, object]:
        """Symbols and labels as JSON can hold them."""
        return {"symbols": self.symbols.to_dict(), **self.labels.to_dict(), "texts": list(self.texts)}

    @classmethod
    def from_dict(cls, values: object) -> Self:
        """The vocabulary of `to_dict`; raises InputError for anything that cannot come from there."""
        values = values if isinstance(values, Mapping) else {}
        texts = values.get("texts")
        if not isinstance(texts, list) or not all(type(number) is int for number in texts):
            raise InputError("a vocabulary of labels says how many texts have each")
        symbols = Vocabulary.from_dict(values.get("symbols"))
        return cls(symbols, Labels.from_dict(dict(values)), texts)
