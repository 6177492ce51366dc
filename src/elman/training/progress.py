"""What the user sees of a run: a line at every validation, and on a terminal a bar in between."""

import time
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from elman.training.keeping import Keeping
from elman.training.module import TrainingModule
from elman.training.pace import Pace

_SILENCE = 60.0


def terminal(quiet: bool = False) -> Console:
    """Where progress goes: standard error, in lines as they are; nowhere if quiet."""
    return Console(stderr=True, soft_wrap=True, highlight=False, markup=False, quiet=quiet)


class Reporting(Callback):
    """Losses are in nats per symbol, that of training the mean since the last validation.

    The time left is an upper bound: training may stop earlier. Where there is no terminal, a line takes the
    place of the bar whenever a minute has passed without one.
    """

    def __init__(self, console: Console, keeping: Keeping) -> None:
        self._console = console
        self._keeping = keeping
        self._best = keeping.best
        self._has_bar = console.is_terminal and not console.quiet
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=12),
            TextColumn("{task.fields[figures]}"),
            console=console,
            transient=True,
            refresh_per_second=4,
            disable=not self._has_bar,
        )
        self._task = TaskID(0)
        self._pace = Pace()
        self._spoken = 0.0

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._best = self._keeping.best
        self._pace = Pace()
        self._spoken = time.monotonic()
        if trainer.is_global_zero:
            self._task = self._bar.add_task("training", total=1.0, figures="")
            self._bar.start()

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._pace.go()

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        assert isinstance(pl_module, TrainingModule)
        self._pace.add(batch.symbols * trainer.world_size)
        if not trainer.is_global_zero:
            return
        if self._has_bar:
            epoch = f"epoch {pl_module.epochs_done:.1f}/{pl_module.config.epochs}"
            figures = self._figures(pl_module)
            self._bar.update(self._task, completed=pl_module.share, description=epoch, figures=figures)
        elif time.monotonic() - self._spoken >= _SILENCE:
            self._say(
                f"epoch {pl_module.epochs_done:5.1f}   step {pl_module.global_step:7,}   "
                f"{self._figures(pl_module)}"
            )

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        assert isinstance(pl_module, TrainingModule)
        if trainer.is_global_zero:
            row = self._keeping.rows[-1]
            speed = _speed(self._pace, pl_module.model.unit)
            self._say(
                f"epoch {row['epoch']:5.1f}   step {row['step']:7,.0f}   train {row['train_loss']:.4f}   "
                f"validation {row['val_loss']:.4f} nats   {speed}   {row['seconds']:5.0f} s"
                f"{'   best' if row['val_loss'] < self._best else ''}"
            )
            self._best = min(self._best, row["val_loss"])
        self._pace = Pace()

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._bar.stop()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        self._bar.stop()

    def _figures(self, module: TrainingModule) -> str:
        train = module.interval_nats / module.interval_symbols
        validation = f" · validation {self._keeping.rows[-1]['val_loss']:.3f}" if self._keeping.rows else ""
        left = module.elapsed * (1.0 - module.share) / module.share
        return f"train {train:.3f}{validation} · {_speed(self._pace, module.model.unit)} · {clock(left)} left"

    def _say(self, line: str) -> None:
        self._console.print(line)
        self._spoken = time.monotonic()


def clock(seconds: float) -> str:
    """Seconds as minutes and seconds, 3:05, or with hours, 2:03:05."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _speed(pace: Pace, unit: str) -> str:
    return f"{pace.speed / 1000:.3g} k {unit}s/s"
