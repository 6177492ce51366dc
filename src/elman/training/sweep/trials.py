"""The trials of a sweep, in a journal of Optuna's that several processes and later starts share.

A trial is being run as long as the lock in its folder is held. One that nobody holds any more was killed, and
is run again: on from its checkpoint, in its folder.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from elman.training.sweep.locks import locked, taken
from elman.training.sweep.space import Choices, Range, Space, combinations

_JOURNAL, _LOCK, _STUDY = "trials.journal", "lock", "sweep"
_TRIALS = 20
_AGAIN, _CONTINUES, _FOLDER, _FAILURE = "again", "continues", "folder", "failure"
_MOST_AGAIN = 3


@dataclass(frozen=True)
class Claimed:
    """A trial to run, its folder, and the descriptor that holds its lock."""

    trial: optuna.Trial
    folder: Path
    lock: int


@dataclass(frozen=True)
class Told:
    """What is known of a trial; loss is None while it runs, and where it failed."""

    options: Mapping[str, Any]
    folder: Path
    loss: float | None
    failure: str


class Trials:
    """Those of a folder; wanted: how many there are to be, of a grid all if None.

    A grid is put in the journal as a whole, and trials are taken from there: samplers of grids give several
    processes the same point.
    """

    def __init__(self, folder: Path, space: Space, wanted: int | None, seed: int) -> None:
        self._folder = folder
        self._space = space
        self._seed = seed
        self._wanted = _TRIALS if wanted is None else wanted
        self._is_grid = all(isinstance(values, Choices) for values in space.values())
        with self._alone():
            storage = JournalStorage(JournalFileBackend(str(folder / _JOURNAL)))
            self._study = optuna.create_study(storage=storage, study_name=_STUDY, load_if_exists=True)
            if self._is_grid:
                for point in _points(space, wanted, seed):
                    self._study.enqueue_trial(point, skip_if_exists=True)

    def claim(self) -> Claimed | None:
        """The next trial to run; None where none is left, or others run the last."""
        with self._alone():
            self._revive()
            trials = self._study.get_trials(deepcopy=False)
            live = [trial for trial in trials if not _was_killed(trial)]
            if not any(trial.state == TrialState.WAITING for trial in live):
                if self._is_grid or len(live) >= self._wanted:
                    return None
                # Else every start would draw the same numbers.
                self._study.sampler = optuna.samplers.TPESampler(seed=self._seed + len(trials))
            trial = self._study.ask({name: _distribution(values) for name, values in self._space.items()})
            folder = self._folder_of(trial)
            folder.mkdir(exist_ok=True)
            lock = taken(folder / _LOCK)
            assert lock is not None, folder
            return Claimed(trial, folder, lock)

    def finish(self, claimed: Claimed, loss: float) -> None:
        """Write down the validation loss of a trial."""
        with self._alone():
            self._study.tell(claimed.trial, loss)

    def fail(self, claimed: Claimed, why: str) -> None:
        """Write down why a trial has no loss."""
        with self._alone():
            self._fail(claimed.trial, why)

    def told(self) -> list[Told]:
        """All trials that were begun, in their order."""
        with self._alone():
            return [
                Told(
                    trial.params,
                    self._folder_of(trial),
                    trial.value if trial.state == TrialState.COMPLETE else None,
                    str(trial.user_attrs.get(_FAILURE, "")),
                )
                for trial in self._study.get_trials(deepcopy=False)
                if trial.state != TrialState.WAITING and not _was_killed(trial)
            ]

    @property
    def are_over(self) -> bool:
        """Whether no trial is being run, here or elsewhere."""
        with self._alone():
            return all(trial.state.is_finished() for trial in self._study.get_trials(deepcopy=False))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Alone with the journal, which is whole: a line that a crash has cut short is taken away."""
        level = optuna.logging.get_verbosity()
        with locked(self._folder / _LOCK):
            optuna.logging.set_verbosity(optuna.logging.WARNING)
            _mend(self._folder / _JOURNAL)
            try:
                yield
            finally:
                optuna.logging.set_verbosity(level)

    def _revive(self) -> None:
        """Put the trials that were killed back in line."""
        trials = self._study.get_trials(deepcopy=False)
        for trial in trials:
            if trial.state == TrialState.RUNNING and self._is_dead(trial):
                if trial.user_attrs.get(_AGAIN, 0) == _MOST_AGAIN:
                    why = f"it was killed {_MOST_AGAIN + 1} times"
                    self._fail(optuna.Trial(self._study, trial._trial_id), why)
                else:
                    self._study.tell(trial.number, state=TrialState.FAIL)
        trials = self._study.get_trials(deepcopy=False)
        revived = {trial.user_attrs.get(_CONTINUES) for trial in trials}
        for trial in trials:
            if _was_killed(trial) and trial.number not in revived:
                attributes = {
                    _CONTINUES: trial.number,
                    _AGAIN: trial.user_attrs.get(_AGAIN, 0) + 1,
                    _FOLDER: self._folder_of(trial).name,
                }
                options = trial.system_attrs.get("fixed_params", trial.params)
                self._study.enqueue_trial(options, user_attrs=attributes)

    def _is_dead(self, trial: FrozenTrial) -> bool:
        folder = self._folder_of(trial)
        folder.mkdir(exist_ok=True)
        lock = taken(folder / _LOCK)
        if lock is not None:
            os.close(lock)
        return lock is not None

    def _fail(self, trial: optuna.Trial, why: str) -> None:
        trial.set_user_attr(_FAILURE, why)
        self._study.tell(trial, state=TrialState.FAIL)

    def _folder_of(self, trial: FrozenTrial | optuna.Trial) -> Path:
        return self._folder / trial.user_attrs.get(_FOLDER, f"trial-{trial.number + 1:03}")


def _was_killed(trial: FrozenTrial) -> bool:
    return trial.state == TrialState.FAIL and _FAILURE not in trial.user_attrs


def _points(space: Space, wanted: int | None, seed: int) -> list[dict[str, Any]]:
    """The points of a grid in their order; some of them, where fewer are wanted, by chance."""
    points = combinations({name: values.ends for name, values in space.items()})
    if wanted is not None and wanted < len(points):
        random.Random(seed).shuffle(points)
    return points[:wanted]


def _distribution(values: Choices | Range) -> optuna.distributions.BaseDistribution:
    if isinstance(values, Choices):
        return CategoricalDistribution(values.values)
    if isinstance(values.low, int) and isinstance(values.high, int):
        return IntDistribution(values.low, values.high, log=values.is_logarithmic)
    return FloatDistribution(values.low, values.high, log=values.is_logarithmic)


def _mend(journal: Path) -> None:
    """Take away what a process that was killed left behind; others wait for the lock."""
    if journal.exists():
        content = journal.read_bytes()
        if not content.endswith(b"\n"):
            os.truncate(journal, content.rfind(b"\n") + 1)
        Path(f"{journal}.lock").unlink(missing_ok=True)
