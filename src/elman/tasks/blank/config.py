"""The options of a model that fills blanks: those of a language model, with other defaults."""

from dataclasses import dataclass

from elman.tasks.language.config import LanguageConfig
from elman.tasks.network import MAX_BATCH, MAX_VOCABULARY
from elman.tasks.options import require_integer

TRAINING = {"learning_rate": 0.004}


@dataclass(frozen=True)
class BlankConfig(LanguageConfig):
    """The network and its batches."""

    layers: int = 1
    """Recurrent layers on top of each other, in each direction."""
    sequence_length: int = 128
    """Symbols of a line that are read at once; longer lines are cut, T."""
    batch_size: int = 64
    """Lines read side by side, B."""

    def validate(self) -> None:
        """Raise InputError for a value that cannot work, naming the option and what it may be."""
        super().validate()
        require_integer("sequence_length", self.sequence_length, 1, MAX_BATCH)


@dataclass(frozen=True)
class PredictOptions:
    """How much is said of each blank."""

    top: int = 5
    """How many fillings to show for each blank, the likeliest first."""

    def validate(self) -> None:
        """Raise InputError for a value that cannot work."""
        require_integer("top", self.top, 1, MAX_VOCABULARY)
