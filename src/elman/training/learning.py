"""A run of a task that learns in a way of its own: progress, checkpoints, the model file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from elman.core.errors import InputError
from elman.data.progress import reading_bar
from elman.tasks import find, model_file
from elman.tasks.parts import Learning, Score, TaskModel
from elman.training import checkpoint, distributed, folder
from elman.training.pace import Pace
from elman.training.record import RunRecord, origin


def learn(
    asked: RunRecord, out: Path | None, resume: Path | None, console: Console
) -> tuple[TaskModel, Any, Path, Score | None]:
    """Learn as a record asks, in a new folder or on in that of a run; returns the model as loaded from its
    file, the data, the folder, and the score, None if interrupted.

    Raises InputError before any work for what cannot be used.
    """
    if distributed.world() > 1:
        raise InputError(
            f"{asked.task} learns in one process, with all threads: start elman without torchrun"
        )
    task = find(asked.task)
    with reading_bar(console) as progress:
        data = task.data.read(asked.source, asked.config, asked.training.seed, progress=progress)
    for note in data.notes:
        console.print(note)
    learning: Learning = task.learning(data, asked.config, asked.training)
    if resume is None:
        where = folder.claim(out, asked.task, asked.source, learning.model())
        asked.write(where)
    else:
        where = resume
        if (where / checkpoint.NAME).exists():
            learning.resume(checkpoint.SafetensorsCheckpointIO().load_checkpoint(where / checkpoint.NAME))
    score = None
    try:
        _follow(learning, asked.training.epochs, where, console)
        score = learning.score()
    except KeyboardInterrupt:
        _keep(learning, where)
    model_file.save(
        where / model_file.NAME, learning.model(), {} if score is None else score.to_dict(), origin(where)
    )
    return model_file.load(where), data, where, score


def _follow(learning: Learning, epochs: int, where: Path, console: Console) -> None:
    """Learn to the end, with a bar on terminals and a line and a checkpoint after every pass."""
    unit = learning.model().unit
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=12), TextColumn("{task.fields[speed]}"))
    pace = Pace()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        shown = bar.add_task("learning", total=1.0, speed="")
        for passed in learning.run():
            pace.add(passed.symbols)
            speed = f"{pace.speed / 1000:,.0f} k words/s"
            epoch = f"epoch {learning.epochs_done:.1f}/{epochs}"
            bar.update(shown, completed=passed.share, description=epoch, speed=speed)
            if passed.ends_epoch:
                _keep(learning, where)
                (loss,) = learning.score().to_dict().values()
                console.print(f"{epoch}   {loss:.4f} nats per {unit}   {speed}   {pace.seconds:,.0f} s")
                pace.go()


def _keep(learning: Learning, where: Path) -> None:
    checkpoint.SafetensorsCheckpointIO().save_checkpoint(learning.state(), where / checkpoint.NAME)
