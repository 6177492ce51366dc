"""The options of vectors of words, of how they are learned, and of what they are asked."""

import math
from dataclasses import dataclass
from typing import Literal

from elman.core.errors import InputError
from elman.data.segment import Segments
from elman.tasks.options import require_boolean, require_choice, require_integer, require_number

Architecture = Literal["skip-gram", "cbow"]
Objective = Literal["negative-sampling", "hierarchical-softmax"]
TRAINING: dict[str, object] = {}
_MANY = 10**9
_LARGEST_VECTOR = 2048
_LARGEST_WINDOW = 100
_MOST_NEGATIVES = 1000
_MOST_PASSES = 10


@dataclass(frozen=True)
class EmbedConfig:
    """The words, their vectors, and what these are to tell."""

    architecture: Architecture = "skip-gram"
    """Whether each word near it tells of a word (skip-gram), or the mean of all of them (cbow)."""
    objective: Objective = "negative-sampling"
    """Whether a word is told from some drawn words, or from all by its path in a tree."""
    vector_size: int = 100
    """Numbers in the vector of a word, D."""
    window: int = 5
    """Words to each side that may count as near; how many do is drawn from 1 to so many."""
    negatives: int = 5
    """Words drawn for each word to be told from, with negative sampling."""
    subsample: float = 1e-3
    """Words that make up more than this share of a text are left out at random; 0 leaves none out."""
    min_count: int = 5
    """How often a word must be there to have a vector."""
    vocabulary_size: int | None = None
    """Words that have a vector, the most frequent, at most."""
    segments: Segments = "word"
    """How a line is cut: into words, at blanks alone, into characters, or into Chinese words by jieba."""
    lower: bool = False
    """Whether capital letters are read as small ones."""
    phrases: int = 0
    """Passes that join pairs of words which stand together more often than by chance: New_York."""
    phrase_threshold: float = 100.0
    """Score from which a pair is joined: (count(a b) - phrase_discount) N / (count(a) count(b))."""
    phrase_discount: float = 5.0
    """What is taken from the count of a pair, so that rare ones do not count."""

    @property
    def other_files(self) -> tuple[str, ...]:
        """The files that are read beside the text: none."""
        return ()

    def validate(self) -> None:
        """Raise InputError for a value that cannot work, naming the option and what it may be."""
        require_choice("architecture", self.architecture, Architecture)
        require_choice("objective", self.objective, Objective)
        require_choice("segments", self.segments, Segments)
        require_integer("vector_size", self.vector_size, 1, _LARGEST_VECTOR)
        require_integer("window", self.window, 1, _LARGEST_WINDOW)
        require_integer("negatives", self.negatives, 1, _MOST_NEGATIVES)
        require_integer("min_count", self.min_count, 1, _MANY)
        require_integer("phrases", self.phrases, 0, _MOST_PASSES)
        if self.subsample != 0.0:
            require_number("subsample", self.subsample, 0.0, 1.0)
        if self.vocabulary_size is not None:
            require_integer("vocabulary_size", self.vocabulary_size, 3, _MANY)
        require_boolean("lower", self.lower)
        require_number("phrase_threshold", self.phrase_threshold, 0.0, math.inf)
        require_number("phrase_discount", self.phrase_discount, -1.0, math.inf)


@dataclass(frozen=True)
class EmbedTraining:
    """How often and how fast vectors are learned."""

    epochs: int = 5
    """Passes over the text."""
    learning_rate: float = 0.025
    """α at first."""
    last_learning_rate: float = 0.0001
    """α at the end, to which it falls in a line."""
    seed: int = 1
    """Where random numbers start: with one thread, the same seed makes the same vectors."""

    def validate(self) -> None:
        """Raise InputError for a value that cannot work, naming the option and what it may be."""
        require_integer("epochs", self.epochs, 1, _MANY)
        require_number("learning_rate", self.learning_rate, 0.0, math.inf)
        require_number("last_learning_rate", self.last_learning_rate, 0.0, math.inf)
        require_integer("seed", self.seed, 0, 2**32 - 1)
        if self.last_learning_rate > self.learning_rate:
            raise InputError(
                f"last_learning_rate is {self.last_learning_rate:g}; give at most {self.learning_rate:g}"
            )


@dataclass(frozen=True)
class PredictOptions:
    """What an answer is to be."""

    number: int = 10
    """Words in an answer."""

    def validate(self) -> None:
        """Raise InputError for a value that cannot work."""
        require_integer("number", self.number, 1, _MANY)
