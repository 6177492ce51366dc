"""The log of a run: tables in its folder that grow as training goes, and reading them back.

log.csv has a row a validation (`training/keeping.py`), steps.csv a row for some of the steps, probes.csv a
row for each figure of a probe. Losses are in nats per symbol.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from elman.core.errors import InputError
from elman.data.files import write_atomically

VALIDATIONS, STEPS, PROBES = "log.csv", "steps.csv", "probes.csv"
STEP_COLUMNS = ("step", "seconds", "loss", "learning_rate", "gradient_norm", "symbols_per_second")
VALIDATION_COLUMNS = ("step", "epoch", "seconds", "learning_rate", "train_loss", "val_loss")
PROBE_COLUMNS = ("step", "layer", "what", "k", "value")
_RECORD = "config.yaml"
_PER_OCTAVE = 512

Columns = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Probe:
    """One figure of a probe; k: steps back in time, None where the figure has none."""

    step: int
    layer: int
    what: str
    k: int | None
    value: float


@dataclass(frozen=True)
class Log:
    """What a run has written: steps and validations by column, probes, and the options of the run."""

    steps: Columns
    validations: Columns
    probes: Sequence[Probe] = ()
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Table:
    """A CSV file with its steps in the first column, to which rows are appended; each is written at once.

    Rows of steps after `step`, and one that a crash has cut short, are dropped when the table is opened.
    Raises InputError when the file cannot be written.
    """

    def __init__(self, path: Path, columns: Sequence[str], step: int) -> None:
        kept = [row for row in _rows(path, len(columns)) if float(row[0]) <= step] if path.exists() else []
        lines = [",".join(row) for row in ([*columns], *kept)]
        write_atomically(path, "".join(f"{line}\n" for line in lines).encode())
        self._path = path
        self._file = path.open("ab", buffering=0)

    def __enter__(self) -> "Table":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def add(self, *rows: Sequence[float | int | str | None]) -> None:
        """Append rows; None is an empty cell."""
        text = "".join(",".join(_cell(value) for value in row) + "\n" for row in rows)
        try:
            self._file.write(text.encode())
        except OSError as error:
            raise InputError(f"{self._path}: cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Write no more."""
        self._file.close()


def is_logged(step: int) -> bool:
    """Whether a step has a row in steps.csv: each of the first 1,024, then 512 whenever their number doubles.

    So a run of a million steps has 6,000 rows, and which they are depends on nothing but the step.
    """
    return step % (1 << max(0, (step // _PER_OCTAVE).bit_length() - 1)) == 0


def read_log(folder: Path) -> Log:
    """The log in a run folder; raises InputError where that holds no run, or a file that is no log."""
    return Log(
        steps=_columns(folder / STEPS, STEP_COLUMNS),
        validations=_columns(folder / VALIDATIONS, VALIDATION_COLUMNS),
        probes=tuple(_probe(folder / PROBES, row) for row in _rows(folder / PROBES, len(PROBE_COLUMNS))),
        options=_options(folder),
    )


def _options(folder: Path) -> dict[str, Any]:
    path = folder / _RECORD
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
        return {**content["model"], **content["training"]}
    except FileNotFoundError as error:
        raise InputError(f"{folder}: not a run: it holds no {_RECORD}") from error
    except (OSError, yaml.YAMLError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path}: not the record of a run: {' '.join(str(error).split())}") from error


def _columns(path: Path, wanted: Sequence[str]) -> Columns:
    names = _header(path) if path.exists() else list(wanted)
    missing = [name for name in wanted if name not in names]
    if missing:
        raise InputError(f"{path}: not a log: it lacks {', '.join(missing)}")
    try:
        rows = [[float(cell) for cell in row] for row in _rows(path, len(names))]
    except ValueError as error:
        raise InputError(f"{path}: not a log: {error}") from error
    return dict(zip(names, np.array(rows, dtype=np.float64).reshape(-1, len(names)).T, strict=True))


def _header(path: Path) -> list[str]:
    with _opened(path) as file:
        return next(csv.reader(file), [])


def _rows(path: Path, width: int) -> list[list[str]]:
    """The rows behind the header; the last one is left out where it has no end."""
    if not path.exists():
        return []
    with _opened(path) as file:
        text = file.read()
    rows = list(csv.reader(text[: text.rfind("\n") + 1].splitlines()))[1:]
    for number, row in enumerate(rows, start=2):
        if len(row) != width:
            raise InputError(f"{path}, line {number}: {len(row)} cells, where the log has {width}")
    return rows


def _opened(path: Path) -> Any:
    try:
        return path.open(encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error


def _probe(path: Path, row: Sequence[str]) -> Probe:
    step, layer, what, k, value = row
    try:
        return Probe(int(step), int(layer), what, int(k) if k else None, float(value))
    except ValueError as error:
        raise InputError(f"{path}: not a log of probes: {error}") from error


def _cell(value: float | int | str | None) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
