"""Where in a raw text the symbols stand that `segment` made of it."""

import unicodedata
from collections.abc import Sequence

from elman.core.errors import InputError


def places(text: str, symbols: Sequence[str], normalized: bool = True) -> list[tuple[int, int]]:
    """The first character of each symbol and the one behind its last, (start, stop); the symbols are those of
    `segment` without `lower`, in their order. normalized: whether they are in the form NFKC, in which one
    character of the text may be several, so that symbols share it.

    Raises InputError for a symbol that is not there.
    """
    form, origin = _normalized(text) if normalized else (text, [(i, i + 1) for i in range(len(text))])
    found: list[tuple[int, int]] = []
    at = 0
    for symbol in symbols:
        start = form.find(symbol, at)
        if start < 0 or not symbol:
            raise InputError(f"the symbol {symbol!r} is not in the text behind its character {at:,}")
        at = start + len(symbol)
        found.append((origin[start][0], origin[at - 1][1]))
    return found


def _normalized(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The form NFKC of a text, and for each of its characters the part of the text that it comes from: the
    shortest parts whose forms, one after the other, are the form of the whole.
    """
    form: list[str] = []
    origin: list[tuple[int, int]] = []
    start, part = 0, ""
    for stop, character in enumerate(text, start=1):
        longer, alone = _nfkc(text[start:stop]), _nfkc(character)
        if part and longer == part + alone:
            form.append(part)
            origin += [(start, stop - 1)] * len(part)
            start, longer = stop - 1, alone
        part = longer
    form.append(part)
    origin += [(start, len(text))] * len(part)
    return "".join(form), origin


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
