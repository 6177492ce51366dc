"""Files of word vectors: word2vec's text and binary forms, fastText's .vec, and GloVe's text.

In text a line is a word and its numbers; word2vec and fastText put a line before it that says how many words
of how many numbers there are. The binary form has that line too; then each word is letters, a blank, and
float32 numbers, least significant byte first.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from elman.core.errors import InputError
from elman.data.files import write_atomically
from elman.data.source import blocks

_MARK = b"\xef\xbb\xbf"
_FLOAT = np.dtype("<f4")
_BLOCK = 1 << 20
_HEAD = 1 << 12
_LONGEST_WORD = 1 << 16
_LONGEST_LINE = 1 << 26


@dataclass(frozen=True, eq=False)
class Vectors:
    """A vector for each of some different words: `matrix` (V, D), float32."""

    words: tuple[str, ...]
    matrix: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.matrix.ndim != 2 or len(self.words) != len(self.matrix):
            raise InputError(f"{len(self.words):,} words need a vector each, not {self.matrix.shape} numbers")

    def __len__(self) -> int:
        return len(self.words)

    @property
    def size(self) -> int:
        """The numbers in each vector, D."""
        return self.matrix.shape[1]


class _Row(NamedTuple):
    """A word as it stands in a file; its numbers, not read yet; and where in the file that is."""

    word: bytes
    numbers: Any
    place: str


class _Blocks(io.RawIOBase):
    """What `blocks` yields, as a file."""

    def __init__(self, content: Iterator[bytes]) -> None:
        self._content = content
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            self._left = memoryview(next(self._content, b""))
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def read_vectors(path: str | Path, wanted: Collection[str] | None = None) -> Vectors:
    """The vectors of a file, in its order; only those of the wanted words, if given, are kept in memory.

    The form follows from the content; .gz and .zst are decompressed. Of a word that is there twice the first
    vector is taken. None of the wanted words in the file is no error: there are no rows then.

    Raises InputError, with the line, for a vector of another width than the first one, what is not a finite
    number, a word that is not UTF-8, fewer or more words than the file declares, and an empty file.
    """
    path = Path(path)
    chosen = None if wanted is None else frozenset(wanted)
    with io.BufferedReader(_Blocks(blocks(path))) as file:
        size, rows = _rows(path, file)
        found: dict[str, None] = {}
        numbers = bytearray()
        for row in rows:
            word = _word(row)
            if word not in found and (chosen is None or word in chosen):
                found[word] = None
                numbers += _numbers(row).tobytes()
    matrix = np.frombuffer(numbers, _FLOAT).astype(np.float32, copy=False).reshape(len(found), size)
    return Vectors(tuple(found), matrix)


def write_vectors(path: str | Path, vectors: Vectors, binary: bool = False) -> None:
    """Write vectors in word2vec's text form, or binary; read again, their numbers are what they were.

    Raises InputError for a word that is empty or holds a blank, and when the file cannot be written.
    """
    for word in vectors.words:
        if word.encode().split() != [word.encode()]:
            raise InputError(f"the word {word!r} cannot be in a file of vectors: it is empty or has blanks")
    header = f"{len(vectors)} {vectors.size}\n".encode()
    lines = _binary_lines(vectors) if binary else _text_lines(vectors)
    write_atomically(Path(path), b"".join(itertools.chain((header,), lines)))


def _text_lines(vectors: Vectors) -> Iterable[bytes]:
    for word, row in zip(vectors.words, vectors.matrix, strict=True):
        yield f"{word} {' '.join(row.astype(str))}\n".encode()


def _binary_lines(vectors: Vectors) -> Iterable[bytes]:
    for word, row in zip(vectors.words, vectors.matrix, strict=True):
        yield word.encode() + b" " + row.astype(_FLOAT).tobytes() + b"\n"


def _rows(path: Path, file: io.BufferedReader[_Blocks]) -> tuple[int, Iterator[_Row]]:
    """The width of the vectors of a file, and its rows."""
    first = _line(path, file, 1).removeprefix(_MARK)
    if not first.strip():
        raise InputError(f"{path}: the file is empty; its first line must be a word and its numbers, or V D")
    fields = first.split()
    if len(fields) == 2 and all(field.isdigit() for field in fields):
        count, size = (int(field) for field in fields)
        if not count or not size:
            raise InputError(f"{path}, line 1: declares {count} words of {size} numbers: there are none")
        head = file.read(_HEAD)
        rest = _after(head, file)
        if _is_text(head):
            return size, _declared(path, _text(path, rest, size, 2), count)
        return size, _binary(path, rest, count, size)
    if len(fields) < 2:
        raise InputError(f"{path}, line 1: {_shown(first)} is neither a word and its numbers nor V D")
    return len(fields) - 1, _text(path, _after(first, file), len(fields) - 1, 1)


def _after(begun: bytes, file: io.BufferedReader[_Blocks]) -> io.BufferedReader[_Blocks]:
    """A file whose beginning has been read, from there again."""
    return io.BufferedReader(_Blocks(itertools.chain((begun,), iter(lambda: file.read1(_BLOCK), b""))))


def _is_text(head: bytes) -> bool:
    """Whether what follows "V D" is a line of text, and not letters, a blank and bytes of numbers."""
    line = head.partition(b"\n")[0]
    # bytes of numbers may happen to be letters, hardly figures after a blank
    return _is_utf8(line) and any(_are_numbers([field]) for field in line.split()[1:])


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"  # a part of a longer line
    return True


def _text(path: Path, file: io.BufferedReader[_Blocks], size: int, first: int) -> Iterator[_Row]:
    """Lines of a word, which may hold blanks, and so many numbers."""
    blank = None
    for number in itertools.count(first):
        line = _line(path, file, number)
        if not line:
            return
        fields = line.split()
        if not fields:
            blank = blank or number
            continue
        if blank is not None:
            raise InputError(f"{path}, line {blank}: is blank, and must be a word and {size} numbers")
        word = b" ".join(fields[:-size])
        if len(fields) <= size or _are_numbers(fields[1:-size]):
            found = f"{_shown(fields[0])} has {len(fields) - 1} numbers and must have {size}"
            raise InputError(f"{path}, line {number}: {found}")
        yield _Row(word, fields[-size:], f"{path}, line {number}")


def _are_numbers(fields: list[bytes]) -> bool:
    """Whether fields between a word and its numbers are numbers too, and not more of the word."""
    try:
        return bool([float(field) for field in fields])
    except ValueError:
        return False


def _declared(path: Path, rows: Iterable[_Row], count: int) -> Iterator[_Row]:
    """Rows, of which there must be so many."""
    found = 0
    for found, row in enumerate(rows, start=1):  # noqa: B007 (the number of rows, after the loop)
        yield row
    if found != count:
        raise InputError(f"{path}: holds {found:,} words and declares {count:,} in line 1: is it whole?")


def _binary(path: Path, file: io.BufferedReader[_Blocks], count: int, size: int) -> Iterator[_Row]:
    """Words, each with a blank and the bytes of its numbers; a line break between two of them may be."""
    for number in range(1, count + 1):
        place = f"{path}, word {number:,}"
        word = bytearray()
        while (letter := file.read(1)) not in (b" ", b""):
            word += letter
            if len(word) > _LONGEST_WORD:
                raise InputError(f"{place}: no blank in {len(word):,} bytes: not {size} numbers a word?")
        numbers = file.read(size * _FLOAT.itemsize)
        if len(numbers) < size * _FLOAT.itemsize:
            raise InputError(f"{path}: ends in word {number:,} of the {count:,} that line 1 declares")
        yield _Row(bytes(word).lstrip(b"\n"), numbers, place)
    if file.read(2).strip():
        raise InputError(f"{path}: goes on after the {count:,} words that line 1 declares")


def _line(path: Path, file: io.BufferedReader[_Blocks], number: int) -> bytes:
    line = file.readline(_LONGEST_LINE)
    if len(line) == _LONGEST_LINE:
        raise InputError(f"{path}, line {number}: has no end in {_LONGEST_LINE:,} bytes: not word vectors")
    return line


def _word(row: _Row) -> str:
    try:
        word = row.word.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{row.place}: the word {_shown(row.word)} is not UTF-8") from error
    if not word:
        raise InputError(f"{row.place}: the word is empty")
    return word


def _numbers(row: _Row) -> NDArray[np.float32]:
    if isinstance(row.numbers, bytes):
        numbers = np.frombuffer(row.numbers, _FLOAT)
    else:
        try:
            with np.errstate(over="ignore"):
                numbers = np.array([float(field) for field in row.numbers]).astype(_FLOAT)
        except ValueError:
            wrong = next(field for field in row.numbers if not _are_numbers([field]))
            raise InputError(f"{row.place}: {_shown(wrong)} is not a number") from None
    if not np.isfinite(numbers).all():
        wrong = numbers[~np.isfinite(numbers)][0]
        raise InputError(f"{row.place}: the vector of {_shown(row.word)} holds {wrong}, not a finite number")
    return numbers


def _shown(content: bytes) -> str:
    return repr(content[:40].decode(errors="replace").strip())
