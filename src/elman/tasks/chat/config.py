"""The options of a model that answers: those of a translator, with other defaults."""

import math
from dataclasses import dataclass

from elman.core.errors import InputError
from elman.tasks.options import require_integer, require_number
from elman.tasks.translate.config import TranslateConfig

TRAINING = {"learning_rate": 0.002, "epochs": 40}
_MOST_TURNS = 64
_MOST_ANSWERS = 1024
_LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class ChatConfig(TranslateConfig):
    """The network and its batches."""

    context: int = 2
    """How many of the turns before an answer are read."""
    batch_size: int = 32
    """Answers read side by side, B."""

    def validate(self) -> None:
        """Raise InputError for a value that cannot work, naming the option and what it may be."""
        super().validate()
        require_integer("context", self.context, 1, _MOST_TURNS)
        if self.reverse or self.target_file is not None:
            raise InputError("dialogues have one file and one direction: leave out target_file and reverse")


@dataclass(frozen=True)
class PredictOptions:
    """How answers are drawn."""

    n_best: int = 1
    """How many different answers to give, the likeliest first; fewer where none is found."""
    temperature: float = 0.7
    """How freely answers are drawn; 0 gives the likeliest symbol at each step."""
    top_k: int = 0
    """Only this many of the likeliest symbols are drawn from; 0 for all."""
    top_p: float = 0.9
    """Only the likeliest symbols that together have this probability are drawn from."""
    seed: int = 1
    """Where random numbers start: the same seed, the same answers."""

    def validate(self) -> None:
        """Raise InputError for a value that cannot work."""
        require_integer("n_best", self.n_best, 1, _MOST_ANSWERS)
        if self.temperature != 0.0:
            require_number("temperature", self.temperature, 0.0, math.inf)
        require_integer("seed", self.seed, 0, _LARGEST_SEED)
