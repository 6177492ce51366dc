"""What a run writes down as it goes: steps.csv, and the same figures for TensorBoard."""

from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from tensorboardX import SummaryWriter

from elman.training.log import STEP_COLUMNS, STEPS, Table, is_logged
from elman.training.module import TrainingModule
from elman.training.pace import Pace

EVENTS = "tensorboard"


class Telemetry(Callback):
    """Writes a row for some of the steps (`log.is_logged`), and events for these and all validations.

    The loss of a row is that of its step alone, in nats per symbol, the norm that of its gradient before
    clipping, the speed that since the row before. A run that is resumed goes on behind its checkpoint: what
    was written after that is cut from the table, and TensorBoard is told to forget it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._table: Table | None = None
        self._events: SummaryWriter | None = None
        self._pace = Pace()
        self._step = 0
        self._before = (0.0, 0)

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        assert isinstance(pl_module, TrainingModule)
        self._step = pl_module.global_step
        self._before = (pl_module.interval_nats, pl_module.interval_symbols)
        if trainer.is_global_zero:
            self._table = Table(self._folder / STEPS, STEP_COLUMNS, self._step)
            # a name is of one second: without the step, a run resumed within it would write over its events
            self._events = SummaryWriter(
                str(self._folder / EVENTS), purge_step=self._step + 1, filename_suffix=f".{self._step:09}"
            )
        self._pace = Pace()

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._pace.go()

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        assert isinstance(pl_module, TrainingModule)
        self._pace.add(batch.symbols * trainer.world_size)
        step = pl_module.global_step
        if step == self._step:  # more batches are to be summed for it
            return
        self._step = step
        sums = (pl_module.interval_nats, pl_module.interval_symbols)
        nats, symbols = (now - before for now, before in zip(sums, self._before, strict=True))
        self._before = sums
        if self._table is None or self._events is None or not is_logged(step):
            return
        figures = {
            "loss": nats / symbols,
            "learning_rate": float(trainer.optimizers[0].param_groups[0]["lr"]),
            "gradient_norm": pl_module.gradient_norm,
            "symbols_per_second": self._pace.speed,
        }
        self._table.add((step, pl_module.elapsed, *figures.values()))
        for name, value in figures.items():
            self._events.add_scalar(f"train/{name}", value, step)
        self._pace = Pace()

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        assert isinstance(pl_module, TrainingModule)
        self._before = (0.0, 0)
        if self._events is not None:
            self._events.add_scalar("validation/loss", pl_module.validations[-1], pl_module.global_step)
            self._events.flush()

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._close()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        self._close()

    def _close(self) -> None:
        if self._table is not None and self._events is not None:
            self._table.close()
            self._events.close()
