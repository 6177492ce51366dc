"""The options of a model that spots phrases."""

from dataclasses import dataclass

from elman.core.errors import InputError
from elman.tasks.network import MAX_BATCH, MAX_SIZE, NetworkConfig
from elman.tasks.options import require_integer, require_number, require_share

TRAINING = {"learning_rate": 0.004}
_SEPARATOR = "|"
_MOST_PHRASES = 1024
_LARGEST_SPACING = 65_536


@dataclass(frozen=True)
class SpotConfig(NetworkConfig):
    """The phrases, the network and its batches."""

    phrases: str = "我爱中国"
    """What is to be spotted; several phrases are separated by |."""
    threshold: float = 0.9
    """The probability from which on a phrase counts as spotted."""
    spacing: int = 50
    """In so many characters of the text one phrase, or something like it, is planted for training."""
    hidden_size: int = 64
    """Units in each layer, H."""
    embedding_size: int = 32
    """Numbers that stand for one character, I."""
    dropout: float = 0.0
    """Share of the activations of each layer left out in training."""
    sequence_length: int = 64
    """Characters over which the gradient goes back, T."""
    batch_size: int = 32
    """Streams of text read side by side, B."""
    min_count: int = 2
    """How often a character must occur in the training part to be known; the others are read as one."""
    validation_file: str | None = None
    """A text to validate on; by itself the last part of the training text, which is then not trained on."""

    @property
    def each_phrase(self) -> tuple[str, ...]:
        """The phrases one by one."""
        return tuple(self.phrases.split(_SEPARATOR))

    def validate(self) -> None:
        """Raise InputError for a value that cannot work, naming the option and what it may be."""
        super().validate()
        if not isinstance(self.phrases, str):
            raise InputError(f"phrases is {self.phrases!r}; give a text, phrases separated by {_SEPARATOR}")
        phrases = self.each_phrase
        if not all(phrase.strip() for phrase in phrases) or len(set(phrases)) < len(phrases):
            raise InputError(
                f"phrases is {self.phrases!r}; give different phrases, none blank, separated by {_SEPARATOR}"
            )
        require_integer("the number of phrases", len(phrases), 1, _MOST_PHRASES)
        require_number("threshold", self.threshold, 0.0, 1.0)
        # What is planted is at most twice as long as a phrase.
        require_integer("spacing", self.spacing, 2 * max(map(len, phrases)), _LARGEST_SPACING)
        require_integer("embedding_size", self.embedding_size, 1, MAX_SIZE)
        require_share("dropout", self.dropout)
        require_integer("sequence_length", self.sequence_length, 1, MAX_BATCH)


@dataclass(frozen=True)
class PredictOptions:
    """How sure the model has to be."""

    threshold: float | None = None
    """The probability from which on a phrase counts as spotted; by itself that of the model."""

    def validate(self) -> None:
        """Raise InputError for a value that cannot work."""
        if self.threshold is not None:
            require_number("threshold", self.threshold, 0.0, 1.0)
