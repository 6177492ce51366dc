"""The language model of a run, for the commands that ask one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from elman.core.errors import InputError

if TYPE_CHECKING:
    from elman.tasks.language.model import LanguageModel


def language_model(run: Path) -> LanguageModel:
    """The model of a run folder or a model file; raises InputError for one of another kind of task."""
    from elman.tasks.language.model import LanguageModel
    from elman.tasks.model_file import load, task_of

    task = task_of(run)
    if not issubclass(task.model, LanguageModel):
        raise InputError(
            f"{run} is a model of {task.name}, which writes no text: ask it by elman {task.asked_by} {run}"
        )
    return load(run)
