"""The options of a language model over characters, words or subwords."""

import math
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from elman.cells import find
from elman.core.errors import InputError
from elman.core.transform import recurrent_matrices
from elman.tasks.network import MAX_BATCH, MAX_SIZE, MAX_VOCABULARY, NetworkConfig
from elman.tasks.options import (
    require_boolean,
    require_choice,
    require_integer,
    require_number,
    require_share,
)

_SMALLEST_VOCABULARY = {"character": 3, "word": 3, "subword": 258}
TRAINING = {"learning_rate": 0.004}
Level = Literal["character", "word", "subword"]
Softmax = Literal["full", "adaptive"]
_BY_LEVEL = {
    "character": {"embedding_size": 64, "dropout": 0.1, "tied": False},
    "word": {"embedding_size": 256, "dropout": 0.4, "tied": True},
    "subword": {"embedding_size": 256, "dropout": 0.3, "tied": True},
}
_SMALLEST_ADAPTIVE = 16


@dataclass(frozen=True)
class LanguageConfig(NetworkConfig):
    """The network and its batches."""

    hidden_size: int = 256
    """Units in each layer, H."""
    layers: int = 2
    """Recurrent layers on top of each other."""
    level: Level = "character"
    """What is read and predicted: characters, words between blanks, or subwords learned from the text."""
    embedding_size: int | None = None
    """Numbers that stand for one symbol, I; by itself 64 for characters, else 256."""
    dropout: float | None = None
    """Share of the activations between layers left out in training; by itself 0.1, 0.4 or 0.3 by level."""
    input_dropout: float = 0.0
    """Share of the numbers that enter the first layer left out in training."""
    output_dropout: float | None = None
    """Share of the activations of the last layer left out in training; by itself as dropout."""
    embedding_dropout: float = 0.0
    """Share of the symbols whose embedding is zero for a whole batch in training."""
    variational: bool = False
    """Whether dropout leaves out the same units at all steps of a window."""
    weight_drop: float = 0.0
    """Share of the recurrent weights left out for a whole batch in training."""
    zoneout: float = 0.0
    """Share of the units that keep their old state at a step in training."""
    activation_penalty: float = 0.0
    """What the mean square of the last layer's activations weighs in the loss, after dropout; often 2."""
    temporal_penalty: float = 0.0
    """What the mean square of their change from step to step weighs in the loss; often 1."""
    label_smoothing: float = 0.0
    """Share of the target's probability spread over all symbols in training."""
    tied: bool | None = None
    """Whether symbols are read and predicted by one matrix; by itself where these are not characters."""
    softmax: Softmax = "full"
    """How symbols are predicted: adaptive is faster for many words, and less exact for rare ones."""
    sequence_length: int | None = None
    """Symbols over which the gradient goes back, T; by itself those of an average line, 32 to 128."""
    batch_size: int = 64
    """Streams of text read side by side, B."""
    vocabulary_size: int | None = None
    """Symbols that the vocabulary holds at most, the most frequent; by itself all, of subwords 8,000."""
    min_count: int = 1
    """How often a symbol must occur in the training part to be in the vocabulary."""
    validation_file: str | None = None
    """A text to validate on; by itself the last part of the training text, which is then not trained on."""
    validation_share: float = 0.1
    """The share of the text that validates, where no file for it is given."""

    def resolved(self) -> Self:
        """The configuration with a value for each option of the network that was left to its level."""
        chosen: dict[str, Any] = dict(_BY_LEVEL[self.level])
        if self.softmax == "adaptive":
            chosen["tied"] = False
        chosen.update({name: value for name in chosen if (value := getattr(self, name)) is not None})
        output_dropout = chosen["dropout"] if self.output_dropout is None else self.output_dropout
        return replace(self, **chosen, output_dropout=output_dropout)

    def validate(self) -> None:
        """Raise InputError for a value that cannot work, naming the option and what it may be."""
        super().validate()
        require_choice("level", self.level, Level)
        require_choice("softmax", self.softmax, Softmax)
        if self.embedding_size is not None:
            require_integer("embedding_size", self.embedding_size, 1, MAX_SIZE)
        for name in ("dropout", "output_dropout"):
            if getattr(self, name) is not None:
                require_share(name, getattr(self, name))
        for name in ("input_dropout", "embedding_dropout", "weight_drop", "zoneout", "label_smoothing"):
            require_share(name, getattr(self, name))
        for name in ("activation_penalty", "temporal_penalty"):
            if getattr(self, name) != 0.0:
                require_number(name, getattr(self, name), 0.0, math.inf)
        require_boolean("variational", self.variational)
        if self.tied is not None:
            require_boolean("tied", self.tied)
        if self.sequence_length is not None:
            require_integer("sequence_length", self.sequence_length, 1, MAX_BATCH)
        if self.vocabulary_size is not None:
            smallest = _SMALLEST_VOCABULARY[self.level]
            require_integer("vocabulary_size", self.vocabulary_size, smallest, MAX_VOCABULARY)
        self._require_consistent()

    def _require_consistent(self) -> None:
        if self.weight_drop and not recurrent_matrices(find(self.cell).step):
            raise InputError(
                f"weight_drop has nothing to act on: {self.cell} multiplies its state by no matrix"
            )
        if self.softmax == "full":
            return
        if self.tied:
            raise InputError("an adaptive softmax has no one matrix to be tied: give softmax full or no tied")
        if self.label_smoothing:
            raise InputError(
                "label_smoothing needs all probabilities, which an adaptive softmax is to spare: "
                "give softmax full or label_smoothing 0"
            )
        if self.hidden_size < _SMALLEST_ADAPTIVE:
            raise InputError(
                f"hidden_size is {self.hidden_size}; with an adaptive softmax, which predicts rare symbols "
                f"from a part of the units, give {_SMALLEST_ADAPTIVE} at least"
            )
