"""Object code on disk, so that a cell is compiled once on a machine.

An entry's name is a hash of all that its content follows from: the kernel, the processor, the versions and
the source of the compiler. The folder, and each file in it, belongs to the user alone; a folder that others
could write is not used. An entry begins with a hash of its name and code, so that one that is damaged, or
stands under the wrong name, is compiled anew. Files appear by renaming, so processes that run at once do not
disturb each other. Where no file can be read or written, every process compiles for itself.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from elman import core, emit, run

DIGEST = hashlib.sha256().digest_size


def cached(key: str, compile_it: Callable[[], bytes]) -> bytes:
    """Returns the object code under a key, compiling it if it is not there, or not whole."""
    folder = cache_folder()
    if folder is None:
        return compile_it()
    path = folder / f"{hashlib.sha256((compiler_version() + key).encode()).hexdigest()}.o"
    found = _read(path)
    if found is None:
        found = compile_it()
        _write(path, found)
    return found


@lru_cache
def cache_folder(content: str = "kernels") -> Path | None:
    """Returns the private folder for what is made once; None where there is none. ELMAN_CACHE moves it."""
    try:
        folder = _base() / content
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.lstat()
    except (OSError, RuntimeError):  # RuntimeError: a user without a home
        return None
    private = stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid() and not state.st_mode & 0o022
    return folder if private else None


@lru_cache(maxsize=1)
def compiler_version() -> str:
    """Returns a hash of the compiler's own source."""
    digest = hashlib.sha256()
    for package in (core, emit, run):
        for path in sorted(Path(package.__path__[0]).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _base() -> Path:
    if named := os.environ.get("ELMAN_CACHE"):
        return Path(named).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "elman"


def _read(path: Path) -> bytes | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    body = content[DIGEST:]
    return body if content[:DIGEST] == _digest(path, body) else None


def _write(path: Path, body: bytes) -> None:
    with suppress(OSError):  # a full or vanished disk costs the next process a compilation, nothing else
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_digest(path, body) + body)
            os.replace(name, path)
        finally:
            Path(name).unlink(missing_ok=True)


def _digest(path: Path, body: bytes) -> bytes:
    return hashlib.sha256(path.name.encode() + body).digest()
