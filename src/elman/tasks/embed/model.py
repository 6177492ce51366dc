"""Vectors of words, and what they tell: which words are alike, what is to one as another is to a third."""

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from elman.core.errors import InputError
from elman.data.segment import segment
from elman.data.vectors import Vectors
from elman.data.vocabulary import EOS, EOS_WORD, UNKNOWN_WORD, WordVocabulary
from elman.tasks.embed.config import EmbedConfig
from elman.tasks.embed.data import SPECIAL
from elman.tasks.embed.phrases import JOINT
from elman.tasks.parts import TaskModel

Found = list[tuple[str, float]]
"""Words and their likeness, the cosine of an angle, best first."""


class EmbedModel(TaskModel):
    """A vector for each word of a vocabulary, `vectors` (V, D)."""

    task: ClassVar[str] = "embed"
    vocabulary_class: ClassVar[type[WordVocabulary]] = WordVocabulary
    unit: ClassVar[str] = "pair"

    def __init__(self, config: EmbedConfig, vocabulary: WordVocabulary) -> None:
        super().__init__()
        self.config = config
        self.vocabulary = vocabulary
        self.vectors = nn.Parameter(
            torch.empty(len(vocabulary) - SPECIAL, config.vector_size), requires_grad=False
        )

    @classmethod
    def of(cls, vectors: Vectors) -> Self:
        """A model of vectors that were learned elsewhere; raises InputError where they are none of words."""
        rows = [i for i, word in enumerate(vectors.words) if word not in (UNKNOWN_WORD, EOS_WORD)]
        vocabulary = WordVocabulary(vectors.words[i] for i in rows)
        model = cls(EmbedConfig(vector_size=vectors.size), vocabulary)
        model.vectors.copy_(torch.from_numpy(vectors.matrix[rows]))
        return model.eval()

    @property
    def words(self) -> tuple[str, ...]:
        """The words that have a vector, most frequent first."""
        return self.vocabulary.words[SPECIAL:]

    def to_vectors(self) -> Vectors:
        """The words with their vectors, to be written to a file."""
        return Vectors(self.words, self.vectors.numpy())

    @cached_property
    def directions(self) -> NDArray[np.float32]:
        """The vectors at length 1, (V, D), as they are when first asked for."""
        return nn.functional.normalize(self.vectors, dim=1).numpy()

    def nearest(self, text: str, number: int = 10) -> Found:
        """The words most like a word, or like a text: like the mean of the directions of its words.

        Raises InputError where no word of it has a vector.
        """
        return self._nearest(self._mean(text), number, self.read(text))

    def analogy(self, a: str, b: str, c: str, number: int = 10) -> Found:
        """The words that are to c as b is to a: those most like b - a + c (Mikolov, Yih & Zweig 2013).

        Raises InputError for a word without a vector.
        """
        given = [self.number(word) for word in (a, b, c)]
        directions = self.directions
        wanted = directions[given[1]] - directions[given[0]] + directions[given[2]]
        return self._nearest(wanted, number, given)

    def odd_one_out(self, words: Sequence[str]) -> Found:
        """Words by how like they are to the mean of all of them, the one that fits least first.

        Raises InputError for a word without a vector.
        """
        directions = self.directions[[self.number(word) for word in words]]
        likeness = directions @ _unit(directions.mean(axis=0))
        return sorted(zip(words, likeness.tolist(), strict=True), key=lambda found: found[1])

    def similarity(self, text: str, other: str) -> float:
        """How like two texts are, by the mean of the directions of their words, from -1 to 1.

        Raises InputError where no word of one of them has a vector.
        """
        return float(self._mean(text) @ self._mean(other))

    def number(self, word: str) -> int:
        """The row of a word; raises InputError where it has none."""
        number = int(self.vocabulary.numbers([word])[0]) - SPECIAL
        if number < 0:
            raise InputError(f"{word!r} is not one of the {len(self.words):,} words that have a vector")
        return number

    def read(self, text: str) -> list[int]:
        """The rows of the words of a text, those without one left out; phrases are joined as in training.

        Raises InputError where none is left.
        """
        numbers = self.vocabulary.numbers(self._phrases(text))
        rows = (numbers[numbers > EOS] - SPECIAL).tolist()
        if not rows:
            raise InputError(f"no word of {text[:60]!r} is one of the {len(self.words):,} that have a vector")
        return rows

    def _phrases(self, text: str) -> list[str]:
        """The words of a text; longest first, those are one that were joined in training."""
        if self._has(text.strip()):
            return [text.strip()]
        words, found = segment(text, self.config.segments, self.config.lower), []
        longest = 2**self.config.phrases
        while words:
            sizes = range(min(longest, len(words)), 1, -1)
            size = next((n for n in sizes if self._has(JOINT.join(words[:n]))), 1)
            found.append(JOINT.join(words[:size]))
            words = words[size:]
        return found

    def _has(self, word: str) -> bool:
        return bool(self.vocabulary.numbers([word])[0] > EOS)

    def _mean(self, text: str) -> NDArray[np.float32]:
        return _unit(self.directions[self.read(text)].mean(axis=0))

    def _nearest(self, wanted: NDArray[np.float32], number: int, given: Sequence[int]) -> Found:
        """The words most like a vector, but those given."""
        likeness = self.directions @ _unit(wanted)
        likeness[given] = -np.inf
        best = np.argsort(-likeness, kind="stable")[: min(number, len(likeness) - len(set(given)))]
        return [(self.words[i], float(likeness[i])) for i in best]


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)
