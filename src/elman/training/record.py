"""The record of a run, config.json: all that determines its result."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from elman import __version__
from elman.core.errors import InputError
from elman.data.files import write_atomically
from elman.data.text import fingerprint, read_text
from elman.tasks import find
from elman.tasks.options import from_record
from elman.training.config import TrainConfig

NAME = "config.json"


@dataclass(frozen=True)
class RunRecord:
    """A task, its data and its options."""

    task: str
    data: Path
    config: Any
    training: TrainConfig

    def validate(self) -> None:
        """Raise InputError for an option that cannot work."""
        self.config.validate()
        self.training.validate()

    def write(self, folder: Path) -> None:
        """Write the record, with the SHA-256 of the data, into a folder."""
        content = {
            "elman": __version__,
            "task": self.task,
            "data": str(self.data),
            "sha256": fingerprint(self.data),
            "config": asdict(self.config),
            "training": asdict(self.training),
        }
        write_atomically(folder / NAME, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())


def read_record(folder: Path) -> tuple[RunRecord, str]:
    """The record in a run folder, and the SHA-256 that the data had; raises InputError if there is none."""
    path = folder / NAME
    if not path.is_file():
        raise InputError(f"{folder}: not a run: it holds no {NAME}")
    try:
        content = json.loads(read_text(path))
        task = find(str(content["task"]))
        data, sha256 = Path(str(content["data"])), str(content["sha256"])
        config = from_record(task.config, content["config"])
        training = from_record(TrainConfig, content["training"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path}: not the record of a run: {error}") from error
    return RunRecord(task.name, data, config, training), sha256


def require_same(folder: Path, recorded: RunRecord, sha256: str, asked: RunRecord) -> None:
    """Raise InputError, saying what differs, unless a run can go on to the result it would have had."""
    before = {"task": recorded.task, **asdict(recorded.config), **asdict(recorded.training)}
    now = {"task": asked.task, **asdict(asked.config), **asdict(asked.training)}
    differences = [
        f"{name} was {before.get(name)!r} and is now {now.get(name)!r}"
        for name in before.keys() | now.keys()
        if before.get(name) != now.get(name)
    ]
    if fingerprint(asked.data) != sha256:
        differences.append(f"{asked.data} is not the file that it was")
    if differences:
        raise InputError(f"{folder} cannot be resumed: {'; '.join(sorted(differences))}")
