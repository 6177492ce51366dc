"""The options that the networks of most tasks have in common, checked."""

from typing import Protocol

from elman.cells import find
from elman.core.errors import InputError
from elman.tasks.language.config import MAX_BATCH, MAX_LAYERS, MAX_SIZE
from elman.tasks.options import require_integer, require_share


class Network(Protocol):
    """A configuration with a recurrent network over symbols and the size of its batches."""

    @property
    def cell(self) -> str: ...
    @property
    def hidden_size(self) -> int: ...
    @property
    def layers(self) -> int: ...
    @property
    def embedding_size(self) -> int: ...
    @property
    def dropout(self) -> float: ...
    @property
    def batch_size(self) -> int: ...


def require_network(config: Network) -> None:
    """Raise InputError for a value that cannot work, naming the option and what it may be."""
    if not isinstance(config.cell, str):
        raise InputError(f"cell is {config.cell!r}; give the name of a cell")
    for name, value in find(config.cell).hyper:
        # Such a number is how often the equations repeat a part, as the depth of rhn is.
        if isinstance(value, int):
            require_integer(f"{name} of cell {config.cell!r}", value, 1, MAX_LAYERS)
    require_integer("hidden_size", config.hidden_size, 1, MAX_SIZE)
    require_integer("layers", config.layers, 1, MAX_LAYERS)
    require_integer("embedding_size", config.embedding_size, 1, MAX_SIZE)
    require_share("dropout", config.dropout)
    require_integer("batch_size", config.batch_size, 1, MAX_BATCH)
