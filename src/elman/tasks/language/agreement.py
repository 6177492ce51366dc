"""The agreement test: is the right one of two sentences the likelier (Linzen et al. 2016)?

*The writer of the books is* against *the writer of the books are*: an attractor is a noun between a subject
and its verb that would have the other number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elman.core.errors import InputError
from elman.data.source import Source
from elman.data.text import Progress, lines_of, unseen

if TYPE_CHECKING:
    from elman.tasks.language.model import LanguageModel

_COLUMNS = (2, 3)


@dataclass(frozen=True)
class Pair:
    """A right sentence and a wrong one, and how many attractors they have, where that is known."""

    right: str
    wrong: str
    attractors: int | None = None


@dataclass(frozen=True)
class Share:
    """Of so many pairs, those of which the right sentence is the likelier."""

    right: int
    pairs: int

    @property
    def accuracy(self) -> float:
        """right / pairs."""
        return self.right / self.pairs


@dataclass(frozen=True)
class Agreement:
    """The share of all pairs, and of those with each number of attractors."""

    all: Share
    by_attractors: Mapping[int, Share]


def read_pairs(path: Path, progress: Progress = unseen) -> list[Pair]:
    """The pairs of a file with a line each: right, wrong and, if need be, attractors, with tabs between them.

    Lines of blanks alone are left out. Raises InputError, with the line, for other columns, a number of
    attractors that is none, sentences that are the same, and a file without a pair.
    """
    lines = enumerate(lines_of(Source.of(path), progress), start=1)
    pairs = [_pair(f"{path}, line {number}", line) for number, line in lines if line.strip()]
    if not pairs:
        raise InputError(f"{path}: no pair of sentences; give lines of right<TAB>wrong")
    return pairs


def _pair(place: str, line: str) -> Pair:
    columns = [column.strip() for column in line.split("\t")]
    if len(columns) not in _COLUMNS:
        raise InputError(
            f"{place}: {len(columns)} columns; give right<TAB>wrong, or right<TAB>wrong<TAB>attractors"
        )
    right, wrong, *attractors = columns
    if not right or not wrong:
        raise InputError(f"{place}: a sentence is empty; give right<TAB>wrong")
    if right == wrong:
        raise InputError(f"{place}: both sentences are {right!r}; the second is to be the wrong one")
    if attractors and not (attractors[0].isascii() and attractors[0].isdigit()):
        raise InputError(f"{place}: {attractors[0]!r} attractors; give a whole number, or no third column")
    return Pair(right, wrong, int(attractors[0]) if attractors else None)


def agreement(model: LanguageModel, pairs: Sequence[Pair]) -> Agreement:
    """How often a model finds the right sentence likelier than the wrong one; a tie is not right."""
    log_probs = model.log_probs([pair.right for pair in pairs] + [pair.wrong for pair in pairs])
    is_right = (log_probs[: len(pairs)] > log_probs[len(pairs) :]).tolist()
    by_attractors: dict[int, list[bool]] = defaultdict(list)
    for pair, right in zip(pairs, is_right, strict=True):
        if pair.attractors is not None:
            by_attractors[pair.attractors].append(right)
    return Agreement(
        Share(sum(is_right), len(is_right)),
        {number: Share(sum(found), len(found)) for number, found in sorted(by_attractors.items())},
    )
