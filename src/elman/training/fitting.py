"""Lightning's trainer, set up for elman: one device, elman's callbacks and checkpoints, no chatter."""

import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.callbacks import EarlyStopping
from rich.console import Console

from elman.core.errors import InputError
from elman.training import checkpoint, distributed
from elman.training.keeping import Keeping
from elman.training.module import TrainingModule
from elman.training.probing import Probing
from elman.training.progress import Reporting
from elman.training.stopping import Stopping
from elman.training.telemetry import Telemetry


def require_device(name: str) -> torch.device:
    """The device of a name, "auto" being CUDA's if there is one; raises InputError if it is not there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InputError(f"device is {name!r}; give auto, cpu, cuda, cuda:1 or mps") from error
    available = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}
    if (device.index or 0) >= available.get(device.type, 0):
        raise InputError(f"device is {name!r}, which this machine does not have; give auto or cpu")
    return device


def fit(module: TrainingModule, folder: Path, console: Console) -> None:
    """Train to the end of the plan, of the time or of patience; from the folder's checkpoint if it has one.

    Raises Interrupted when the user stops it, DivergenceError when the loss is no longer a number, InputError
    when a file cannot be written.
    """
    keeping = Keeping(folder)
    early_stopping = EarlyStopping(
        "val_loss",
        patience=module.config.patience,
        check_finite=False,
        check_on_train_epoch_end=False,
    )
    seen = [Telemetry(folder), Probing(folder), Reporting(console, keeping)]
    callbacks = [keeping, early_stopping, *seen, Stopping()]
    saved = folder / checkpoint.NAME
    with trainer(module, callbacks, default_root_dir=folder) as lightning:
        lightning.fit(module, ckpt_path=str(saved) if saved.exists() else None)


@contextmanager
def trainer(module: TrainingModule, callbacks: Sequence[Callback], **more: Any) -> Iterator[Trainer]:
    """Lightning's trainer for a module, with elman's checkpoints; it announces nothing while it is used."""
    device = require_device(module.config.device)
    with _quiet():
        yield Trainer(
            accelerator=device.type,
            max_epochs=-1,
            accumulate_grad_batches=module.plan.per_step,
            precision=module.config.precision,
            **_processes(device),
            callbacks=list(callbacks),
            plugins=[checkpoint.SafetensorsCheckpointIO()],
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
            **more,
        )


def _processes(device: torch.device) -> dict[str, Any]:
    """Lightning's options for the processes that torchrun started, or for this one alone."""
    if distributed.world() > 1:
        local = int(os.environ["LOCAL_WORLD_SIZE"])
        return {"strategy": "ddp", "devices": local, "num_nodes": distributed.world() // local}
    return {"devices": [device.index or 0] if device.type == "cuda" else 1}


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Lightning's announcements, and its warnings about data loaders that are not torch's."""
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            # Lightning's own use of torch's pytree, of no concern to the user.
            warnings.filterwarnings("ignore", message="`isinstance\\(treespec, LeafSpec\\)` is deprecated")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
