"""Checkpoints without pickle: tensors as safetensors, all else as JSON in its metadata."""

import json
from pathlib import Path
from typing import Any

import safetensors.torch
from lightning.fabric.plugins.io.checkpoint_io import CheckpointIO
from safetensors import SafetensorError, safe_open
from torch import Tensor

from elman.core.errors import InputError
from elman.data.files import write_atomically

NAME = "checkpoint.safetensors"
_KEY = "elman-checkpoint"


class SafetensorsCheckpointIO(CheckpointIO):
    """How Lightning writes and reads a checkpoint: atomically, and with nothing that could run."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Write a checkpoint; raises InputError when the file cannot be written."""
        tensors: dict[str, Tensor] = {}
        structure = json.dumps(_encode(checkpoint, tensors))
        write_atomically(Path(path), safetensors.torch.save(tensors, {_KEY: structure}))

    def load_checkpoint(
        self, path: Any, map_location: Any = None, weights_only: bool | None = None
    ) -> dict[str, Any]:
        """Read a checkpoint onto the CPU; raises InputError when the file is not one."""
        try:
            with safe_open(path, framework="pt") as file:
                structure = json.loads((file.metadata() or {})[_KEY])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return _decode(structure, tensors)
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error}") from error
        except (SafetensorError, KeyError, ValueError, TypeError, RecursionError) as error:
            raise InputError(f"{path}: not a whole checkpoint: {error!r}") from error

    def remove_checkpoint(self, path: Any) -> None:
        """Delete a checkpoint."""
        Path(path).unlink()


def _encode(value: Any, tensors: dict[str, Tensor]) -> Any:
    """A value as JSON; tensors go into `tensors`, and their name stands for them.

    Dictionaries become lists of pairs, because their keys may be numbers.
    """
    if isinstance(value, Tensor):
        name = str(len(tensors))
        # A copy, because the file format refuses tensors that share memory.
        tensors[name] = value.detach().cpu().clone().contiguous()
        return {"tensor": name}
    if isinstance(value, dict):
        return {"dict": [[key, _encode(item, tensors)] for key, item in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [_encode(item, tensors) for item in value]}
    if isinstance(value, list):
        return [_encode(item, tensors) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a checkpoint cannot hold {type(value).__name__}: {value!r}")


def _decode(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, list):
        return [_decode(item, tensors) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "tensor":
        return tensors[content]
    if kind == "tuple":
        return tuple(_decode(item, tensors) for item in content)
    return {key: _decode(item, tensors) for key, item in content}
