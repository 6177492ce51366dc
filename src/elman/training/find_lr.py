"""The learning-rate finder: a short run whose rate rises from step to step, and what its losses say.

The rate rises exponentially, from 10⁻⁶ to 10² in 200 steps, until the loss explodes (Smith 2017). A rate that
is too small changes nothing, one that is too large undoes what was learned; between them the loss falls.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.pytorch.utilities.seed import isolate_rng
from numpy.typing import NDArray
from rich.console import Console

from elman.core.errors import ElmanError, InputError
from elman.data.batch import Batch
from elman.data.files import write_atomically
from elman.data.progress import reading_bar
from elman.tasks import find
from elman.tasks.parts import TrainingData
from elman.training import distributed, fallback, folder, rate_picture
from elman.training.config import TrainConfig
from elman.training.fitting import require_device, trainer
from elman.training.intervals import Plan
from elman.training.module import DivergenceError, TrainingModule
from elman.training.progress import terminal
from elman.training.record import RunRecord

PICTURE = "learning_rate.png"
STEPS = 200
_LOWEST, _HIGHEST = 1e-6, 1e2
_HALF_WIDTH = 4
_EXPLODED = 1.5
_FLAT = 0.02
_BEGINS = 0.05


@dataclass(frozen=True)
class RateSearch:
    """Each rate, the loss of the batch that it was tried on, in nats per symbol, and the rate to use."""

    rates: NDArray[np.float64]
    losses: NDArray[np.float64]
    suggestion: float
    folder: Path

    @property
    def smoothed(self) -> NDArray[np.float64]:
        """The losses, each the mean with those of the four steps before and after."""
        return smooth(self.losses)

    @property
    def picture(self) -> Path:
        """The loss against the rate, with the suggestion."""
        return self.folder / PICTURE


def find_lr(
    task: str,
    data: str | Path | None = None,
    *,
    out: str | Path | None = None,
    config: str | Path | None = None,
    preset: str | None = None,
    **options: Any,
) -> RateSearch:
    """Find the learning rate with which to `train` a model of these options; trains none.

    out is the folder for learning_rate.png, by default a new one in runs/; a run may then be put there.
    Raises what `train` does, and ElmanError when the loss falls at no rate.
    """
    asked = RunRecord.asked(task, data, options, config, preset)
    return search(asked, None if out is None else Path(out), terminal())


def search(asked: RunRecord, out: Path | None, console: Console) -> RateSearch:
    """Find the learning rate for what a record asks; raises what `find_lr` does."""
    asked.validate()
    find(asked.task).require_gradients("a search for the learning rate")
    require_device(asked.training.device)
    if distributed.world() > 1:
        raise InputError("a learning rate is found by one process: start elman without torchrun")
    if out is not None:
        folder.require_free(out)
    with isolate_rng():
        rising = fallback.halving(asked, lambda fitting: _raise_rate(fitting, console), console)
    rates, losses = np.array(rising.rates), np.array(rising.losses)
    suggestion = valley(rates, smooth(losses))
    found = RateSearch(rates, losses, suggestion, folder.claim(out, asked.task, asked.source, rising.model))
    write_atomically(found.picture, rate_picture.draw(found))
    return found


def smooth(losses: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Means over up to nine losses, as many before as after; at the ends over fewer."""
    values = np.asarray(losses, np.float64)
    reach = np.minimum(_HALF_WIDTH, np.minimum(np.arange(len(values)), np.arange(len(values))[::-1]))
    return np.array([values[i - r : i + r + 1].mean() for i, r in enumerate(reach)])


def valley(rates: NDArray[np.float64], smoothed: NDArray[np.float64]) -> float:
    """The middle, on a logarithmic scale, of the rates at which a loss falls: from a twentieth of the whole
    fall to its end.

    A language model first learns how often each symbol occurs, and that is where its loss falls the fastest:
    at rates much too small for what comes after. Raises ElmanError where the loss falls at no rate.
    """
    lowest = int(np.argmin(smoothed))
    fall = smoothed[0] - smoothed[lowest]
    if fall < _FLAT * smoothed[0]:
        raise ElmanError(
            f"the loss falls at no learning rate from {rates[0]:.3g} to {rates[-1]:.3g}: it is "
            f"{smoothed[0]:.4f} nats at first and {smoothed[lowest]:.4f} at best"
        )
    begins = int(np.argmax(smoothed < smoothed[0] - _BEGINS * fall))
    return float(np.sqrt(rates[begins] * rates[lowest]))


def _raise_rate(asked: RunRecord, console: Console) -> "_Rising":
    task = find(asked.task)
    torch.manual_seed(asked.training.seed)
    with reading_bar(console) as progress:
        data = task.data.read(asked.source, asked.config, asked.training.seed, progress=progress)
    rising = _Rising(task.model(asked.config, data.vocabulary), data, asked.training)
    # A loss that is no number ends the search as any explosion does.
    with fallback.watched(), suppress(DivergenceError), trainer(rising, [], limit_val_batches=0) as lightning:
        lightning.fit(rising)
    return rising


class _Rising(TrainingModule):
    """Training with a rate that rises, on batches from the first on; the text begins anew where it ends."""

    def __init__(self, model: Any, data: TrainingData, config: TrainConfig) -> None:
        super().__init__(model, data, config)
        batches = STEPS * config.accumulate
        self.plan = Plan(batches, config.accumulate, batches)
        self.rates: list[float] = []
        self.losses: list[float] = []

    @property
    def learning_rate(self) -> float:
        return _LOWEST * (_HIGHEST / _LOWEST) ** (self.global_step / (STEPS - 1))

    def on_train_batch_end(self, outputs: Any, batch: Batch, batch_idx: int) -> None:
        self.batches_done += 1
        if self.batches_done % self.plan.per_step:
            return
        self.rates.append(self.trainer.optimizers[0].param_groups[0]["lr"])
        self.losses.append(self.interval_nats / self.interval_symbols)
        self.interval_nats, self.interval_symbols = 0.0, 0
        recent = self.losses[-_HALF_WIDTH:]
        exploded = sum(recent) / len(recent) > _EXPLODED * self.losses[0]
        self.trainer.should_stop = exploded or len(self.losses) == STEPS
