"""`elman train [names|language] [DATA]`: train a model and say what it has become."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import tyro
from tyro.conf import OmitArgPrefixes, Positional

from elman.core.errors import InputError
from elman.tasks import TASKS, Task, find
from elman.training.config import DEFAULTS, TrainConfig
from elman.training.record import RunRecord, read_record

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


def main(argv: Sequence[str]) -> int:
    """Train; returns the exit status."""
    task, rest = _task(argv)
    arguments = _parse(task, rest, _Arguments(task.config(), DEFAULTS[task.name]))
    if arguments.resume is not None:
        recorded, _ = read_record(arguments.resume)
        # Options that are not given are those of the run.
        default = _Arguments(recorded.config, recorded.training, recorded.data)
        arguments = _parse(find(recorded.task), rest, default)
        task = task if len(rest) < len(argv) else find(recorded.task)
    asked = RunRecord(task.name, task.data_file(arguments.data), arguments.model, arguments.training)
    # Before anything slow is imported.
    asked.validate()

    from elman.training.progress import terminal
    from elman.training.run import execute

    outcome = execute(asked, arguments.out, arguments.resume, terminal())
    print("\n".join(_report(task, outcome, asked.training.seed)))
    return 0 if outcome.score else _INTERRUPTED


def _task(argv: Sequence[str]) -> tuple[Task, list[str]]:
    """The task that comes first, names if none does, and the other arguments."""
    if not argv or argv[0].startswith("-"):
        return find("names"), list(argv)
    if argv[0] not in TASKS and Path(argv[0]).exists():
        raise InputError(f"what is {argv[0]}? Say {' or '.join(f'elman train {t} {argv[0]}' for t in TASKS)}")
    return find(argv[0]), list(argv[1:])


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
