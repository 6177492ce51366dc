"""Reading text: UTF-8 and nothing else, refused with the place that is wrong."""

import codecs
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from elman.core.errors import InputError
from elman.data.source import Source, blocks

Progress = Callable[[int, int], object]


def unseen(done: int, total: int) -> None:
    """The progress that nobody looks at."""


def text_blocks(source: Source, progress: Progress = unseen) -> Iterator[str]:
    r"""The text of all files of a source, some megabytes at a time, with "\n" at the end of every line.

    Byte order marks are left out; every file but the first begins a new line. progress is told how many bytes
    are read, and of how many.

    Raises InputError when a file cannot be read, is empty, is binary (holds a zero byte) or is not UTF-8; the
    last two name the offset of the byte.
    """
    sizes = source.sizes()
    done, last = 0, "\n"
    for file, size in zip(source.files, sizes, strict=True):
        if last != "\n":
            yield "\n"
        for text in _decoded(file, blocks(file, lambda read, done=done: progress(done + read, sum(sizes)))):
            last = text[-1]
            yield text
        done += size


def _decoded(file: Path, content: Iterable[bytes]) -> Iterator[str]:
    """The text of a file, in parts that are not empty."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset, begun, held, found = 0, False, "", False
    for block in _and_an_end(content):
        zero = block.find(b"\0")
        if zero >= 0:
            raise InputError(
                f"{file}: byte 0x00 at offset {offset + zero}: a binary file, or not UTF-8; give UTF-8 text"
            )
        start = offset - len(decoder.getstate()[0])
        try:
            text = held + decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            raise InputError(
                f"{file}: byte 0x{error.object[error.start]:02x} at offset {start + error.start} "
                f"is not UTF-8 ({error.reason}); convert the file to UTF-8 first"
            ) from error
        offset += len(block)
        if not begun and text:
            begun, text = True, text.removeprefix("\ufeff")
        # The line break that this may be the first half of comes with the next block.
        held = "\r" if block and text.endswith("\r") else ""
        text = text.removesuffix(held).replace("\r\n", "\n")
        if text:
            found = True
            yield text
    if not found:
        what = "holds a byte order mark and no text" if offset else "is empty"
        raise InputError(f"{file}: the file {what}")


def _and_an_end(content: Iterable[bytes]) -> Iterator[bytes]:
    yield from content
    yield b""


def read_text(path: str | Path, progress: Progress = unseen) -> str:
    r"""The text of a file or a folder, without a byte order mark and with "\n" at the end of every line.

    Raises InputError as `text_blocks` does.
    """
    return "".join(text_blocks(Source.of(path), progress))


def read_lines(path: str | Path, progress: Progress = unseen) -> list[str]:
    """The lines of a text, stripped of blanks at both ends, without the empty ones.

    Raises InputError as `read_text` does, and when every line is blank.
    """
    # str.splitlines would also cut at form feeds and other rare characters, which are text here.
    lines = [line.strip() for line in read_text(path, progress).split("\n")]
    lines = [line for line in lines if line]
    if not lines:
        raise InputError(f"{path}: all lines are blank")
    return lines


def lines_of(source: Source, progress: Progress = unseen) -> Iterator[str]:
    """The lines of a text of any size, one after the other, without their ends, the empty ones included.

    Raises InputError as `text_blocks` does.
    """
    begun: list[str] = []
    for block in text_blocks(source, progress):
        first, *others = block.split("\n")
        begun.append(first)
        if others:
            # A line that is yielded is held once: it may be as long as the file.
            line, begun = "".join(begun), others[-1:]
            yield line
            yield from others[:-1]
    line, begun = "".join(begun), []
    if line:
        yield line


def fingerprint(path: str | Path) -> str:
    """The SHA-256 of a file, in hexadecimal; of a folder, a hash that changes with any of its text files."""
    return Source.of(path).fingerprint()
