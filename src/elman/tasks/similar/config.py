"""The options of a model that tells how alike texts are."""

from dataclasses import dataclass, replace
from typing import Literal, Self

from elman.core.errors import InputError
from elman.data.segment import Segments
from elman.tasks.network import MAX_BATCH, MAX_SIZE, MAX_VOCABULARY, NetworkConfig
from elman.tasks.options import (
    require_boolean,
    require_choice,
    require_integer,
    require_number,
    require_share,
)

TRAINING = {"learning_rate": 0.004, "epochs": 20}
_EMBEDDING = 128
Form = Literal["auto", "lines", "adjacent", "pairs", "scores"]
Pooling = Literal["last", "mean", "max", "attention"]


@dataclass(frozen=True)
class SimilarConfig(NetworkConfig):
    """The form of the data, the network and its batches."""

    form: Form = "auto"
    """What data is: lines to be made two views of, lines of which each is like the next (adjacent), pairs
    of alike texts, or pairs with scores; by itself lines, and of a table pairs, from 3 columns on scores."""
    first_column: str | None = None
    """The column of a table that holds the first texts, by its name or its number; by itself the first."""
    second_column: str | None = None
    """The column of a table that holds the second texts; by itself the second."""
    score_column: str | None = None
    """The column of a table that holds scores, or labels; by itself the third."""
    alike: str | None = None
    """The label of pairs that are alike, where that column holds labels; all others then are not."""
    segments: Segments = "word"
    """What is read: words (of Chinese, characters), characters, what blanks separate, words by jieba."""
    lower: bool = True
    """Whether capital letters are read as small ones."""
    hidden_size: int = 128
    """Units in each layer and direction, H."""
    bidirectional: bool = True
    """Whether a text is read leftwards, too."""
    pooling: Pooling = "mean"
    """What stands for a text: the last states, the mean or the maximum over its symbols, or attention."""
    embedding_size: int | None = None
    """Numbers that stand for one symbol, I; by itself those of the vectors, or 128."""
    vectors: str | None = None
    """A file of vectors that symbols begin with: word2vec, GloVe or fastText."""
    dropout: float = 0.2
    """Share of the activations between layers, and of what stands for a text, left out in training."""
    input_dropout: float = 0.1
    """Share of the numbers that enter the first layer left out in training."""
    temperature: float = 0.05
    """What likenesses are divided by before a text chooses its partner: the smaller, the sharper."""
    word_dropout: float = 0.2
    """Share of the symbols that a view of a line leaves out."""
    shortest_view: float = 0.6
    """The shortest view of a line, as a share of it: a view is cut out of it at random."""
    sequence_length: int = 200
    """Symbols of a text that are read, from its beginning."""
    batch_size: int = 128
    """Pairs read side by side, B; each text tells its partner from those of the others."""
    min_count: int = 2
    """How often a symbol must occur in the training part to be in the vocabulary."""
    validation_file: str | None = None
    """Data to validate on; by itself a share of the rows, drawn by a hash, which are then not trained on."""

    @property
    def other_files(self) -> tuple[str, ...]:
        """The files that training reads beside its data."""
        return tuple(file for file in (self.validation_file, self.vectors) if file is not None)

    def resolved(self, vectors: int | None) -> Self:
        """The configuration with a size of the embedding, if that was left to the size of the vectors."""
        size = next(size for size in (self.embedding_size, vectors, _EMBEDDING) if size is not None)
        return replace(self, embedding_size=size)

    def validate(self) -> None:
        """Raise InputError for a value that cannot work, naming the option and what it may be."""
        super().validate()
        require_choice("form", self.form, Form)
        require_choice("segments", self.segments, Segments)
        require_choice("pooling", self.pooling, Pooling)
        for name in ("lower", "bidirectional"):
            require_boolean(name, getattr(self, name))
        if self.embedding_size is not None:
            require_integer("embedding_size", self.embedding_size, 1, MAX_SIZE)
        for name in ("dropout", "input_dropout", "word_dropout"):
            require_share(name, getattr(self, name))
        require_number("temperature", self.temperature, 0.0, 100.0)
        if self.shortest_view != 1.0:
            require_number("shortest_view", self.shortest_view, 0.0, 1.0)
        require_integer("sequence_length", self.sequence_length, 1, MAX_BATCH)
        for name in ("first_column", "second_column", "score_column", "alike", "vectors"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                raise InputError(f"{name} is {value!r}; give a text")


@dataclass(frozen=True)
class PredictOptions:
    """What a text is compared with."""

    against: str | None = None
    """A file whose lines are ranked by how alike they are to each text; without it, a text is two, with a
    tab between them."""
    top: int = 5
    """Lines that are shown, the most alike first."""

    def validate(self) -> None:
        """Raise InputError for a value that cannot work."""
        require_integer("top", self.top, 1, MAX_VOCABULARY)
