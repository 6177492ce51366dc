"""What the user sees of a run: a line at every validation, and on a terminal a bar in between."""

from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from elman.training.keeping import Keeping
from elman.training.module import TrainingModule


def terminal() -> Console:
    """Where progress goes: standard error, in lines as they are."""
    return Console(stderr=True, soft_wrap=True, highlight=False, markup=False)


class Reporting(Callback):
    """Losses are in nats per symbol; the speed is that of training, in thousands of symbols a second.

    The time left is an upper bound: training may stop earlier.
    """

    def __init__(self, console: Console, keeping: Keeping) -> None:
        self._console = console
        self._keeping = keeping
        self._best = keeping.best
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=12),
            TextColumn("{task.fields[figures]}"),
            console=console,
            transient=True,
            refresh_per_second=4,
            disable=not console.is_terminal,
        )
        self._task = TaskID(0)
        self._interval_start = 0.0
        self._interval_speed = 0.0

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._best = self._keeping.best
        self._task = self._bar.add_task("training", total=1.0, figures="")
        self._bar.start()

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        assert isinstance(pl_module, TrainingModule)
        self._interval_start = pl_module.elapsed

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        assert isinstance(pl_module, TrainingModule)
        share = pl_module.share
        left = pl_module.elapsed * (1.0 - share) / share
        validation = f" · validation {self._keeping.rows[-1]['val_loss']:.3f}" if self._keeping.rows else ""
        figures = (
            f"train {pl_module.interval_nats / pl_module.interval_symbols:.3f}{validation}"
            f" · {self._speed(pl_module):.0f} k/s · {left // 60:.0f}:{left % 60:02.0f} left"
        )
        epoch = f"epoch {pl_module.epochs_done:.1f}/{pl_module.config.epochs}"
        self._bar.update(self._task, completed=share, description=epoch, figures=figures)

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        assert isinstance(pl_module, TrainingModule)
        self._interval_speed = self._speed(pl_module)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        row = self._keeping.rows[-1]
        better = row["val_loss"] < self._best
        self._best = min(self._best, row["val_loss"])
        self._console.print(
            f"epoch {row['epoch']:5.1f}   step {row['step']:7,.0f}   train {row['train_loss']:.4f}   "
            f"validation {row['val_loss']:.4f} nats   "
            f"{self._interval_speed:.0f} k symbols/s   {row['seconds']:5.0f} s"
            f"{'   best' if better else ''}",
        )

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._bar.stop()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        self._bar.stop()

    def _speed(self, module: TrainingModule) -> float:
        seconds = module.elapsed - self._interval_start
        return module.interval_symbols / seconds / 1000
