"""The folder of a sweep: what determines the sweep, and in the end the settings of its best trial."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from elman import __version__
from elman.core.errors import InputError
from elman.data.files import write_atomically
from elman.data.text import fingerprint, read_text
from elman.training.record import NAME, RunRecord
from elman.training.sweep.space import Choices, Space

RECORD, BEST = "sweep.yaml", "best.yaml"
_RUNS = Path("runs")


def claim(asked: RunRecord, space: Space, out: Path | None) -> Path:
    """The folder of a sweep: that of the same one, else a new one; raises InputError if it holds another."""
    record = _record(asked, space)
    names = (f"sweep-{asked.task}-{asked.source.stem}" + (f"-{i}" if i > 1 else "") for i in count(1))
    where = out or next(_RUNS / name for name in names if not _differences(_RUNS / name, record))
    if differences := _differences(where, record):
        raise InputError(f"{where} holds another sweep: {'; '.join(differences)}; give another --out")
    if (where / NAME).exists():
        raise InputError(f"{where} holds a run; give another --out")
    try:
        where.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{where}: cannot be made: {error.strerror}") from error
    write_atomically(where / RECORD, yaml.safe_dump(record, sort_keys=False, allow_unicode=True).encode())
    return where


def _record(asked: RunRecord, space: Space) -> dict[str, Any]:
    """All that determines a sweep, as YAML can hold it."""
    return {
        "elman": __version__,
        "task": asked.task,
        "data": str(asked.source),
        "sha256": fingerprint(asked.source),
        "model": asdict(asked.config),
        "training": asdict(asked.training),
        "grid": {
            name: list(values.values) if isinstance(values, Choices) else asdict(values)
            for name, values in space.items()
        },
    }


def _differences(where: Path, now: Mapping[str, Any]) -> list[str]:
    """What the record of a sweep in a folder says differently; nothing if there is none."""
    path = where / RECORD
    if not path.exists():
        return []
    try:
        before = yaml.safe_load(read_text(path))
        then, here = ({**record, **record["model"], **record["training"]} for record in (before, now))
    except (yaml.YAMLError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path}: not the record of a sweep: {' '.join(str(error).split())}") from error
    names = [name for name in {**then, **here} if name not in ("model", "training")]
    return [
        f"{name} was {then.get(name)!r} and is now {here.get(name)!r}"
        for name in names
        if then.get(name) != here.get(name)
    ]


def write_best(where: Path, asked: RunRecord, best: RunRecord) -> None:
    """Write the settings of the best trial, without the limit of time of a trial."""
    best = replace(best, training=replace(best.training, max_minutes=None))
    content = {
        "task": best.task,
        "data": str(asked.source),
        "model": asdict(best.config),
        "training": asdict(best.training),
    }
    write_atomically(where / BEST, yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode())
