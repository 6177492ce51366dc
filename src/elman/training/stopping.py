"""Stopping between two steps: at a signal from the user, or when the time is up."""

import signal
import threading
from types import FrameType
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from elman.training.distributed import any_of
from elman.training.module import TrainingModule


class Interrupted(Exception):  # noqa: N818
    """The user asked to stop; the checkpoint is that of the last step."""


class Stopping(Callback):
    """Ends the interval at SIGINT or SIGTERM, and raises Interrupted once its checkpoint is written; a second
    SIGINT stops at once.
    """

    def __init__(self) -> None:
        self._signalled = False

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        # Only the main thread may set handlers. The trainer puts the former ones back when it ends.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._on_signal)
            signal.signal(signal.SIGTERM, self._on_signal)
        assert isinstance(pl_module, TrainingModule)
        # A resumed run that had ended already takes no further step.
        trainer.should_stop = bool(pl_module.finished)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        assert isinstance(pl_module, TrainingModule)
        pl_module.pausing = self._signalled
        seconds = pl_module.schedule.seconds
        if seconds is not None and any_of(pl_module.elapsed >= seconds):
            pl_module.finished = f"after {pl_module.config.max_minutes:g} minutes"
            # The trainer validates once more before it stops.
            trainer.should_stop = True

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        # Keeping comes before this in the list of callbacks and has written the checkpoint.
        if any_of(self._signalled):
            raise Interrupted

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signalled = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
