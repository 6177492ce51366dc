"""Phrases, and what is like them, laid over a text.

A text is cut into cells of equal length. In each something is planted at a random place: a phrase, a
variation of one, or nothing. What is planted depends on the seed alone and is made where it is read, so a
text of any size can be planted anew for every epoch.

Legend of shapes: C cells, N things that may be planted, L symbols of the longest, K phrases.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from elman.data.vocabulary import UNKNOWN

_THINGS = 4096
_PHRASES, _VARIED = 0.4, 0.4
_UNKNOWN_STRANGERS = 0.1
_KEEP = -1


class Numbered(Protocol):
    """A text by the numbers of its symbols, read at any places."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: NDArray[np.int64], /) -> NDArray[np.int64]: ...


class Planted:
    """A text with phrases over it in two cells of five, and variations of them in two more.

    phrases are symbols of a text; a cell is of `spacing` symbols, no fewer than twice the longest
    phrase. The same seed plants the same.
    """

    def __init__(
        self, text: Numbered, phrases: Sequence[NDArray[np.int64]], spacing: int, seed: Sequence[int]
    ) -> None:
        random = np.random.default_rng(seed)
        self._text, self._spacing = text, spacing
        self._things_NL = _things(text, phrases, random)
        cells, longest = -(-len(text) // spacing), self._things_NL.shape[1]
        self._thing_C = random.integers(_THINGS, size=cells, dtype=np.uint16)
        self._start_C = random.integers(spacing - longest + 1, size=cells, dtype=np.uint16)

    def __len__(self) -> int:
        return len(self._text)

    def __getitem__(self, index: NDArray[np.int64], /) -> NDArray[np.int64]:
        """The symbols at places, each from 0 to below the length."""
        cell, place = np.divmod(index, self._spacing)
        place = place - self._start_C[cell]
        longest = self._things_NL.shape[1]
        over = self._things_NL[self._thing_C[cell], np.clip(place, 0, longest - 1)]
        return np.where((place >= 0) & (place < longest) & (over != _KEEP), over, self._text[index])


def phrase_ends(
    text: Numbered, phrases: Sequence[NDArray[np.int64]], places: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which phrases have their last symbol at which places of a text: (…) to (…, K)."""
    longest = max(map(len, phrases))
    before = [text[np.maximum(places - back, 0)] for back in range(longest)]
    found = []
    for phrase in phrases:
        ends = places >= len(phrase) - 1
        for back, symbol in enumerate(phrase[::-1]):
            ends = ends & (before[back] == symbol)
        found.append(ends)
    return np.stack(found, axis=-1)


def _things(
    text: Numbered, phrases: Sequence[NDArray[np.int64]], random: np.random.Generator
) -> NDArray[np.int64]:
    """What may be planted, (N, L), each filled up with what leaves the text as it is."""
    things = np.full((_THINGS, 2 * max(map(len, phrases))), _KEEP, np.int64)
    strangers = text[random.integers(len(text), size=_THINGS)]
    strangers[random.random(_THINGS) < _UNKNOWN_STRANGERS] = UNKNOWN
    phrases_end, end = int(_PHRASES * _THINGS), int((_PHRASES + _VARIED) * _THINGS)
    for n in range(end):
        thing = phrases[int(random.integers(len(phrases)))]
        if n >= phrases_end:
            variation = _VARIATIONS[int(random.integers(len(_VARIATIONS)))]
            thing = variation(thing, int(strangers[n]), random)
        things[n, : len(thing)] = thing
    return things


def _beginning(phrase: NDArray[np.int64], stranger: int, random: np.random.Generator) -> NDArray[np.int64]:
    return phrase[: random.integers(len(phrase))]


def _end(phrase: NDArray[np.int64], stranger: int, random: np.random.Generator) -> NDArray[np.int64]:
    return phrase[random.integers(len(phrase)) + 1 :]


def _changed(phrase: NDArray[np.int64], stranger: int, random: np.random.Generator) -> NDArray[np.int64]:
    changed = phrase.copy()
    changed[random.integers(len(phrase))] = stranger
    return changed


def _swapped(phrase: NDArray[np.int64], stranger: int, random: np.random.Generator) -> NDArray[np.int64]:
    first = random.integers(max(1, len(phrase) - 1))
    return np.concatenate([phrase[:first], phrase[first : first + 2][::-1], phrase[first + 2 :]])


def _shuffled(phrase: NDArray[np.int64], stranger: int, random: np.random.Generator) -> NDArray[np.int64]:
    return random.permutation(phrase)


def _shorter(phrase: NDArray[np.int64], stranger: int, random: np.random.Generator) -> NDArray[np.int64]:
    return np.delete(phrase, random.integers(len(phrase)))


def _longer(phrase: NDArray[np.int64], stranger: int, random: np.random.Generator) -> NDArray[np.int64]:
    return np.insert(phrase, random.integers(len(phrase)), stranger)


def _doubled(phrase: NDArray[np.int64], stranger: int, random: np.random.Generator) -> NDArray[np.int64]:
    place = random.integers(len(phrase))
    return np.insert(phrase, place, phrase[place])


def _begun_anew(phrase: NDArray[np.int64], stranger: int, random: np.random.Generator) -> NDArray[np.int64]:
    """A phrase behind its own beginning."""
    return np.concatenate([phrase[: random.integers(len(phrase))], phrase])


_Variation = Callable[[NDArray[np.int64], int, np.random.Generator], NDArray[np.int64]]
_VARIATIONS: tuple[_Variation, ...] = (
    _beginning,
    _end,
    _changed,
    _swapped,
    _shuffled,
    _shorter,
    _longer,
    _doubled,
    _begun_anew,
)
