"""The options that models of sequences of symbols have in common, and what they may be."""

from dataclasses import dataclass

from elman.core.errors import InputError
from elman.tasks.options import require_cell, require_integer, require_number

MAX_SIZE = 65_536
MAX_LAYERS = 64
MAX_BATCH = 1_048_576
MAX_VOCABULARY = 10**9
_SMALLEST_VOCABULARY = 3


@dataclass(frozen=True)
class NetworkConfig:
    """A recurrent network, its batches, its vocabulary, and what it is validated on."""

    cell: str = "lstm"
    """The recurrent cell; `elman show` lists them all."""
    hidden_size: int = 128
    """Units in each layer, H."""
    layers: int = 1
    """Recurrent layers on top of each other."""
    batch_size: int = 32
    """Sequences read side by side, B."""
    vocabulary_size: int | None = None
    """Symbols that the vocabulary holds at most, the most frequent ones; the others are read as unknown."""
    min_count: int = 1
    """How often a symbol must occur in the training part to be in the vocabulary."""
    validation_file: str | None = None
    """Data to validate on; by itself a share of the data, which is then not trained on."""
    validation_share: float = 0.1
    """The share of the data that validates, where no file for it is given."""

    @property
    def other_files(self) -> tuple[str, ...]:
        """The files that training reads beside its data."""
        return () if self.validation_file is None else (self.validation_file,)

    def validate(self) -> None:
        """Raise InputError for a value that cannot work, naming the option and what it may be."""
        require_cell(self.cell)
        require_integer("hidden_size", self.hidden_size, 1, MAX_SIZE)
        require_integer("layers", self.layers, 1, MAX_LAYERS)
        require_integer("batch_size", self.batch_size, 1, MAX_BATCH)
        if self.vocabulary_size is not None:
            require_integer("vocabulary_size", self.vocabulary_size, _SMALLEST_VOCABULARY, MAX_VOCABULARY)
        require_integer("min_count", self.min_count, 1, MAX_VOCABULARY)
        if self.validation_file is not None and not isinstance(self.validation_file, str):
            raise InputError(f"validation_file is {self.validation_file!r}; give the path of a file")
        require_number("validation_share", self.validation_share, 0.0, 1.0)
