"""A text of any size to numbers in a file, in one pass.

The numbers are those of the text's own symbols, by no vocabulary: which symbols a model knows can then be
chosen, from how often each occurs, without a second look at the text.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from elman.core.errors import InputError
from elman.data.subwords import pieces_of
from elman.data.vocabulary import CharacterVocabulary, SubwordVocabulary, WordVocabulary, code_points, split

_ASCII = 128
_CODE_POINTS = 0x110000
_NEW = -1
_LONGEST_WORD = 1 << 20
_BLOCK = 1 << 20
# What is made of so many characters stays near the processor.
_PIECE = 1 << 16


@dataclass(frozen=True)
class Encoded:
    """What the numbers in a file mean: their format and number; their symbols, and how often each occurs."""

    dtype: np.dtype[Any]
    length: int
    symbols: list[str]
    counts: NDArray[np.int64]


class _Encoder(Protocol):
    def __len__(self) -> int:
        """How many symbols have a number."""
        ...

    def symbols(self) -> list[str]: ...

    def numbers(self, texts: Iterable[str]) -> Iterator[NDArray[Any]]: ...


def encode(texts: Iterable[str], level: str, file: BinaryIO) -> Encoded:
    """Write a text, given in parts cut anywhere, to an empty file, as numbers of as few bytes as they need.

    level is "character", "word" or "subword", of which the pieces are numbered. Raises InputError for a word
    of more than a million characters.
    """
    encoder = _ENCODERS[level]()
    dtype, length, counts = np.dtype(np.uint8), 0, np.zeros(0, np.int64)
    for numbers in encoder.numbers(texts):
        fitting = np.min_scalar_type(len(encoder) - 1)
        if fitting != dtype:
            _widen(file, length, dtype, fitting)
            dtype = fitting
        file.write(numbers.astype(dtype, copy=False).data)
        length += len(numbers)
        seen, counts = counts, np.bincount(numbers, minlength=len(encoder))
        counts[: len(seen)] += seen
    return Encoded(dtype, length, encoder.symbols(), counts)


class _Characters:
    """ASCII by its own codes, so that such text stays as it is; what else comes is numbered from 128 on."""

    def __init__(self) -> None:
        self._symbols = [chr(code) for code in range(_ASCII)]
        self._number_of = np.full(_CODE_POINTS, _NEW, np.int32)
        self._number_of[:_ASCII] = np.arange(_ASCII)

    def __len__(self) -> int:
        return len(self._symbols)

    def symbols(self) -> list[str]:
        return self._symbols

    def numbers(self, texts: Iterable[str]) -> Iterator[NDArray[Any]]:
        for text in texts:
            for start in range(0, len(text), _PIECE):
                yield self._piece(text[start : start + _PIECE])

    def _piece(self, text: str) -> NDArray[Any]:
        if text.isascii():
            return np.frombuffer(text.encode("ascii"), np.uint8)
        codes = code_points(text)
        numbers = self._number_of[codes]
        new = np.unique(codes[numbers == _NEW])
        if len(new):
            self._number_of[new] = np.arange(len(self), len(self) + len(new))
            self._symbols.extend(map(chr, new))
            numbers = self._number_of[codes]
        return numbers


class _Words:
    """Words in the order in which they come; the last line ends like any other."""

    def __init__(self) -> None:
        self._number_of = _Numbering()

    def __len__(self) -> int:
        return len(self._number_of)

    def symbols(self) -> list[str]:
        return list(self._number_of)

    def numbers(self, texts: Iterable[str]) -> Iterator[NDArray[Any]]:
        rest, last = "", "\n"
        for text in texts:
            last = text[-1]
            text = rest + text
            # The word at the end may go on in the next part.
            end = max(text.rfind(" "), text.rfind("\n")) + 1
            rest = text[end:]
            if len(rest) > _LONGEST_WORD:
                raise InputError(
                    f"no blank in {len(rest):,} characters: a text of words has blanks between them"
                )
            yield self._of_whole_words(text[:end])
        yield self._of_whole_words(rest if last == "\n" else f"{rest}\n")

    def _of_whole_words(self, text: str) -> NDArray[np.uint32]:
        found, start = [np.zeros(0, np.uint32)], 0
        while start < len(text):
            end = text.find(" ", start + _PIECE) + 1 or len(text)
            words = split(text[start:end], WordVocabulary.kind)
            found.append(np.fromiter(map(self._number_of.__getitem__, words), np.uint32, len(words)))
            start = end
        return np.concatenate(found)


class _Pieces:
    """Pieces in the order in which they come."""

    def __init__(self) -> None:
        self._number_of = _Numbering()

    def __len__(self) -> int:
        return len(self._number_of)

    def symbols(self) -> list[str]:
        return list(self._number_of)

    def numbers(self, texts: Iterable[str]) -> Iterator[NDArray[Any]]:
        for found in pieces_of(texts):
            yield np.fromiter(map(self._number_of.__getitem__, found), np.uint32, len(found))


class _Numbering(dict[str, int]):
    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number


_ENCODERS: Mapping[str, type[_Encoder]] = {
    CharacterVocabulary.kind: _Characters,
    WordVocabulary.kind: _Words,
    SubwordVocabulary.kind: _Pieces,
}


def _widen(file: BinaryIO, length: int, old: np.dtype[Any], new: np.dtype[Any]) -> None:
    """Give the numbers in a file more bytes each, from the last to the first: none is written over unread."""
    for start in reversed(range(0, length, _BLOCK)):
        file.seek(start * old.itemsize)
        numbers = np.frombuffer(file.read(min(_BLOCK, length - start) * old.itemsize), old)
        file.seek(start * new.itemsize)
        file.write(numbers.astype(new).data)
    file.seek(length * new.itemsize)
