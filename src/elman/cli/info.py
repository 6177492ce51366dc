"""`elman info FILE`: what a model file holds."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import tyro
from tyro.conf import Positional


@dataclass(frozen=True)
class _Arguments:
    file: Positional[Path]
    """A model file, or the folder of a run."""


def main(argv: Sequence[str]) -> int:
    """Show what is in a model file; returns the exit status."""
    given = tyro.cli(_Arguments, args=list(argv), prog="elman info", description="What a model file holds.")

    from elman.tasks.model_file import inspect

    model, record = inspect(given.file)
    data = record.get("data") or {}
    rows = [
        ("task", model.task),
        ("vocabulary", model.vocabulary.describe()),
        ("parameters", f"{sum(weight.numel() for weight in model.parameters()):,}"),
        ("data", data.get("name", "not recorded")),
        ("sha256", data.get("sha256", "not recorded")),
        ("date", record.get("date")),
        *((f"made with {name}", version) for name, version in record.get("versions", {}).items()),
        *((name, f"{value:.6g}") for name, value in record.get("metrics", {}).items()),
        *asdict(model.config).items(),
    ]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:{width}}  {value}")
    return 0
