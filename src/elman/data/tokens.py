"""Encoded texts on disk, so that a large text is encoded once.

An entry is the numbers of a text, then what they mean as JSON, the size of that, and a hash of the entry's
name and all of this. Its name is a hash of the text's files, its level and the format, so the choice of a
vocabulary makes no new entry. As with kernels, the folder is the user's alone; files appear by renaming, so
processes that run at once do not disturb each other; and what is damaged is made again. What nobody has read
for a month is removed when another text is encoded.
"""

import hashlib
import io
import json
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np

from elman.core.errors import InputError
from elman.data.encode import Encoded, encode
from elman.data.source import BLOCK, Source
from elman.data.symbols import Mapped, Tokens
from elman.data.text import Progress, text_blocks, unseen
from elman.run.cache import DIGEST, cache_folder

FORMAT = 1
_SMALL = 1_000_000
_SIZE_BYTES = 8
_SUFFIX = ".tokens"
_KEPT_SECONDS, _UNFINISHED_SECONDS = 30 * 86400, 86400
_FORMATS = {np.dtype(kind).name: np.dtype(kind) for kind in (np.uint8, np.uint16, np.uint32)}


def read_tokens(source: Source, level: str, progress: Progress = unseen) -> Tokens:
    """The symbols of a text ("character" or "word"): from the cache, or encoded now and kept there.

    A text of less than a megabyte is encoded in memory; one that no private folder can be had for, in a
    temporary file. progress is told of the bytes encoded. Raises InputError as `text_blocks` and `encode` do,
    and when the disk is full.
    """
    if not source.is_compressed and sum(source.sizes()) < _SMALL:
        memory = io.BytesIO()
        encoded = encode(text_blocks(source, progress), level, memory)
        numbers = np.frombuffer(memory.getbuffer(), encoded.dtype, encoded.length)
        return Tokens(level, numbers, encoded.symbols, encoded.counts)
    folder = cache_folder("tokens")
    try:
        if folder is None:
            with tempfile.TemporaryFile() as file:
                return _opened(file, encode(text_blocks(source, progress), level, file), level)
        key = f"{FORMAT} {level} {source.fingerprint()}"
        path = folder / f"{hashlib.sha256(key.encode()).hexdigest()}{_SUFFIX}"
        return _read(path, level) or _made(path, source, level, progress)
    except OSError as error:
        raise InputError(
            f"{source.path}: cannot be encoded in {folder or tempfile.gettempdir()}: {error.strerror}; "
            "ELMAN_CACHE names another folder"
        ) from error


def _tidy(folder: Path) -> None:
    """Remove the texts that nobody has read for a month, and what processes that were killed left behind."""
    for entry in folder.iterdir():
        kept = _KEPT_SECONDS if entry.suffix == _SUFFIX else _UNFINISHED_SECONDS
        with suppress(OSError):  # another process may be as tidy
            if time.time() - entry.stat().st_mtime > kept:
                entry.unlink()


def _made(path: Path, source: Source, level: str, progress: Progress) -> Tokens:
    _tidy(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w+b") as file:
            encoded = encode(text_blocks(source, progress), level, file)
            meaning = {
                "dtype": encoded.dtype.name,
                "length": encoded.length,
                "symbols": encoded.symbols,
                "counts": encoded.counts.tolist(),
            }
            record = json.dumps(meaning).encode()
            file.write(record + len(record).to_bytes(_SIZE_BYTES, "little"))
            file.write(_digest(path, file, file.tell()))
            file.flush()
            os.replace(name, path)
            return _opened(file, encoded, level)
    finally:
        Path(name).unlink(missing_ok=True)


def _read(path: Path, level: str) -> Tokens | None:
    """The entry, or None where there is none that is whole."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END) - DIGEST
        if size < _SIZE_BYTES or _digest(path, file, size) != file.read(DIGEST):
            return None
        end = file.seek(size - _SIZE_BYTES)
        file.seek(end - int.from_bytes(file.read(_SIZE_BYTES), "little"))
        meaning = json.loads(file.read(end - file.tell()))
        counts = np.array(meaning["counts"], np.int64)
        encoded = Encoded(_FORMATS[meaning["dtype"]], meaning["length"], meaning["symbols"], counts)
        os.utime(path)
        return _opened(file, encoded, level)


def _opened(file: BinaryIO, encoded: Encoded, level: str) -> Tokens:
    file.flush()
    numbers = Mapped(file.fileno(), encoded.dtype, encoded.length)
    return Tokens(level, numbers, encoded.symbols, encoded.counts)


def _digest(path: Path, file: BinaryIO, size: int) -> bytes:
    """A hash of an entry's name and its first bytes, after which the file stands at their end."""
    digest = hashlib.sha256(path.name.encode())
    file.seek(0)
    while size and (block := file.read(min(BLOCK, size))):
        digest.update(block)
        size -= len(block)
    return digest.digest()
