"""What the user sees of a run: a line at every validation, and on a terminal a bar in between."""

from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from elman.train.keeping import Keeping
from elman.train.module import TrainingModule


class Reporting(Callback):
    """Losses are in nats per symbol; the speed is that of training, in thousands of symbols a second."""

    def __init__(self, console: Console, keeping: Keeping) -> None:
        self._console = console
        self._keeping = keeping
        self._best = keeping.best
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[figures]}"),
            console=console,
            transient=True,
            refresh_per_second=4,
            disable=not console.is_terminal,
        )
        self._task = TaskID(0)
        self._interval_start = 0.0
        self._interval_speed = ""

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
        validation = f"validation {self._keeping.rows[-1]['val_loss']:.4f} · " if self._keeping.rows else ""
        figures = (
            f"train {pl_module.interval_nats / pl_module.interval_symbols:.4f} · {validation}"
            f"{self._speed(pl_module)} · at most {left // 60:.0f}:{left % 60:02.0f} left"
        )
        epoch = f"epoch {pl_module.epochs_done:.1f} of {pl_module.config.epochs}"
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
            f"validation {row['val_loss']:.4f} nats   {self._interval_speed}   {row['seconds']:5.0f} s"
            f"{'   best' if better else ''}",
            highlight=False,
            soft_wrap=True,
        )

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._bar.stop()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        self._bar.stop()

    def _speed(self, module: TrainingModule) -> str:
        seconds = module.elapsed - self._interval_start
        return f"{module.interval_symbols / seconds / 1000:.0f} k symbols/s"
