"""A text of any size as numbers, of which no more is in memory than what is read of it now."""

import mmap
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elman.data.vocabulary import Vocabulary

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


class Symbols:
    """A part of a text, by the numbers of a vocabulary: int64, made when they are read."""

    def __init__(
        self, tokens: Tokens, vocabulary: Vocabulary, start: int = 0, stop: int | None = None
    ) -> None:
        self._numbers = tokens.numbers
        self._number_of = vocabulary.numbers(tokens.symbols)
        self._range = range(start, len(tokens) if stop is None else stop)

    def __len__(self) -> int:
        return len(self._range)

    def __getitem__(self, index: slice | NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of a slice of step 1, or those at places, each from 0 to below the length."""
        if isinstance(index, slice):
            part = self._range[index]
            found = self._numbers[part.start : part.stop]
        else:
            found = self._numbers[index + self._range.start]
        return self._number_of[found]
