"""The options of a model that classifies texts."""

from dataclasses import dataclass, replace
from typing import Literal, Self

from elman.core.errors import InputError
from elman.data.segment import Segments
from elman.tasks.network import MAX_BATCH, MAX_SIZE, MAX_VOCABULARY, NetworkConfig
from elman.tasks.options import (
    require_boolean,
    require_choice,
    require_integer,
    require_share,
)

TRAINING = {"epochs": 20, "learning_rate": 0.002}
_EMBEDDING = 100
_EMBEDDING_DROPOUT = {"word": 0.3, "character": 0.0, "blank": 0.3, "jieba": 0.3}
Pooling = Literal["last", "mean", "max", "attention"]
Weights = Literal["none", "root", "balanced"]


@dataclass(frozen=True)
class ClassifyConfig(NetworkConfig):
    """The network and its batches."""

    hidden_size: int = 100
    """Units in each layer and direction, H."""
    bidirectional: bool = True
    """Whether a text is read leftwards, too."""
    pooling: Pooling = "max"
    """What stands for a text: the last states, the mean or the maximum over its symbols, or attention."""
    segments: Segments = "word"
    """What is read: words (of Chinese, characters), characters, what blanks separate, words by jieba."""
    lower: bool = True
    """Whether capital letters are read as small ones."""
    embedding_size: int | None = None
    """Numbers that stand for one symbol, I; by itself those of the vectors, or 100."""
    vectors: str | None = None
    """A file of vectors that symbols begin with: word2vec, GloVe or fastText."""
    dropout: float = 0.5
    """Share of the activations of each layer, and of what stands for a text, left out in training."""
    input_dropout: float = 0.3
    """Share of the numbers that enter the first layer left out in training."""
    embedding_dropout: float | None = None
    """Share of the symbols that are zero for a whole batch in training; by itself 0.3, of characters 0."""
    class_weights: Weights = "none"
    """What a text counts in training: 1, or by how rare its label is: 1/n (balanced), or the root of that."""
    label_smoothing: float = 0.0
    """Share of the label's probability spread over all labels in training."""
    sequence_length: int = 500
    """Symbols of a text that are read at once; of a longer one training reads its beginning."""
    batch_size: int = 32
    """Texts read side by side, B."""
    min_count: int = 2
    """How often a symbol must occur in the training part to be in the vocabulary."""
    text_column: str | None = None
    """The column of a table that holds the texts, by its name or its number from 1."""
    label_column: str | None = None
    """The column of a table that holds the labels, by its name or its number from 1."""
    validation_file: str | None = None
    """Texts with labels to validate on; by itself a share of the others, which is then not trained on."""
    validation_share: float = 0.1
    """The share of the texts that validates, where no file for it is given."""

    @property
    def other_files(self) -> tuple[str, ...]:
        """The files that training reads beside its data."""
        return tuple(file for file in (self.validation_file, self.vectors) if file is not None)

    def resolved(self, vectors: int | None) -> Self:
        """The configuration with a value for each option that was left to the symbols or to their vectors."""
        size = next(size for size in (self.embedding_size, vectors, _EMBEDDING) if size is not None)
        share = (
            _EMBEDDING_DROPOUT[self.segments] if self.embedding_dropout is None else self.embedding_dropout
        )
        return replace(self, embedding_size=size, embedding_dropout=share)

    def validate(self) -> None:
        """Raise InputError for a value that cannot work, naming the option and what it may be."""
        super().validate()
        for name in ("bidirectional", "lower"):
            require_boolean(name, getattr(self, name))
        require_choice("pooling", self.pooling, Pooling)
        require_choice("segments", self.segments, Segments)
        require_choice("class_weights", self.class_weights, Weights)
        if self.embedding_size is not None:
            require_integer("embedding_size", self.embedding_size, 1, MAX_SIZE)
        if self.embedding_dropout is not None:
            require_share("embedding_dropout", self.embedding_dropout)
        for name in ("dropout", "input_dropout", "label_smoothing"):
            require_share(name, getattr(self, name))
        require_integer("sequence_length", self.sequence_length, 1, MAX_BATCH)
        for name in ("vectors", "text_column", "label_column"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                raise InputError(f"{name} is {value!r}; give a text")


@dataclass(frozen=True)
class PredictOptions:
    """How much of a prediction is shown."""

    top: int = 3
    """Labels that are shown, the most probable first."""

    def validate(self) -> None:
        """Raise InputError for a value that cannot work."""
        require_integer("top", self.top, 1, MAX_VOCABULARY)
