"""The record of a run, config.yaml: all that determines its result, in the form that `--config` takes.

```yaml
task: language
data: plays.txt
model: {hidden_size: 512, layers: 1}
training: {learning_rate: 0.004, epochs: 10}
```

What a file leaves out is as without it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from elman import __version__
from elman.core.errors import InputError
from elman.data.files import write_atomically
from elman.data.source import Origin, located
from elman.data.text import fingerprint, read_text
from elman.tasks import find
from elman.tasks.options import nearest, option_names, require_known, updated
from elman.training.config import TrainConfig

NAME = "config.yaml"
_SECTIONS = ("task", "data", "model", "training")
_WRITTEN = (*_SECTIONS, "elman", "sha256")


@dataclass(frozen=True)
class RunRecord:
    """A task, its data (None before any is given) and its options."""

    task: str
    data: Path | None
    config: Any
    training: Any

    @classmethod
    def of(cls, task: str) -> "RunRecord":
        """A task as it is without any option."""
        training = find(task).training_config or TrainConfig
        return cls(task, None, find(task).config(), training(**find(task).training))

    @classmethod
    def asked(
        cls,
        task: str,
        data: str | Path | None,
        options: Mapping[str, Any],
        config: str | Path | None = None,
        preset_name: str | None = None,
    ) -> "RunRecord":
        """A task with options, which go before those of a YAML file, config, and these before a preset's.

        Raises InputError, with the nearest name, for one that is not known.
        """
        record = cls.of(task)
        for path in (None if preset_name is None else preset(preset_name), config):
            record = record if path is None else record.with_file(Path(path))
        return record.with_options(data, options)

    @property
    def source(self) -> Path:
        """The data, or the task's own; raises InputError where it has none and none is given."""
        return find(self.task).data_file(self.data)

    def with_file(self, path: Path) -> "RunRecord":
        """This, with what a YAML file says; raises InputError for what it may not say."""
        content = _read(path)
        require_known(content, _WRITTEN, f"{path}: ")
        task = content.get("task", self.task)
        if task != self.task:
            raise InputError(f"{path} is for the task {task!r}, not {self.task!r}")
        data = content.get("data")
        if data is not None and not isinstance(data, str):
            raise InputError(f"{path}: data is {data!r}; give the path of a file")
        return replace(
            self,
            data=self.data if data is None else located(data),
            config=updated(self.config, content.get("model"), f"{path}: model."),
            training=updated(self.training, content.get("training"), f"{path}: training."),
        )

    def with_options(self, data: str | Path | None, options: Mapping[str, Any]) -> "RunRecord":
        """This, with some options by name and other data, where given; raises InputError for other names."""
        require_known(options, option_names(type(self.config), type(self.training)))
        return replace(
            self,
            data=self.data if data is None else located(data),
            config=_replaced(self.config, options),
            training=_replaced(self.training, options),
        )

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the data, and of the file that validates where there is one."""
        files = [self.source, *(Path(file) for file in self.config.other_files)]
        return " ".join(fingerprint(file) for file in files)

    def validate(self) -> None:
        """Raise InputError for an option that cannot work."""
        self.config.validate()
        self.training.validate()

    def write(self, folder: Path) -> None:
        """Write the record, with the SHA-256 of the data, into a folder."""
        content = {
            "elman": __version__,
            "task": self.task,
            "data": str(self.source),
            "sha256": self.fingerprint,
            "model": asdict(self.config),
            "training": asdict(self.training),
        }
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
        write_atomically(folder / NAME, text.encode())


def preset(name: str) -> Path:
    """The file of settings that elman ships under a name; raises InputError, with the nearest, if none."""
    folder = Path(str(files("elman.training").joinpath("presets")))
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    if name not in known:
        raise InputError(
            f"unknown preset {name!r}; did you mean {nearest(name, known)!r}? Presets: {', '.join(known)}"
        )
    return folder / f"{name}.yaml"


def task_of(path: Path) -> str | None:
    """The task that a file of settings is for, None where it does not say."""
    task = _read(path).get("task")
    return None if task is None else find(str(task)).name


@dataclass(frozen=True)
class Recorded:
    """What the folder of a run says of it: the settings, the SHA-256 of the data, the version of elman."""

    settings: RunRecord
    sha256: str
    version: str


def read_record(folder: Path) -> Recorded:
    """The record in a run folder; raises InputError if there is none."""
    path = folder / NAME
    if not path.is_file():
        raise InputError(f"{folder}: not a run: it holds no {NAME}")
    content = _read(path)
    missing = [name for name in _WRITTEN if name not in content]
    if missing:
        raise InputError(f"{path}: not the record of a run: it lacks {', '.join(missing)}")
    record = RunRecord.of(find(str(content["task"])).name).with_file(path)
    record.validate()
    return Recorded(record, str(content["sha256"]), str(content["elman"]))


def origin(folder: Path) -> Origin:
    """What a run folder says that its model is trained on; raises InputError if it holds no record."""
    recorded = read_record(folder)
    return Origin(recorded.settings.source.name, recorded.sha256)


def require_same(folder: Path, asked: RunRecord) -> None:
    """Raise InputError, saying what differs, unless a run can go on to the result it would have had."""
    recorded = read_record(folder)
    before, now = (
        {"task": run.task, **asdict(run.config), **asdict(run.training)} for run in (recorded.settings, asked)
    )
    differences = [
        f"{name} was {before.get(name)!r} and is now {now.get(name)!r}"
        for name in before.keys() | now.keys()
        if before.get(name) != now.get(name)
    ]
    if recorded.version != __version__:
        differences.append(f"elman was {recorded.version} and is now {__version__}")
    if asked.fingerprint != recorded.sha256:
        differences.append(f"{asked.source} is not the file that it was")
    if differences:
        raise InputError(
            f"{folder} cannot be resumed to the result it would have had: {'; '.join(sorted(differences))}; "
            "--anyway goes on with what is asked for now"
        )


def _replaced(configuration: Any, options: Mapping[str, Any]) -> Any:
    """A configuration with those of the options that are its own."""
    own = {field.name for field in fields(configuration)}
    return replace(configuration, **{name: value for name, value in options.items() if name in own})


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise InputError(f"{path}: nested too deeply") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: must say what {', '.join(_SECTIONS)} are, one a line")
    return content
