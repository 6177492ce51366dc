"""`elman sweep [names|language] [DATA] --grid NAME=VALUES …`: train with many settings, and compare."""

import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Generic, TypeVar

import tyro
from rich.console import Console
from rich.table import Table
from tyro.conf import OmitArgPrefixes, Positional

from elman.cli.train import from_files, named_task
from elman.tasks import TASKS, find
from elman.training.config import TrainConfig
from elman.training.record import RunRecord

Config = TypeVar("Config")
_FAILED = 1
_FILE_WIDTH = 160


@dataclass(frozen=True)
class _Arguments(Generic[Config]):
    model: OmitArgPrefixes[Config]
    training: OmitArgPrefixes[TrainConfig]
    grid: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME=VALUES …")]
    """Options to vary: cell=lstm,gru takes each value, learning_rate=0.001..0.01 searches a range."""
    data: Positional[Annotated[Path | None, tyro.conf.arg(metavar="[DATA]", help_behavior_hint="")]] = None
    """The file to learn from, UTF-8 text; names have a list of dinosaurs built in."""
    minutes: float | None = None
    """Minutes that each trial trains, at most."""
    trials: Annotated[int | None, tyro.conf.arg(metavar="N", help_behavior_hint="")] = None
    """How many trials; by itself all points of a grid, and 20 where there is a range."""
    jobs: int = 1
    """Trials at the same time, which share the cores."""
    out: Path | None = None
    """Folder for the sweep; one in runs/ if not given. The same command goes on with what is there."""
    config: Path | None = None
    """YAML file of settings for all trials; options given here go before it."""
    preset: str | None = None
    """Name of settings that elman ships; those of a file and options go before it."""


def main(argv: Sequence[str]) -> int:
    """Sweep; returns the exit status, 1 where no trial has a loss."""
    named, rest = named_task(argv, "sweep")
    asked = from_files(named, rest)
    task = find(asked.task if named is None else named)
    task.require_gradients("a sweep")
    given = tyro.cli(
        _Arguments[task.config],
        args=rest,
        prog=f"elman sweep {task.name}",
        description=f"Train with many settings, and compare.\n\nTasks: elman sweep {'|'.join(TASKS)} [DATA]",
        default=_Arguments(asked.config, asked.training, tyro.MISSING, asked.data),
        config=(tyro.conf.DisallowNone,),
    )
    training = given.training
    if given.minutes is not None:
        training = replace(training, max_minutes=given.minutes)
    asked = RunRecord(task.name, given.data, given.model, training)

    from elman.training.sweep import record, search, space

    progress = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    where, trials = search.run(
        asked, space.grid_of(given.grid), given.trials, given.jobs, given.out, progress
    )
    table = Table("validation", "perplexity", *trials[0].options, "minutes", "folder")
    for trial in trials:
        score = ("failed", "") if trial.loss is None else (f"{trial.loss:.4f}", f"{math.exp(trial.loss):.3f}")
        minutes = "" if trial.minutes is None else f"{trial.minutes:.1f}"
        table.add_row(*score, *map(space.shown, trial.options.values()), minutes, str(trial.folder))
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = _FILE_WIDTH
    console.print(table)
    if trials[0].loss is None:
        print(f"no trial has a loss; the first says: {trials[0].failure}")
        return _FAILED
    print(f"picture: {where / search.PICTURE}")
    print(f"next:    {shlex.join(['elman', 'train', '--config', str(where / record.BEST)])}")
    return 0
