"""The options of a language model over characters."""

from dataclasses import dataclass

from elman.cells import find
from elman.core.errors import InputError
from elman.tasks.options import require_integer, require_share

MAX_SIZE = 65_536
MAX_LAYERS = 64
MAX_BATCH = 1_048_576


@dataclass(frozen=True)
class LanguageConfig:
    """The network and its batches."""

    cell: str = "lstm"
    """The recurrent cell; `elman show` lists them all."""
    hidden_size: int = 256
    """Units in each layer, H."""
    layers: int = 2
    """Recurrent layers on top of each other."""
    embedding_size: int = 64
    """Numbers that stand for one character, I."""
    dropout: float = 0.1
    """Share of the activations between layers left out in training."""
    sequence_length: int = 64
    """Characters over which the gradient goes back, T."""
    batch_size: int = 64
    """Streams of text read side by side, B."""

    def validate(self) -> None:
        """Raise InputError for a value that cannot work, naming the option and what it may be."""
        if not isinstance(self.cell, str):
            raise InputError(f"cell is {self.cell!r}; give the name of a cell")
        for name, value in find(self.cell).hyper:
            # Such a number is how often the equations repeat a part, as the depth of rhn is.
            if isinstance(value, int):
                require_integer(f"{name} of cell {self.cell!r}", value, 1, MAX_LAYERS)
        require_integer("hidden_size", self.hidden_size, 1, MAX_SIZE)
        require_integer("layers", self.layers, 1, MAX_LAYERS)
        require_integer("embedding_size", self.embedding_size, 1, MAX_SIZE)
        require_share("dropout", self.dropout)
        require_integer("sequence_length", self.sequence_length, 1, MAX_BATCH)
        require_integer("batch_size", self.batch_size, 1, MAX_BATCH)
