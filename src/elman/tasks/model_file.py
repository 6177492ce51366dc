"""The model file: weights as safetensors, and what they mean as JSON in its metadata.

Everything in the file is checked before memory is taken for the model, and nothing in it is executed: the
shapes that the header declares must be those that the configuration calls for.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from elman import __version__
from elman.core.errors import InputError
from elman.data.files import write_atomically
from elman.data.source import Origin
from elman.tasks import Task, find
from elman.tasks.options import from_record
from elman.tasks.parts import TaskModel

NAME = "model.safetensors"
FORMAT = 1
_KEY = "elman"
_LARGEST_HEADER = 100_000_000
_LENGTH_BYTES = 8


def save(path: Path, model: TaskModel, metrics: dict[str, float], origin: Origin | None = None) -> None:
    """Write a model file in one step; raises InputError, and leaves the old file, when that fails."""
    record = {
        "format": FORMAT,
        "task": model.task,
        "config": asdict(model.config),
        "vocabulary": model.vocabulary.to_dict(),
        "versions": {"elman": __version__, "torch": torch.__version__},
        "metrics": metrics,
        "data": None if origin is None else asdict(origin),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    weights = {name: weight.detach().cpu().contiguous() for name, weight in model.state_dict().items()}
    write_atomically(path, safetensors.torch.save(weights, {_KEY: json.dumps(record)}))


def load(path: str | Path) -> Any:
    """The trained model of a model file, or of the run folder that holds one, on the CPU.

    Raises InputError when there is none, and when the file is truncated, of another program or another
    version, or does not fit itself.
    """
    path = _file(path)
    model, _ = _declared(path)
    try:
        weights = safetensors.torch.load_file(path)
    except SafetensorError as error:
        raise InputError(f"{path}: a damaged model file: {error}") from error
    model = type(model)(model.config, model.vocabulary)
    model.load_state_dict(weights)
    return model.eval()


def task_of(path: str | Path) -> Task:
    """The task of a model file, or of the run folder that holds one; raises InputError as `load` does."""
    path = _file(path)
    return find(_text(_record(path, _read_header(path)), "task"))


def inspect(path: str | Path) -> tuple[TaskModel, dict[str, Any]]:
    """The model of a file without its weights, and what else the file says of it: versions, metrics, data,
    date. Raises InputError as `load` does.
    """
    return _declared(_file(path))


def _file(path: str | Path) -> Path:
    path = Path(path)
    return path / NAME if path.is_dir() else path


def _declared(path: Path) -> tuple[TaskModel, dict[str, Any]]:
    """The model that a header declares, holding no memory, and its record."""
    header = _read_header(path)
    record = _record(path, header)
    try:
        task = find(_text(record, "task"))
        config = from_record(task.config, record.get("config"))
        vocabulary = task.model.vocabulary_class.from_dict(record.get("vocabulary"))
        with torch.device("meta"), _Undrawn():
            model = task.model(config, vocabulary)
        _require_shapes(model, header)
    except InputError as error:
        raise InputError(f"{path}: a damaged model file: {error}") from error
    return model, record


class _Undrawn(TorchFunctionMode):
    """Draws no first weights: there are none on "meta", where torch would load its compiler to draw them."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__module__", None) == nn.init.__name__:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


def _read_header(path: Path) -> dict[str, Any]:
    """The JSON at the start of a safetensors file: https://huggingface.co/docs/safetensors."""
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(_LENGTH_BYTES), "little")
            content = file.read(size) if size <= _LARGEST_HEADER else b""
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; give a model file or the folder of a run") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if size > _LARGEST_HEADER:
        raise InputError(f"{path}: not a model file: it declares a header of {size:,} bytes")
    if len(content) < size or not size:
        raise InputError(f"{path}: truncated: the header ends after {len(content):,} of {size:,} bytes")
    return _json_object(path, content)


def _record(path: Path, header: dict[str, Any]) -> dict[str, Any]:
    """What elman wrote about the weights."""
    metadata = header.get("__metadata__")
    if not isinstance(metadata, dict) or not isinstance(metadata.get(_KEY), str):
        raise InputError(f"{path}: a safetensors file of another program: its metadata lacks {_KEY!r}")
    record = _json_object(path, metadata[_KEY])
    if record.get("format") != FORMAT:
        raise InputError(
            f"{path}: model file format {record.get('format')!r}; elman {__version__} reads format {FORMAT}"
        )
    return record


def _json_object(path: Path, content: str | bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    # A number of thousands of digits is a ValueError, brackets nested by thousands a RecursionError.
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not a model file: its header is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InputError(f"{path}: not a model file: its header is not a JSON object")
    return cast(dict[str, Any], value)


def _text(record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    if not isinstance(value, str):
        raise InputError(f"{key} is {value!r}; it must be a text")
    return value


def _require_shapes(model: nn.Module, header: dict[str, Any]) -> None:
    """Raise InputError unless the header declares the tensors of a model, which holds no memory."""
    expected = {name: _declaration(weight) for name, weight in model.state_dict().items()}
    declared = {
        name: (entry.get("dtype"), entry.get("shape")) if isinstance(entry, dict) else (None, None)
        for name, entry in header.items()
        if name != "__metadata__"
    }
    for name in sorted(expected.keys() | declared.keys()):
        if expected.get(name) != declared.get(name):
            raise InputError(
                f"tensor {name!r} is {_described(declared.get(name))} in the file and "
                f"{_described(expected.get(name))} by its configuration"
            )


def _declaration(weight: Tensor) -> tuple[str, list[int]]:
    return f"F{torch.finfo(weight.dtype).bits}", list(weight.shape)


def _described(declaration: tuple[Any, Any] | None) -> str:
    return "missing" if declaration is None else f"{declaration[0]} {declaration[1]}"
