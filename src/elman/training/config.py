"""The options of training, the same for every task."""

import math
from dataclasses import dataclass

from elman.core.errors import InputError
from elman.tasks.options import require_integer, require_number

_MANY = 10**9


@dataclass(frozen=True)
class TrainConfig:
    """The craft of training: steps, stopping, and where it runs."""

    learning_rate: float = 0.002
    """The largest step size of AdamW, after the warm-up."""
    weight_decay: float = 0.01
    """How strongly AdamW pulls weights to zero."""
    clip_norm: float = 1.0
    """Largest norm of the gradient; a larger one is scaled down to it."""
    epochs: int = 20
    """Passes over the training data, at most."""
    max_minutes: float | None = None
    """Minutes of training, at most; the learning rate falls so as to end then."""
    patience: int = 4
    """Epochs without a better validation loss after which training stops."""
    seed: int = 1
    """Where random numbers start: the same seed, the same model."""
    device: str = "auto"
    """Where to compute: auto, cpu, cuda, cuda:1, mps."""

    def validate(self) -> None:
        """Raise InputError for a value that cannot work, naming the option and what it may be."""
        require_number("learning_rate", self.learning_rate, 0.0, math.inf)
        if self.weight_decay != 0.0:
            require_number("weight_decay", self.weight_decay, 0.0, math.inf)
        require_number("clip_norm", self.clip_norm, 0.0, math.inf)
        require_integer("epochs", self.epochs, 1, _MANY)
        if self.max_minutes is not None:
            require_number("max_minutes", self.max_minutes, 0.0, math.inf)
        require_integer("patience", self.patience, 1, _MANY)
        require_integer("seed", self.seed, 0, 2**32 - 1)
        if not isinstance(self.device, str):
            raise InputError(f"device is {self.device!r}; give auto, cpu, cuda, cuda:1 or mps")


DEFAULTS = {
    "names": TrainConfig(learning_rate=0.005, epochs=60),
    "language": TrainConfig(learning_rate=0.004),
}
