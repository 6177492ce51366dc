"""One training step and one validation step, as Lightning's loop calls them."""

import math
import time
from collections.abc import Callable
from typing import Any

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from torch.optim import Optimizer

from elman.core.errors import ElmanError
from elman.data.batch import Batch
from elman.tasks.parts import State, TaskModel, TrainingData
from elman.training import distributed
from elman.training.averaging import Averaging
from elman.training.config import TrainConfig
from elman.training.divergence import describe
from elman.training.intervals import Intervals, Plan, WholePart
from elman.training.optimisers import gradient_norm, optimiser
from elman.training.schedule import Schedule

_STATE_KEY = "elman"
_NEVER = 10**9


class DivergenceError(ElmanError):
    """The loss or the gradient is no longer a number; names the step, what went bad and the learning rate."""


class TrainingModule(LightningModule):
    """A model with its data, its optimiser and what must outlive an interruption.

    interval_*: sums since the last validation. validations: the losses found so far, in nats per symbol.
    goes_on: that a checkpoint says the run has ended does not count.
    """

    def __init__(
        self, model: TaskModel, data: TrainingData, config: TrainConfig, goes_on: bool = False
    ) -> None:
        super().__init__()
        self.model = model
        self.data = data
        self.config = config
        self.plan = Plan.of(data.train, data.validation, config)
        seconds = None if config.max_minutes is None else 60.0 * config.max_minutes
        self.schedule = Schedule(
            self.plan.steps, seconds, config.schedule, config.warm_up, config.decay_factor
        )
        self.averaging = Averaging(config, list(model.parameters()))
        self.goes_on = goes_on
        self.finished = ""
        self.batches_done = 0
        self.validations: list[float] = []
        self.interval_nats = 0.0
        self.interval_symbols = 0
        self.gradient_norm = 0.0
        self.pausing = False
        self._objective = torch.compile(model.objective) if config.compile else model.objective
        self._state: State | None = None
        self._random: dict[str, Any] = {}
        self._elapsed_before = 0.0
        self._started = time.monotonic()
        self._saved_at = time.monotonic()
        self._validation = _Sums()

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
        return self.batches_done / len(self.data.train)

    @property
    def learning_rate(self) -> float:
        """The learning rate of the next step."""
        factor = self.schedule.factor(self.global_step, self.elapsed, self.validations)
        return self.config.learning_rate * factor

    def train_dataloader(self) -> Intervals:
        return Intervals(self.data.train, self.plan, lambda: self.batches_done, self._pauses, self._ends)

    def val_dataloader(self) -> WholePart:
        return WholePart(self.data.validation)

    def configure_optimizers(self) -> Optimizer:
        return optimiser(self.config, self.model.parameters())

    def on_train_start(self) -> None:
        self._started = self._saved_at = time.monotonic()
        self._state = _apply(self._state, lambda tensor: tensor.to(self.device))
        if self._random:
            torch.set_rng_state(self._random["cpu"])
            if self.device.type == "cuda":
                torch.cuda.set_rng_state(self._random["cuda"], self.device)

    def on_train_epoch_start(self) -> None:
        self._ends(validates=True)  # should the run end within the interval

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        for group in self.trainer.optimizers[0].param_groups:
            group["lr"] = self.learning_rate

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """The objective, a mean over the symbols; raises DivergenceError when it is not finite."""
        self._latest = batch, self._state if batch.continues else None
        found = self._objective(*self._latest)
        self._state = _apply(found.state, Tensor.detach)
        nats, symbols = float(found.nats), batch.symbols
        self._loss = nats / max(1, symbols)
        if not math.isfinite(self._loss):
            self._diverged()
        self.interval_nats += nats
        self.interval_symbols += symbols
        return found.loss * distributed.weight(symbols)

    def configure_gradient_clipping(self, optimizer: Optimizer, *limits: Any, **more: Any) -> None:
        """Cut by value, then scale to the largest norm (Pascanu et al. 2013); keeps the norm before both."""
        config, weights = self.config, list(self.model.parameters())
        norm = gradient_norm(weights)
        self.gradient_norm = float(norm)
        # With 16-mixed, an overflow only makes the scale of the loss smaller.
        if not math.isfinite(self.gradient_norm) and config.precision != "16-mixed":
            self._diverged()
        if config.clip_value:
            nn.utils.clip_grad_value_(weights, config.clip_value)
            norm = gradient_norm(weights)
        if config.clip_norm:
            nn.utils.clip_grads_with_norm_(weights, config.clip_norm, norm)

    def on_train_batch_end(self, outputs: Any, batch: Batch, batch_idx: int) -> None:
        self.batches_done += 1
        if self.batches_done % self.plan.per_step == 0:
            self.averaging.update(self.share, self.validations)

    def on_validation_start(self) -> None:
        self.averaging.swap()
        self._validation = _Sums()

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        sums = self._validation
        nats, sums.state = self.model.loss(batch, sums.state if batch.continues else None)
        sums.nats += float(nats)
        sums.symbols += batch.symbols

    def on_validation_epoch_end(self) -> None:
        nats, symbols = distributed.total(self._validation.nats, self._validation.symbols)
        self.validations.append(nats / symbols)
        self.log("val_loss", nats / symbols)

    def on_validation_end(self) -> None:
        self.averaging.swap()
        self.interval_nats, self.interval_symbols = 0.0, 0

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self._saved_at = time.monotonic()
        random = {"cpu": torch.get_rng_state()}
        if self.device.type == "cuda":
            random["cuda"] = torch.cuda.get_rng_state(self.device)
        checkpoint[_STATE_KEY] = {
            "each": distributed.gathered({"carried_state": self._state, "random": random}),
            "averaging": self.averaging.state_dict(),
            "elapsed": self.elapsed,
            "finished": self.finished,
            "batches_done": self.batches_done,
            "cut": [len(self.data.train), self.plan.per_step],
            "validations": self.validations,
            "interval": [self.interval_nats, self.interval_symbols],
        }

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        saved = checkpoint[_STATE_KEY]
        own = distributed.own(saved["each"])
        self._state, self._random = own["carried_state"], own["random"]
        self.averaging.load_state_dict(saved["averaging"])
        self._elapsed_before = saved["elapsed"]
        self.finished = "" if self.goes_on else saved["finished"]
        self.batches_done = saved["batches_done"]
        self.validations = saved["validations"]
        self.interval_nats, self.interval_symbols = saved["interval"]
        if saved["cut"] != [len(self.data.train), self.plan.per_step]:
            # Other batches than those of the checkpoint: the same place, in streams that begin anew there.
            self._state = None
            self.batches_done = self.plan.place(self.batches_done / saved["cut"][0], len(self.data.train))

    def _pauses(self) -> bool:
        """Whether the interval ends here for a checkpoint."""
        due = time.monotonic() - self._saved_at >= 60.0 * self.config.checkpoint_minutes
        return distributed.any_of(self.pausing or due)

    def _ends(self, validates: bool) -> None:
        """Tells the trainer whether a validation follows the interval."""
        self.trainer.check_val_every_n_epoch = 1 if validates else _NEVER

    def _diverged(self) -> None:
        batch, state = self._latest
        raise DivergenceError(
            describe(
                self.model,
                batch,
                state,
                step=self.global_step,
                loss=self._loss,
                gradient_norm=self.gradient_norm,
                learning_rate=self.learning_rate,
            )
        )


class _Sums:
    """What a validation adds up."""

    def __init__(self) -> None:
        self.state: State | None = None
        self.nats = 0.0
        self.symbols = 0


def _apply(state: State | None, function: Callable[[Tensor], Tensor]) -> State | None:
    """A function of tensors on every tensor of a state."""
    if state is None or isinstance(state, Tensor):
        return state if state is None else function(state)
    return tuple(function(tensor) for tensor in state)
