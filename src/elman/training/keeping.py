"""What a run leaves behind at every validation: the best model, a line in the log, a checkpoint."""

import csv
import io
import math
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from elman.data.files import write_atomically
from elman.tasks import model_file
from elman.training import checkpoint
from elman.training.distributed import total
from elman.training.log import VALIDATIONS
from elman.training.module import TrainingModule
from elman.training.record import origin


class Keeping(Callback):
    """Writes the model file when the validation loss is the best so far, and the log; then the checkpoint.

    Losses are in nats per symbol; train_loss is the mean since the validation before, with dropout.
    """

    def __init__(self, folder: Path) -> None:
        self.best = math.inf
        self.rows: list[dict[str, float]] = []
        self._folder = folder

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        assert isinstance(pl_module, TrainingModule)
        loss = pl_module.validations[-1]
        nats, symbols = total(pl_module.interval_nats, pl_module.interval_symbols)
        self.rows.append(
            {
                "step": pl_module.global_step,
                "epoch": pl_module.epochs_done,
                "seconds": pl_module.elapsed,
                "learning_rate": pl_module.learning_rate,
                "train_loss": nats / symbols,
                "val_loss": loss,
            }
        )
        better = loss < self.best
        self.best = min(self.best, loss)
        if not trainer.is_global_zero:
            return
        write_atomically(self._folder / VALIDATIONS, _csv(self.rows))
        if better:
            model_file.save(
                self._folder / model_file.NAME, pl_module.model, {"val_loss": loss}, origin(self._folder)
            )

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        assert isinstance(pl_module, TrainingModule)
        if pl_module.batches_done == pl_module.plan.batches:
            pl_module.finished = f"after all {pl_module.epochs_done:.3g} epochs"
            trainer.should_stop = True
        elif trainer.should_stop and not pl_module.finished:
            pl_module.finished = (
                f"early: no better validation loss in {pl_module.config.patience} validations"
            )
        trainer.save_checkpoint(self._folder / checkpoint.NAME)

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "rows": self.rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.best = state_dict["best"]
        self.rows = state_dict["rows"]


def _csv(rows: list[dict[str, float]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: f"{value:.6g}" for name, value in row.items()} for row in rows)
    return text.getvalue().encode()
