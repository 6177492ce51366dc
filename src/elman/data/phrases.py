"""Phrases in sequences of tags: `B-city I-city` is one city of two words, `O` is none.

iob2 begins each phrase with B-; iob1 (Ramshaw & Marcus 1995) only where one of its kind stands right before
it, and else with I-; bioes also marks the last word with E-, and a phrase of one word with S-. Under `plain`
tags mark no phrases, as parts of speech do.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

OUTSIDE = "O"
Scheme = Literal["plain", "iob1", "iob2", "bioes"]
Inner = Literal["plain", "iob2", "bioes"]
_TAG = re.compile(r"[BIES]-.+", re.DOTALL)
_PREFIXES = {"iob2": "BI", "bioes": "BIES"}
_ENDS = {"O", "B", "S"}
_BEGINS_AFTER = {"O", "E", "S"}


class Phrase(NamedTuple):
    """A phrase of a kind: the symbols from start up to stop, which is not of it."""

    kind: str
    start: int
    stop: int


def scheme_of(sequences: Iterable[Sequence[str]]) -> Scheme:
    """The scheme that some sequences of tags seem to follow; plain where a tag is none of a phrase.

    Where phrases begin with I-, and none with B- but after one of its kind, that is iob1.
    """
    begun_inside, begun_anew = False, False
    prefixes = set[str]()
    for tags in sequences:
        for before, tag in zip((OUTSIDE, *tags), tags, strict=False):
            if tag == OUTSIDE:
                continue
            if not _TAG.fullmatch(tag):
                return "plain"
            prefixes.add(tag[0])
            if _parted(before)[1] != tag[2:]:
                begun_inside |= tag[0] == "I"
                begun_anew |= tag[0] == "B"
    if not prefixes:
        return "plain"
    if prefixes & {"E", "S"}:
        return "bioes"
    return "iob1" if begun_inside and not begun_anew else "iob2"


def phrases_of(tags: Sequence[str]) -> list[Phrase]:
    """The phrases that tags of any scheme mark. Tags that break theirs are read as the CoNLL-2000 evaluation
    does (Tjong Kim Sang & Buchholz 2000): what is marked as the inside of no phrase begins one.
    """
    found: list[Phrase] = []
    kind, start, before = "", 0, OUTSIDE
    for t, tag in enumerate((*tags, OUTSIDE)):
        mark, of_kind = _parted(tag)
        other = of_kind != kind
        if before != OUTSIDE and (before in "ES" or mark in _ENDS or other):
            found.append(Phrase(kind, start, t))
        if mark != OUTSIDE and (mark in "BS" or before in _BEGINS_AFTER or other):
            start = t
        before, kind = mark, of_kind
    return found


def tags_of(phrases: Iterable[Phrase], length: int, scheme: Scheme) -> list[str]:
    """The tags of so many symbols, among which are these phrases, in their order."""
    tags = [OUTSIDE] * length
    before = None
    for phrase in phrases:
        inside = range(phrase.start + 1, phrase.stop)
        for t in inside:
            tags[t] = f"I-{phrase.kind}"
        if scheme == "bioes":
            tags[phrase.stop - 1] = f"E-{phrase.kind}"
        follows = before is not None and before.stop == phrase.start and before.kind == phrase.kind
        first = "I" if scheme == "iob1" and not follows else "S" if scheme == "bioes" and not inside else "B"
        tags[phrase.start] = f"{first}-{phrase.kind}"
        before = phrase
    return tags


def broken(tags: Sequence[str], scheme: Scheme) -> tuple[int, str] | None:
    """The first place where tags break a scheme, and the tag that would be right there; else None."""
    if scheme == "plain":
        return None
    for t, tag in enumerate(tags):
        if tag != OUTSIDE and not _TAG.fullmatch(tag):
            return t, "O, or B- or I- and a kind of phrase"
    right = tags_of(phrases_of(tags), len(tags), scheme)
    return next(
        ((t, good) for t, (tag, good) in enumerate(zip(tags, right, strict=True)) if tag != good), None
    )


def all_tags(kinds: Iterable[str], scheme: Inner) -> list[str]:
    """The tags by which phrases of some kinds are marked."""
    return [OUTSIDE, *(f"{mark}-{kind}" for kind, mark in product(kinds, _PREFIXES[scheme]))]


def forbidden(tags: Sequence[str], scheme: Inner) -> NDArray[np.bool_]:
    """Which tag may not follow which, (K + 1, K + 1): the last row is the start, the last column the end."""
    framed = [*tags, OUTSIDE]
    moves = np.zeros((len(framed), len(framed)), np.bool_)
    if scheme != "plain":
        moves[:] = [[not _may_follow(before, after, scheme) for after in framed] for before in framed]
    return moves


def _may_follow(before: str, after: str, scheme: Inner) -> bool:
    (mark, kind), (next_mark, next_kind) = _parted(before), _parted(after)
    goes_on = next_mark in ("I", "E")
    if scheme == "iob2":
        return not goes_on or (mark != OUTSIDE and kind == next_kind)
    return goes_on == (mark in ("B", "I")) and (not goes_on or kind == next_kind)


def _parted(tag: str) -> tuple[str, str]:
    """The mark and the kind of a tag."""
    return tag[0], tag[2:]
