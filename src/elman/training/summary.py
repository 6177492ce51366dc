"""What a run came to, in a table."""

from pathlib import Path

import numpy as np
from rich.table import Table

from elman.tasks import model_file
from elman.tasks.parts import TaskModel
from elman.training.log import read_log
from elman.training.progress import clock

_UNITS = ("bytes", "kB", "MB", "GB")


def summary(folder: Path, model: TaskModel) -> Table:
    """The table of the run folder of a model.

    Raises InputError when the log cannot be read.
    """
    log, unit = read_log(folder), model.unit
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    found = log.validations["val_loss"]
    if len(found):
        best = int(np.argmin(found))
        at = log.validations["step"][best], log.validations["epoch"][best]
        table.add_row("best validation", f"{found[best]:.4f} nats per {unit}")
        table.add_row("", f"at step {at[0]:,.0f}, epoch {at[1]:.3g}")
    steps = log.steps
    if len(steps["step"]):
        seconds = float(max([steps["seconds"][-1], *log.validations["seconds"][-1:]]))
        table.add_row("training", f"{steps['step'][-1]:,.0f} steps in {clock(seconds)}")
        table.add_row("speed", f"{np.median(steps['symbols_per_second']):,.0f} {unit}s per second")
    table.add_row("parameters", f"{sum(weight.numel() for weight in model.parameters()):,}")
    path = folder / model_file.NAME
    if path.exists():
        table.add_row("model file", _size(path.stat().st_size))
    return table


def _size(size: float) -> str:
    for unit in _UNITS[:-1]:
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} {_UNITS[-1]}"
