"""`elman train [names|language] [DATA]`: train a model and say what it has become."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import tyro
from tyro.conf import OmitArgPrefixes, Positional

from elman.core.errors import InputError
from elman.tasks import TASKS, Task, find
from elman.training.config import TrainConfig
from elman.training.record import RunRecord, preset, read_record, task_of

Config = TypeVar("Config")
_INTERRUPTED = 130


@dataclass(frozen=True)
class _Arguments(Generic[Config]):
    model: OmitArgPrefixes[Config]
    training: OmitArgPrefixes[TrainConfig]
    data: Positional[Annotated[Path | None, tyro.conf.arg(metavar="[DATA]", help_behavior_hint="")]] = None
    """The file to learn from, UTF-8 text; names have a list of dinosaurs built in."""
    out: Path | None = None
    """Folder for the results; a new one in runs/ if not given."""
    resume: Path | None = None
    """Folder of a run to continue, with the options that it has."""
    anyway: bool = False
    """Resume with the settings, data and version of now, which may differ from those of the run."""
    config: Path | None = None
    """YAML file of settings, such as the config.yaml of a run; options given here go before it."""
    preset: str | None = None
    """Name of settings that elman ships; those of a file and options go before it."""


def main(argv: Sequence[str]) -> int:
    """Train; returns the exit status."""
    named, rest = _task(argv)
    asked = _files(named, rest)
    # Options that are not given are those of the files, or of the run.
    arguments = _parse(find(asked.task), rest, _Arguments(asked.config, asked.training, asked.data))
    name = asked.task if named is None else named
    asked = RunRecord(name, arguments.data, arguments.model, arguments.training)
    # Before anything slow is imported.
    asked.validate()
    asked.source  # noqa: B018

    from elman.training.distributed import rank
    from elman.training.progress import terminal
    from elman.training.run import execute

    outcome = execute(asked, arguments.out, arguments.resume, terminal(), arguments.anyway)
    if rank() == 0:
        print("\n".join(_report(find(name), outcome, asked.training.seed)))
    return 0 if outcome.score else _INTERRUPTED


def _task(argv: Sequence[str]) -> tuple[str | None, list[str]]:
    """The task that comes first, if one does, and the other arguments."""
    if not argv or argv[0].startswith("-"):
        return None, list(argv)
    if argv[0] not in TASKS and Path(argv[0]).exists():
        raise InputError(f"what is {argv[0]}? Say {' or '.join(f'elman train {t} {argv[0]}' for t in TASKS)}")
    return find(argv[0]).name, list(argv[1:])


def _files(named: str | None, argv: list[str]) -> RunRecord:
    """What the run to resume, or the preset and the file of settings, say; else the task as it is."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for option in ("--resume", "--preset", "--config"):
        parser.add_argument(option, type=Path if option != "--preset" else preset)
    given, _ = parser.parse_known_args(argv)
    if given.resume is not None:
        return read_record(given.resume).settings
    files = [path for path in (given.preset, given.config) if path is not None]
    tasks = [named, *(task_of(path) for path in files)]
    asked = RunRecord.of(next((task for task in tasks if task is not None), "names"))
    for path in files:
        asked = asked.with_file(path)
    return asked


def _parse(task: Task, argv: list[str], default: _Arguments[Any]) -> _Arguments[Any]:
    description = f"Train a model to {task.title}.\n\nTasks: elman train {'|'.join(TASKS)} [DATA]"
    return tyro.cli(
        _Arguments[task.config],
        args=argv,
        prog=f"elman train {task.name}",
        description=description,
        default=default,
        config=(tyro.conf.DisallowNone,),
    )


def _report(task: Task, outcome: Any, seed: int) -> list[str]:
    lines = [""]
    if outcome.score is None:
        lines += ["Interrupted; the best model so far is kept."]
    else:
        score = outcome.score
        lines += [
            f"validation: {score.nats_per_symbol:.4f} nats = {score.bits_per_symbol:.4f} bits per character, "
            f"perplexity {score.perplexity:.3f} ({score.symbols:,} symbols)",
            "",
            task.predict.demonstrate(outcome.model, outcome.data, seed),
        ]
    lines += ["", f"model: {outcome.folder / 'model.safetensors'}"]
    if outcome.score is None:
        lines += [f"go on: elman train --resume {outcome.folder}"]
    return [*lines, f"next:  elman sample {outcome.folder}"]
