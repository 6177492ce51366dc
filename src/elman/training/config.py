"""The options of training, the same for every task."""

import math
from dataclasses import dataclass
from typing import Literal

from elman.core.errors import InputError
from elman.tasks.options import require_choice, require_integer, require_number, require_share

_MANY = 10**9
Optimizer = Literal["adamw", "adam", "sgd", "nt-asgd"]
Schedule = Literal["cosine", "constant", "one-cycle", "plateau", "decay"]
Averaging = Literal["none", "ema", "swa"]
Precision = Literal["32-true", "bf16-mixed", "16-mixed"]


@dataclass(frozen=True)
class TrainConfig:
    """The craft of training: steps, stopping, and where it runs."""

    optimizer: Optimizer = "adamw"
    """How gradients become steps; nt-asgd is SGD whose weights are averaged once validation stalls."""
    learning_rate: float = 0.002
    """The largest step size, after the warm-up."""
    schedule: Schedule = "cosine"
    """How the learning rate changes: cosine and one-cycle by a plan, plateau and decay by validation."""
    warm_up: int = 100
    """Steps in which the learning rate rises to its full size; fewer in a short run."""
    decay_factor: float = 0.5
    """What decay, after a validation that is no better, and plateau, after two, multiply the rate by."""
    momentum: float = 0.0
    """Momentum of SGD."""
    weight_decay: float = 0.01
    """How strongly weights are pulled to zero."""
    clip_norm: float = 1.0
    """Largest norm of the gradient, to which a larger one is scaled down; 0 for none."""
    clip_value: float = 0.0
    """Largest entry of the gradient, to which a larger one is cut; 0 for none."""
    accumulate: int = 1
    """Windows whose gradients are summed for one step."""
    averaging: Averaging = "none"
    """Weights that are validated and kept: the last, their moving average (ema), their mean (swa)."""
    averaging_decay: float = 0.999
    """What share of the moving average stays at each step."""
    averaging_start: float = 0.75
    """The share of the run after which swa begins."""
    epochs: int = 20
    """Passes over the training data, at most."""
    max_steps: int | None = None
    """Steps, at most."""
    max_minutes: float | None = None
    """Minutes of training, at most; the learning rate falls so as to end then."""
    patience: int = 4
    """Validations in a row without a better loss after which training stops."""
    validate_every: int | None = None
    """Steps between validations; by itself once an epoch, and every 500 steps in a long one."""
    checkpoint_minutes: float = 5.0
    """Minutes of work that a crash may cost at most; a checkpoint is written so often."""
    seed: int = 1
    """Where random numbers start: the same seed, the same model."""
    device: str = "auto"
    """Where to compute: auto, cpu, cuda, cuda:1, mps."""
    precision: Precision = "32-true"
    """The format of numbers: mixed ones multiply in 16 bits and add in 32."""
    compile: bool = False
    """Whether torch.compile takes the model first."""

    def validate(self) -> None:
        """Raise InputError for a value that cannot work, naming the option and what it may be."""
        require_choice("optimizer", self.optimizer, Optimizer)
        require_choice("schedule", self.schedule, Schedule)
        require_choice("averaging", self.averaging, Averaging)
        require_choice("precision", self.precision, Precision)
        require_number("learning_rate", self.learning_rate, 0.0, math.inf)
        require_integer("warm_up", self.warm_up, 0, _MANY)
        require_number("decay_factor", self.decay_factor, 0.0, 1.0)
        require_share("momentum", self.momentum)
        for name in ("weight_decay", "clip_norm", "clip_value"):
            if getattr(self, name) != 0.0:
                require_number(name, getattr(self, name), 0.0, math.inf)
        require_integer("accumulate", self.accumulate, 1, _MANY)
        require_share("averaging_decay", self.averaging_decay)
        require_share("averaging_start", self.averaging_start)
        require_integer("epochs", self.epochs, 1, _MANY)
        if self.max_steps is not None:
            require_integer("max_steps", self.max_steps, 1, _MANY)
        if self.max_minutes is not None:
            require_number("max_minutes", self.max_minutes, 0.0, math.inf)
        require_integer("patience", self.patience, 1, _MANY)
        if self.validate_every is not None:
            require_integer("validate_every", self.validate_every, 1, _MANY)
        require_number("checkpoint_minutes", self.checkpoint_minutes, 0.0, math.inf)
        require_integer("seed", self.seed, 0, 2**32 - 1)
        if not isinstance(self.device, str):
            raise InputError(f"device is {self.device!r}; give auto, cpu, cuda, cuda:1 or mps")
        if not isinstance(self.compile, bool):
            raise InputError(f"compile is {self.compile!r}; give true or false")
        if self.averaging != "none" and self.optimizer == "nt-asgd":
            raise InputError("nt-asgd averages by itself: leave averaging at none")
