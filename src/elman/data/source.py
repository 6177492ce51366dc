"""Where a text comes from: a file, a compressed file, a folder of such files, or standard input."""

import gzip
import hashlib
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from elman.core.errors import InputError

STANDARD_INPUT = Path("-")
BLOCK = 1 << 22
_IN_A_FOLDER = (".txt", ".txt.gz", ".txt.zst")
_ELSE = tuple(name + packed for name in (".tsv", ".yml", ".yaml") for packed in ("", ".gz", ".zst"))
_PARALLEL = ("seq.in", "seq.out", "label")
# A block of Zstandard may hold 128 KiB in four bytes: so little at a time bounds what comes out of it.
_ZSTD_BLOCK = 1 << 12


@dataclass(frozen=True)
class Source:
    """The files that hold a text, in the order in which they are read."""

    path: Path
    files: tuple[Path, ...]

    @classmethod
    def of(cls, path: str | Path) -> "Source":
        """A file, or of a folder all text files in it and below, by name; "-" is standard input.

        In a folder, text is what is called *.txt, *.txt.gz or *.txt.zst, or seq.in, seq.out or label, is not
        hidden and not empty. Raises InputError where nothing is to be read.
        """
        path = Path(path)
        if path != STANDARD_INPUT and path.is_dir():
            return cls(path, _text_files(path))
        return cls(path, (path,))

    def sizes(self) -> tuple[int, ...]:
        """Bytes on disk of each file; raises InputError when one cannot be read."""
        return tuple(_size(file) for file in self.files)

    @property
    def is_compressed(self) -> bool:
        """Whether the text is larger than the files."""
        return any(file.suffix in _DECOMPRESS for file in self.files)

    def fingerprint(self) -> str:
        """The SHA-256 of the file as it is on disk; of a folder, that of its files' names and hashes."""
        if self.files == (self.path,):
            return _sha256(self.path)
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(os.fsencode(file.relative_to(self.path)) + b"\0" + bytes.fromhex(_sha256(file)))
        return digest.hexdigest()


@dataclass(frozen=True)
class Origin:
    """What a model was trained on: the name of the file or folder, and its SHA-256."""

    name: str
    sha256: str


def located(path: str | Path) -> Path:
    """A path that means the same in every folder; "-" stays what it is."""
    return Path(path) if Path(path) == STANDARD_INPUT else Path(path).absolute()


def blocks(file: Path, consumed: Callable[[int], object] = lambda _: None) -> Iterator[bytes]:
    """The content of a file, decompressed if its name says so (.gz, .zst), some megabytes at a time.

    consumed is told how many bytes of the file are read. Raises InputError when it cannot be read, or the
    compressed content is damaged.
    """
    with _opened(file) as raw:
        for block in _DECOMPRESS.get(file.suffix, _plain)(raw):
            consumed(raw.tell())
            yield block


def _plain(raw: BinaryIO) -> Iterator[bytes]:
    while block := raw.read(BLOCK):
        yield block


def _gzip(raw: BinaryIO) -> Iterator[bytes]:
    yield from _plain(cast(BinaryIO, gzip.GzipFile(fileobj=raw)))


def _zstd(raw: BinaryIO) -> Iterator[bytes]:
    """Frame by frame, because the module's own reader takes a file cut short for a whole one."""
    frame = None
    while rest := raw.read(_ZSTD_BLOCK):
        while rest:
            frame = frame or zstandard.ZstdDecompressor().decompressobj()
            if block := frame.decompress(rest):
                yield block
            rest = frame.unused_data if frame.eof else b""
            frame = None if frame.eof else frame
    if frame is not None:
        raise EOFError("it ends too early")


_DECOMPRESS = {".gz": _gzip, ".zst": _zstd}


def _text_files(folder: Path) -> tuple[Path, ...]:
    try:
        found = sorted(
            (path for path in folder.rglob("*") if _is_text(path)),
            key=lambda path: path.relative_to(folder).parts,
        )
        texts = [path for path in found if not _is_hidden(path, folder) and path.stat().st_size]
        files = tuple(path for path in texts if not path.name.endswith(_ELSE)) or tuple(texts)
    except OSError as error:
        raise InputError(f"{folder}: cannot be read: {error.strerror}") from error
    if not files:
        raise InputError(f"{folder}: is a folder without text; give a file, or a folder of *.txt files")
    return files


def _is_text(path: Path) -> bool:
    return (path.name.endswith((*_IN_A_FOLDER, *_ELSE)) or path.name in _PARALLEL) and path.is_file()


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """A file to read; what goes wrong while it is read becomes an InputError."""
    try:
        with _spooled_again() if file == STANDARD_INPUT else file.open("rb") as raw:
            yield raw
    except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError) as error:
        raise InputError(f"{file}: damaged, or not compressed as its name says: {error}") from error
    except FileNotFoundError as error:
        raise InputError(f"{file}: no such file") from error
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from error


def _size(file: Path) -> int:
    with _opened(file) as raw:
        return os.fstat(raw.fileno()).st_size


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with _opened(file) as raw:
        for block in _plain(raw):
            digest.update(block)
    return digest.hexdigest()


def _spooled_again() -> BinaryIO:
    spool = _spooled()
    spool.seek(0)
    return os.fdopen(os.dup(spool.fileno()), "rb")


@lru_cache(maxsize=1)
def _spooled() -> BinaryIO:
    """Standard input, in a file of no name, so that it can be read twice and nothing of it is left behind."""
    if sys.stdin is None or sys.stdin.isatty():
        raise InputError(f"-: standard input is a terminal; {_PIPE}")
    spool = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 (open as long as the process is)
    try:
        shutil.copyfileobj(sys.stdin.buffer, spool, BLOCK)
        spool.flush()
    except OSError as error:
        raise InputError(f"-: standard input cannot be kept: {error.strerror}") from error
    if not spool.tell():
        raise InputError(f"-: standard input is empty; {_PIPE}")
    return spool


_PIPE = (
    "pipe the text into elman (a run that read standard input goes on when it gets the same text again, "
    "in a pipe or from a file)"
)
