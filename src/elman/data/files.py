"""Writing files so that a reader finds the old content or the new one, never a part."""

import os
import tempfile
from pathlib import Path

from elman.core.errors import InputError

_BLOCK = 1 << 20


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file's content in one step.

    Raises InputError, with the old content in place and nothing beside it, when the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error


def require_room(folder: Path, size: int) -> None:
    """Raise InputError unless `size` bytes can be written to the folder now."""
    try:
        with tempfile.TemporaryFile(prefix=".room.", dir=folder) as file:
            block = bytes(_BLOCK)
            for start in range(0, size, _BLOCK):
                file.write(block[: size - start])
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise InputError(
            f"{folder}: cannot hold the {size / 1e6:.1f} MB that this run needs: {error.strerror}"
        ) from error
