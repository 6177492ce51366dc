"""The options of a model that tags."""

from dataclasses import dataclass
from typing import Literal

from elman.core.errors import InputError
from elman.data.segment import Segments
from elman.tasks.network import MAX_SIZE, MAX_VOCABULARY, NetworkConfig
from elman.tasks.options import (
    require_boolean,
    require_choice,
    require_integer,
    require_share,
)

TRAINING = {"learning_rate": 0.002, "epochs": 15, "patience": 5}
Chosen = Literal["auto", "plain", "iob1", "iob2", "bioes"]
Decoder = Literal["crf", "softmax"]
Format = Literal["auto", "text", "columns", "html"]
_MOST_COLUMNS = 10_000
_MOST_BEST = 1000


@dataclass(frozen=True)
class TagConfig(NetworkConfig):
    """The network and its batches."""

    hidden_size: int = 128
    """Units in each layer and direction, H."""
    embedding_size: int = 100
    """Numbers that stand for one word."""
    character_size: int = 25
    """Units, in each direction, of the layer that reads the characters of a word; 0 for none."""
    trigram_size: int = 50
    """Numbers that stand for one trigram of the letters of a word; 0 for none."""
    trigram_buckets: int = 16_384
    """So many rows hold the numbers of all trigrams, each in the row that its hash says."""
    vectors: str | None = None
    """A file of vectors that words begin with: word2vec, GloVe or fastText."""
    dropout: float = 0.5
    """Share of the numbers that enter and leave the recurrent layers left out in training."""
    word_dropout: float = 0.25
    """a: a word seen n times is read as unknown with probability a / (a + n) in training."""
    decoder: Decoder = "crf"
    """How tags are chosen: all of a sentence together (crf), or each by itself (softmax)."""
    scheme: Chosen = "auto"
    """How tags mark phrases: iob1, iob2 (also called BIO), bioes, plain for none; auto: as they look."""
    bioes: bool = True
    """Whether the network marks phrases by bioes, whatever scheme it reads and writes."""
    repair: bool = False
    """Whether tags that break their scheme are read as the CoNLL evaluation does; else they are refused."""
    segments: Segments = "word"
    """How raw text is parted to be tagged: as in `elman train classify`, or at blanks alone (blank)."""
    lower: bool = True
    """Whether capital letters of words are read as small ones; characters are read as they are."""
    token_column: int | None = None
    """The column of tokens, from 1, or from the end with a minus; by itself 1, in CoNLL-U 2."""
    tag_column: int | None = None
    """The column of tags; by itself the last, in CoNLL-U the parts of speech."""
    batch_size: int = 32
    """Sentences read side by side, B."""
    validation_file: str | None = None
    """Tagged sentences to validate on; by itself a share of the others, which is then not trained on."""
    validation_share: float = 0.1
    """The share of the sentences that validates, where no file for it is given."""

    @property
    def other_files(self) -> tuple[str, ...]:
        """The files that training reads beside its data."""
        return tuple(file for file in (self.validation_file, self.vectors) if file is not None)

    def validate(self) -> None:
        """Raise InputError for a value that cannot work, naming the option and what it may be."""
        super().validate()
        require_integer("embedding_size", self.embedding_size, 1, MAX_SIZE)
        require_integer("character_size", self.character_size, 0, MAX_SIZE)
        require_integer("trigram_size", self.trigram_size, 0, MAX_SIZE)
        require_integer("trigram_buckets", self.trigram_buckets, 1, MAX_VOCABULARY)
        for name in ("dropout", "word_dropout"):
            require_share(name, getattr(self, name))
        require_choice("decoder", self.decoder, Decoder)
        require_choice("scheme", self.scheme, Chosen)
        for name in ("bioes", "repair", "lower"):
            require_boolean(name, getattr(self, name))
        require_choice("segments", self.segments, Segments)
        for name in ("token_column", "tag_column"):
            if getattr(self, name) is not None:
                require_integer(name, getattr(self, name), -_MOST_COLUMNS, _MOST_COLUMNS)
        if self.vectors is not None and not isinstance(self.vectors, str):
            raise InputError(f"vectors is {self.vectors!r}; give the path of a file")


@dataclass(frozen=True)
class PredictOptions:
    """How many readings of a sentence are shown, and how."""

    n_best: int = 1
    """Readings, the most probable first."""
    format: Format = "auto"
    """How they are shown: in a line (text), on a terminal in colours (auto), as columns, or as HTML."""

    def validate(self) -> None:
        """Raise InputError for a value that cannot work."""
        require_integer("n_best", self.n_best, 1, _MOST_BEST)
        require_choice("format", self.format, Format)
