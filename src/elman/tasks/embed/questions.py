"""Files by which vectors of words are judged: analogies, and pairs of words as people judge them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from elman.core.errors import InputError
from elman.data.text import read_text

_COMMENT, _SECTION = "#", ":"
_NO_SECTION = "analogies"
_FORMS = "give analogies, four words a line, or pairs, two words and a number a line"


@dataclass(frozen=True)
class Question:
    """a is to b as c is to d."""

    section: str
    words: tuple[str, str, str, str]


@dataclass(frozen=True)
class Pair:
    """Two words, and how like people find them."""

    words: tuple[str, str]
    judged: float


def read_questions(path: Path) -> list[Question] | list[Pair]:
    """Analogies, under lines ": section" as in word2vec's questions-words.txt; or pairs, with tabs, commas or
    blanks between two words and a number, as in WordSim-353. Lines that begin with # are left out.

    Raises InputError, with the line, for one that is of another form than the first.
    """
    lines = list(_lines(path))
    if not lines:
        raise InputError(f"{path}: holds nothing to be asked; {_FORMS}")
    _, first = lines[0]
    if first.startswith(_SECTION) or len(first.split()) == 4:
        return _analogies(path, lines)
    return [_pair(path, number, line) for number, line in lines]


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip() and not line.startswith(_COMMENT):
            yield number, line.strip()


def _analogies(path: Path, lines: list[tuple[int, str]]) -> list[Question]:
    found: list[Question] = []
    section = _NO_SECTION
    for number, line in lines:
        if line.startswith(_SECTION):
            section = line.removeprefix(_SECTION).strip()
            continue
        words = line.split()
        if len(words) != 4:
            raise InputError(f"{path}, line {number}: {len(words)} words; an analogy is of four: a b c d")
        a, b, c, d = words
        found.append(Question(section, (a, b, c, d)))
    if not found:
        raise InputError(f"{path}: holds names of sections and no analogy; {_FORMS}")
    return found


def _pair(path: Path, number: int, line: str) -> Pair:
    fields = [field for field in re.split(r"[\t,]|\s+", line) if field]
    try:
        first, second, judged = fields
        return Pair((first, second), float(judged))
    except ValueError:
        raise InputError(f"{path}, line {number}: {line[:60]!r} is no question; {_FORMS}") from None
