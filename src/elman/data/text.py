"""Reading text: UTF-8 and nothing else, refused with the place that is wrong."""

import hashlib
from pathlib import Path

from elman.core.errors import InputError


def read_bytes(path: str | Path) -> bytes:
    """The content of a file that must not be empty; raises InputError when it cannot be read."""
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path}: is a folder; give a file")
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if not content:
        raise InputError(f"{path}: the file is empty")
    return content


def read_text(path: str | Path) -> str:
    r"""The text of a UTF-8 file, without a byte order mark and with "\n" at the end of every line.

    Raises InputError when the file cannot be read, is empty, is binary (holds a zero byte) or is not UTF-8;
    the last two name the offset of the byte.
    """
    content = read_bytes(path)
    zero = content.find(b"\0")
    if zero >= 0:
        raise InputError(f"{path}: byte 0x00 at offset {zero}: a binary file, or not UTF-8; give UTF-8 text")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: byte 0x{content[error.start]:02x} at offset {error.start} is not UTF-8 "
            f"({error.reason}); convert the file to UTF-8 first"
        ) from error
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if not text:
        raise InputError(f"{path}: the file holds a byte order mark and no text")
    return text


def read_lines(path: str | Path) -> list[str]:
    """The lines of a UTF-8 file, stripped of blanks at both ends, without the empty ones.

    Raises InputError as `read_text` does, and when every line is blank.
    """
    # str.splitlines would also cut at form feeds and other rare characters, which are text here.
    lines = [line.strip() for line in read_text(path).split("\n")]
    lines = [line for line in lines if line]
    if not lines:
        raise InputError(f"{path}: all lines are blank")
    return lines


def fingerprint(path: str | Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(read_bytes(path)).hexdigest()
