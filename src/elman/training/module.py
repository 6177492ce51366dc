"""One training step and one validation step, as Lightning's loop calls them."""

import math
import time
from collections.abc import Callable
from typing import Any, Protocol

import torch
from lightning.pytorch import LightningModule
from torch import Tensor

from elman.core.errors import ElmanError
from elman.data.batch import Batches, SequenceBatch
from elman.tasks.language.model import LanguageModel, State
from elman.training.config import TrainConfig
from elman.training.intervals import Intervals, WholePart, intervals_per_epoch
from elman.training.schedule import Schedule

_STATE_KEY = "elman"


class DivergenceError(ElmanError):
    """The loss is no longer a number; names the step, the loss and the learning rate."""


class TaskData(Protocol):
    """The two parts of the data that training reads."""

    @property
    def train(self) -> Batches: ...

    @property
    def validation(self) -> Batches: ...


class TrainingModule(LightningModule):
    """A model with its data, its optimiser and what must outlive an interruption."""

    def __init__(self, model: LanguageModel, data: TaskData, config: TrainConfig) -> None:
        super().__init__()
        self.model = model
        self.data = data
        self.config = config
        self.per_epoch = intervals_per_epoch(data.train, data.validation)
        seconds = None if config.max_minutes is None else 60.0 * config.max_minutes
        self.schedule = Schedule(len(data.train) * config.epochs, seconds)
        self.finished = ""
        self.interval_nats = 0.0
        self.interval_symbols = 0
        self._state: State | None = None
        self._random: dict[str, Any] = {}
        self._elapsed_before = 0.0
        self._started = time.monotonic()
        self._validation_state: State | None = None
        self._validation_nats = 0.0
        self._validation_symbols = 0

    @property
    def elapsed(self) -> float:
        """Seconds of training so far, those before an interruption included."""
        return self._elapsed_before + time.monotonic() - self._started

    @property
    def share(self) -> float:
        """The share of the planned run that is over."""
        return self.schedule.over(self.global_step, self.elapsed)

    @property
    def epochs_done(self) -> float:
        """Passes over the training data so far."""
        return self.global_step / len(self.data.train)

    @property
    def learning_rate(self) -> float:
        """The learning rate of the next step."""
        return self.config.learning_rate * self.schedule.factor(self.global_step, self.elapsed)

    def train_dataloader(self) -> Intervals:
        return Intervals(self.data.train, self.per_epoch, lambda: self.global_step)

    def val_dataloader(self) -> WholePart:
        return WholePart(self.data.validation)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.AdamW(
            self.model.parameters(), lr=self.config.learning_rate, weight_decay=self.config.weight_decay
        )

    def on_train_start(self) -> None:
        self._started = time.monotonic()
        self._state = _apply(self._state, lambda tensor: tensor.to(self.device))
        if self._random:
            torch.set_rng_state(self._random["cpu"])
            if self.device.type == "cuda":
                torch.cuda.set_rng_state(self._random["cuda"], self.device)

    def on_train_epoch_start(self) -> None:
        self.interval_nats = 0.0
        self.interval_symbols = 0

    def on_train_batch_start(self, batch: SequenceBatch, batch_idx: int) -> None:
        for group in self.trainer.optimizers[0].param_groups:
            group["lr"] = self.learning_rate

    def training_step(self, batch: SequenceBatch, batch_idx: int) -> Tensor:
        """The mean of -ln p(target), in nats; raises DivergenceError when it is not finite."""
        nats, state = self.model.loss(batch, self._state if batch.continues else None)
        self._state = _apply(state, Tensor.detach)
        loss = nats / batch.symbols
        value = float(loss.detach())
        if not math.isfinite(value):
            raise DivergenceError(
                f"the loss is {value} at step {self.global_step:,}, where the learning rate is "
                f"{self.learning_rate:.3g}; try a smaller learning_rate or clip_norm"
            )
        self.interval_nats += value * batch.symbols
        self.interval_symbols += batch.symbols
        return loss

    def on_validation_epoch_start(self) -> None:
        self._validation_state = None
        self._validation_nats = 0.0
        self._validation_symbols = 0

    def validation_step(self, batch: SequenceBatch, batch_idx: int) -> None:
        before = self._validation_state if batch.continues else None
        nats, self._validation_state = self.model.loss(batch, before)
        self._validation_nats += float(nats)
        self._validation_symbols += batch.symbols

    def on_validation_epoch_end(self) -> None:
        self.log("val_loss", self._validation_nats / self._validation_symbols)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        random = {"cpu": torch.get_rng_state()}
        if self.device.type == "cuda":
            random["cuda"] = torch.cuda.get_rng_state(self.device)
        checkpoint[_STATE_KEY] = {
            "carried_state": self._state,
            "random": random,
            "elapsed": self.elapsed,
            "finished": self.finished,
        }

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        saved = checkpoint[_STATE_KEY]
        self._state = saved["carried_state"]
        self._random = saved["random"]
        self._elapsed_before = saved["elapsed"]
        self.finished = saved["finished"]


def _apply(state: State | None, function: Callable[[Tensor], Tensor]) -> State | None:
    """A function of tensors on every tensor of a state."""
    if state is None or isinstance(state, Tensor):
        return state if state is None else function(state)
    return tuple(function(tensor) for tensor in state)
