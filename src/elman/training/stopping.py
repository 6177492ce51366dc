"""Stopping between two steps: at a signal from the user, or when the time is up."""

import signal
import threading
from types import FrameType
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from elman.training.module import TrainingModule


class Interrupted(Exception):  # noqa: N818
    """The user asked to stop; all files are as after the last validation."""


class Stopping(Callback):
    """Raises Interrupted after the step in which SIGINT or SIGTERM came; a second SIGINT stops at once."""

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
        self._raise_if_signalled()
        if pl_module.schedule.seconds is not None and pl_module.elapsed >= pl_module.schedule.seconds:
            pl_module.finished = f"after {pl_module.config.max_minutes:g} minutes"
            # The trainer validates once more before it stops.
            trainer.should_stop = True

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._raise_if_signalled()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signalled = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def _raise_if_signalled(self) -> None:
        if self._signalled:
            raise Interrupted
