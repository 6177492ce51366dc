"""Object code on disk, so that a cell is compiled once on a machine.

An entry's name is a hash of all that its content follows from: the kernel, the processor, the versions and the source of the emitter.
The folder, and each file in it, belongs to the user alone; a folder that others could write is not used. An entry carries its own
hash, so that a damaged one is compiled anew. Files appear by renaming, so processes that run at once do not disturb each other.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from elman import emit

DIGEST = hashlib.sha256().digest_size


def cached(key: str, compile_it: Callable[[], bytes]) -> bytes:
    """Returns the object code under a key, compiling it if it is not there, or not whole."""
    folder = cache_folder()
    if folder is None:
        return compile_it()
    path = folder / f"{hashlib.sha256((emitter_version() + key).encode()).hexdigest()}.o"
    found = _read(path)
    if found is None:
        found = compile_it()
        _write(path, found)
    return found


@lru_cache(maxsize=1)
def cache_folder() -> Path | None:
    """Returns the private folder for object code; None where there can be none. ELMAN_CACHE names another."""
    base = os.environ.get("ELMAN_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "elman"
    folder = Path(base) / "kernels"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.lstat()
    except OSError:
        return None
    private = stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid() and not state.st_mode & 0o022
    return folder if private else None


@lru_cache(maxsize=1)
def emitter_version() -> str:
    """Returns a hash of the emitter's own source."""
    digest = hashlib.sha256()
    for path in sorted(Path(emit.__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _read(path: Path) -> bytes | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    body = content[DIGEST:]
    return body if content[:DIGEST] == hashlib.sha256(body).digest() else None


def _write(path: Path, body: bytes) -> None:
    try:
        handle, name = tempfile.mkstemp(dir=path.parent)
    except OSError:
        return  # a full or vanished disk costs the next process a compilation, nothing else
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(body).digest() + body)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
