"""`elman evaluate RUN DATA`: how good a trained model is on data that it has not seen."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro
from tyro.conf import Positional

from elman.data.source import located


@dataclass(frozen=True)
class _Arguments:
    run: Positional[Path]
    """Folder of a run, or a model file."""
    data: Positional[Path]
    """Data of the form that its task trains on; - is standard input."""
    json: bool = False
    """Whether to write the figures as JSON."""


def main(argv: Sequence[str]) -> int:
    """Evaluate; returns the exit status."""
    given = tyro.cli(
        _Arguments, args=list(argv), prog="elman evaluate", description="How good a model is on some data."
    )

    from elman.tasks.model_file import load, task_of

    score = task_of(given.run).predict.evaluate_file(load(given.run), located(given.data))
    print(json.dumps(score.to_dict()) if given.json else score.describe())
    return 0
