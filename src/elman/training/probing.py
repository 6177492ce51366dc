"""Probes as training goes, in at most a hundredth of its time: probes.csv."""

import time
from pathlib import Path
from typing import Any, cast

from lightning.pytorch import Callback, LightningModule, Trainer

from elman.tasks.language.model import LanguageModel
from elman.training.log import PROBE_COLUMNS, PROBES, Table
from elman.training.module import TrainingModule
from elman.training.probes import probe

_SHARE = 0.01
_FIRST = 1.0


class Probing(Callback):
    """Probes the latest of the longest batches after a second of training, then so often that it takes no
    more than 1% of the time, and once at the end; only of language models.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._table: Table | None = None
        self._batch: Any = None
        self._probed = 0
        self._due = 0.0

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.is_global_zero:
            self._table = Table(self._folder / PROBES, PROBE_COLUMNS, pl_module.global_step)
        self._probed = pl_module.global_step
        self._due = time.monotonic() + _FIRST

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        assert isinstance(pl_module, TrainingModule)
        if not isinstance(pl_module.model, LanguageModel):
            return
        # A gradient is followed back as far as a batch is long, and the last one of an epoch may be short.
        if self._batch is None or len(batch.inputs) >= len(self._batch.inputs):
            self._batch = batch
        if time.monotonic() >= self._due:
            self._probe(pl_module)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._probe(pl_module)
        self._close()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        self._close()

    def _probe(self, module: LightningModule) -> None:
        assert isinstance(module, TrainingModule)
        if self._table is None or self._batch is None or module.global_step == self._probed:
            return
        self._probed = module.global_step
        start = time.monotonic()
        found = probe(cast(LanguageModel, module.model), self._batch, self._probed)
        self._table.add(*((p.step, p.layer, p.what, p.k, p.value) for p in found))
        end = time.monotonic()
        self._due = end + (end - start) / _SHARE

    def _close(self) -> None:
        if self._table is not None:
            self._table.close()
