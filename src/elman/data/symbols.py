"""A text of any size as numbers, of which no more is in memory than what is read of it now."""

import mmap
import tempfile
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elman.core.errors import InputError
from elman.data.vocabulary import EOS_WORD, SubwordVocabulary, Vocabulary, WordVocabulary

_BLOCK = 1 << 20
_KEPT_BYTES = 1 << 24


class Mapped:
    """Numbers in a file. Its pages leave the process again when some megabytes of them are read."""

    def __init__(self, handle: int, dtype: np.dtype[Any], length: int) -> None:
        self._map = mmap.mmap(handle, 0, access=mmap.ACCESS_READ)
        self._numbers = np.frombuffer(self._map, dtype, length)
        self._bytes_read = 0

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: Any) -> NDArray[Any]:
        found = self._numbers[index].copy()
        self._bytes_read += found.nbytes
        if self._bytes_read > _KEPT_BYTES and hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)
            self._bytes_read = 0
        return found


@dataclass(frozen=True)
class Tokens:
    """An encoded text: numbers, which symbols they stand for, and how often each of these occurs."""

    level: str
    numbers: Mapped | NDArray[Any]
    symbols: list[str]
    counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.numbers)

    def counts_before(self, place: int) -> NDArray[np.int64]:
        """How often each symbol occurs before a place."""
        after = np.zeros_like(self.counts)
        for start in range(place, len(self), _BLOCK):
            after += np.bincount(self.numbers[start : start + _BLOCK], minlength=len(after))
        return self.counts - after

    def characters(self, start: int, stop: int) -> int:
        """How many characters a part of the text has, between words of a line one blank."""
        words = self.level == WordVocabulary.kind
        ends_line = np.array([words and symbol == EOS_WORD for symbol in self.symbols], bool)
        widths = np.where(ends_line, 1, [len(symbol) for symbol in self.symbols])
        found, begun = 0, False
        for first in range(start, stop, _BLOCK):
            numbers = self.numbers[first : min(first + _BLOCK, stop)]
            found += int(widths[numbers].sum())
            if words:
                inside = np.append(begun, ~ends_line[numbers])
                found += int((inside[:-1] & inside[1:]).sum())
                begun = bool(inside[-1])
        return found


class Symbols:
    """A part of a text, by the numbers of a vocabulary: int64, made when they are read."""

    def __init__(
        self, tokens: Tokens, vocabulary: Vocabulary, start: int = 0, stop: int | None = None
    ) -> None:
        part = range(start, len(tokens) if stop is None else stop)
        if isinstance(vocabulary, SubwordVocabulary):
            self._numbers = _spelled(tokens, part, vocabulary)
            self._number_of, self._range = np.arange(len(vocabulary)), range(len(self._numbers))
        else:
            self._numbers, self._range = tokens.numbers, part
            self._number_of = vocabulary.numbers(tokens.symbols)
        self._text = tokens, part

    def __len__(self) -> int:
        return len(self._range)

    @property
    def characters(self) -> int:
        """How many characters the part has, as `Tokens` counts them."""
        tokens, part = self._text
        return tokens.characters(part.start, part.stop)

    def __getitem__(self, index: slice | NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of a slice of step 1, or those at places, each from 0 to below the length."""
        if isinstance(index, slice):
            part = self._range[index]
            found = self._numbers[part.start : part.stop]
        else:
            found = self._numbers[index + self._range.start]
        return self._number_of[found]


def _spelled(tokens: Tokens, part: range, vocabulary: SubwordVocabulary) -> Mapped | NDArray[Any]:
    """The subwords of a part of a text, in a file that has no name and goes with them.

    Raises InputError when the disk is full.
    """
    dtype = np.min_scalar_type(len(vocabulary) - 1)
    spellings = vocabulary.spellings(tokens.symbols)
    sizes = np.array([len(spelling) for spelling in spellings])
    spelled, starts = np.concatenate(spellings).astype(dtype), np.cumsum(sizes) - sizes
    length = 0
    try:
        with tempfile.TemporaryFile() as file:
            for first in range(part.start, part.stop, _BLOCK):
                numbers = tokens.numbers[first : min(first + _BLOCK, part.stop)]
                ends = np.cumsum(sizes[numbers])
                before = starts[numbers] - ends + sizes[numbers]
                length += int(ends[-1])
                file.write(spelled[np.arange(ends[-1]) + np.repeat(before, sizes[numbers])].data)
            file.flush()
            return Mapped(file.fileno(), dtype, length) if length else np.zeros(0, dtype)
    except OSError as error:
        raise InputError(f"subwords cannot be kept in {tempfile.gettempdir()}: {error.strerror}") from error
