"""What a log says is wrong with a run, and what to change."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from pathlib import Path

from safetensors import SafetensorError, safe_open

from elman.core.errors import InputError
from elman.tasks import find
from elman.training.course import Course
from elman.training.log import Log, read_log
from elman.training.record import NAME, task_of
from elman.training.symptoms import RULES, Finding

_MODEL = "model.safetensors"


def diagnose(run: str | Path) -> list[Finding]:
    """What is wrong with the run in a folder, as far as its log tells; nothing if the list is empty.

    Raises InputError when the folder holds no run, or one of a task that learns without batches and so has
    no log, or its log cannot be read.
    """
    folder = Path(run)
    log = read_log(folder)
    task = task_of(folder / NAME)
    if task is not None:
        find(task).require_gradients("a diagnosis")
    return findings(replace(log, options={**log.options, "parameters": _parameters(folder / _MODEL)}))


def findings(log: Log) -> list[Finding]:
    """What is wrong in a log, the gravest first; a log without a step says nothing.

    Beside the options of the run it takes "parameters", how many numbers the model holds.
    """
    if not len(log.steps["step"]):
        return []
    course = Course(log)
    return [finding for rule in RULES if (finding := rule(course)) is not None]


def _parameters(path: Path) -> int | None:
    """How many numbers a model file holds; None where there is no such file yet."""
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="numpy") as file:
            return sum(prod(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise InputError(f"{path}: a damaged model file: {error}") from error
