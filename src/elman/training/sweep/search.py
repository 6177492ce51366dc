"""A whole sweep: its trials, and at the end their table, a picture, and the settings of the best."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console

from elman.core.errors import InputError
from elman.data.files import write_atomically
from elman.data.source import STANDARD_INPUT
from elman.tasks import find
from elman.tasks.options import require_integer
from elman.training.record import RunRecord, read_record
from elman.training.sweep import record
from elman.training.sweep import space as spaces
from elman.training.sweep.picture import draw

PICTURE = "sweep.png"
_MOST = 100_000


@dataclass(frozen=True)
class Trial:
    """One run of a sweep: its options, its loss on the whole validation part in nats per symbol (None where
    it failed, and why), the minutes of its training, and its folder.
    """

    options: Mapping[str, Any]
    loss: float | None
    minutes: float | None
    folder: Path
    failure: str = ""


def sweep(
    task: str,
    data: str | Path | None = None,
    *,
    grid: Mapping[str, Any],
    minutes: float | None = None,
    trials: int | None = None,
    jobs: int = 1,
    out: str | Path | None = None,
    config: str | Path | None = None,
    preset: str | None = None,
    **options: Any,
) -> list[Trial]:
    """Train a model with each combination of some options, and return the trials, the best first.

    grid: values by option, `{"cell": ["lstm", "gru"], "learning_rate": "0.001..0.01"}`; a range is searched
    by TPE (Bergstra et al. 2011). minutes: for each trial. The other options are those of all trials, as for
    `train`. The same call goes on with a sweep that was stopped. Raises InputError before any work.
    """
    asked = RunRecord.asked(task, data, options, config, preset)
    if minutes is not None:
        asked = asked.with_options(None, {"max_minutes": minutes})
    console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    return run(asked, grid, trials, jobs, None if out is None else Path(out), console)[1]


def run(
    asked: RunRecord,
    grid: Mapping[str, Any],
    wanted: int | None,
    jobs: int,
    out: Path | None,
    console: Console,
) -> tuple[Path, list[Trial]]:
    """The folder of a sweep and its trials, the best first; raises what `sweep` does."""
    find(asked.task).require_gradients("a sweep")
    require_integer("jobs", jobs, 1, _MOST)
    if wanted is not None:
        require_integer("trials", wanted, 1, _MOST)
    if asked.source == STANDARD_INPUT:
        raise InputError("a sweep reads its text anew for every trial: give a file, not standard input")
    asked.validate()
    space = spaces.read(grid, asked)
    if find_spec("optuna") is None:
        raise InputError("a sweep needs Optuna: pip install 'elman[sweep]'")

    from elman.training.sweep.jobs import Jobs, minutes
    from elman.training.sweep.trials import Trials

    where = record.claim(asked, space, out)
    trials = Trials(where, space, wanted, asked.training.seed)
    Jobs(asked, trials, jobs, console).run()
    told = trials.told()
    found = [Trial(one.options, one.loss, minutes(one.folder), one.folder, one.failure) for one in told]
    found.sort(key=lambda trial: math.inf if trial.loss is None else trial.loss)
    if found[0].loss is not None:
        write_atomically(where / PICTURE, draw(told, space))
        record.write_best(where, asked, read_record(found[0].folder).settings)
    return where, found
