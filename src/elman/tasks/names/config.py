"""The options of a model of names: those of a language model, with other defaults."""

from dataclasses import dataclass

from elman.core.errors import InputError
from elman.tasks.language.config import LanguageConfig
from elman.tasks.network import MAX_BATCH
from elman.tasks.options import require_integer

TRAINING = {"learning_rate": 0.005, "epochs": 60}


@dataclass(frozen=True)
class NamesConfig(LanguageConfig):
    """The network and its batches."""

    hidden_size: int = 128
    """Units in each layer, H."""
    layers: int = 1
    """Recurrent layers on top of each other."""
    embedding_size: int = 32
    """Numbers that stand for one character, I."""
    dropout: float = 0.3
    """Share of the activations of each layer left out in training."""
    sequence_length: int = 64
    """Characters that a name may have, T."""
    batch_size: int = 32
    """Names read side by side, B."""

    def validate(self) -> None:
        """Raise InputError for a value that cannot work, naming the option and what it may be."""
        super().validate()
        require_integer("sequence_length", self.sequence_length, 1, MAX_BATCH)
        if self.level != "character":
            raise InputError(f"level is {self.level!r}; a name is read character by character")
