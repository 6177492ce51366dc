"""`elman train [TASK] [DATA]`: train a model and say what it has become."""

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import tyro
from tyro.conf import OmitArgPrefixes, Positional

from elman.core.errors import InputError
from elman.tasks import TASKS, Task, find
from elman.training.record import RunRecord, preset, read_record, task_of

Config = TypeVar("Config")
Training = TypeVar("Training")
_INTERRUPTED = 130


@dataclass(frozen=True)
class _Arguments(Generic[Config, Training]):
    model: OmitArgPrefixes[Config]
    training: OmitArgPrefixes[Training]
    data: Positional[Annotated[Path | None, tyro.conf.arg(metavar="[DATA]", help_behavior_hint="")]] = None
    """What to learn from, UTF-8 text; names have a list of dinosaurs built in."""
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
    find_lr: bool = False
    """Train nothing: raise the learning rate step by step, and suggest one."""


def main(argv: Sequence[str]) -> int:
    """Train; returns the exit status."""
    named, rest = named_task(argv, "train")
    asked = from_files(named, rest)
    # Options that are not given are those of the files, or of the run.
    arguments = _parse(find(asked.task), rest, _Arguments(asked.config, asked.training, asked.data))
    name = asked.task if named is None else named
    asked = RunRecord(name, arguments.data, arguments.model, arguments.training)
    # Before anything slow is imported.
    asked.validate()
    asked.source  # noqa: B018
    if arguments.find_lr:
        return _find_lr(argv, asked, arguments)

    from elman.training.distributed import rank
    from elman.training.progress import terminal
    from elman.training.run import execute

    outcome = execute(asked, arguments.out, arguments.resume, terminal(), arguments.anyway)
    if rank() == 0:
        print("\n".join(_report(find(name), outcome, asked.training.seed)))
    return 0 if outcome.score else _INTERRUPTED


def named_task(argv: Sequence[str], command: str) -> tuple[str | None, list[str]]:
    """The task that comes first, if one does, and the other arguments."""
    if not argv or argv[0].startswith("-"):
        return None, list(argv)
    if argv[0] not in TASKS and Path(argv[0]).exists():
        said = " or ".join(f"elman {command} {task} {argv[0]}" for task in TASKS)
        raise InputError(f"what is {argv[0]}? Say {said}")
    return find(argv[0]).name, list(argv[1:])


def from_files(named: str | None, argv: list[str]) -> RunRecord:
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


def _parse(task: Task, argv: list[str], default: _Arguments[Any, Any]) -> _Arguments[Any, Any]:
    description = f"Train a model to {task.title}.\n\nTasks: elman train {'|'.join(TASKS)} [DATA]"
    return tyro.cli(
        _Arguments[task.config, type(default.training)],
        args=argv,
        prog=f"elman train {task.name}",
        description=description,
        default=default,
        config=(tyro.conf.DisallowNone,),
    )


def _find_lr(argv: Sequence[str], asked: RunRecord, arguments: _Arguments[Any, Any]) -> int:
    if arguments.resume is not None:
        raise InputError("a run to resume has its learning rate: give --find-lr or --resume, not both")

    from elman.training.find_lr import search
    from elman.training.progress import terminal

    found = search(asked, arguments.out, terminal())
    rate = f"{found.suggestion:.2g}"
    print(
        f"learning rate: {rate}, the middle of the rates at which the loss falls, to "
        f"{found.smoothed.min():.4f} nats at best\n"
    )
    command = ["elman", "train", *_without(argv, "--learning-rate"), "--learning-rate", rate]
    if arguments.out is None:
        command += ["--out", str(found.folder)]
    print(f"picture: {found.picture}\nnext:    {shlex.join(command)}")
    return 0


def _without(argv: Sequence[str], option: str) -> list[str]:
    """The arguments without --find-lr, and without an option and its value."""
    kept: list[str] = []
    given = iter(argv)
    for argument in given:
        name, equals, _ = argument.replace("_", "-").partition("=")
        if name == option and not equals:
            next(given)
        elif name not in (option, "--find-lr"):
            kept.append(argument)
    return kept


def _report(task: Task, outcome: Any, seed: int) -> list[str]:
    lines = [""]
    if outcome.score is None:
        lines += ["Interrupted; the best model so far is kept."]
    else:
        lines += [
            f"validation: {outcome.score.describe()}",
            "",
            task.predict.demonstrate(outcome.model, outcome.data, seed),
        ]
    lines += ["", f"model: {outcome.folder / 'model.safetensors'}"]
    if outcome.score is None:
        lines += [f"go on: elman train --resume {outcome.folder}"]
    return [*lines, f"next:  elman {task.asked_by} {outcome.folder}"]
