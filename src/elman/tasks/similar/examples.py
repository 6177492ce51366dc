"""The rows that a model of likeness learns from: lines, pairs of texts, pairs with a score."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from elman.core.errors import InputError
from elman.data.source import Source
from elman.data.table import Row, Table, read_table
from elman.data.text import Progress, lines_of, read_lines, unseen
from elman.tasks.similar.config import SimilarConfig

_TABLES = (".csv", ".tsv", ".tab")
_NAMES = frozenset(
    f"{name}{number}" for name in ("text", "sentence", "question", "sent", "s", "q") for number in ("1", "2")
) | {"score", "label", "similarity", "gold", "is_duplicate"}
_COLUMNS = {"pairs": 2, "scores": 3}


@dataclass(frozen=True, slots=True)
class Example:
    """Two texts, one twice where it is to be made two views of, and how alike they are, if that is told."""

    first: str
    second: str
    score: float | None = None

    @property
    def key(self) -> str:
        """What is the same of a pair and of its reverse."""
        return min(self.first, self.second)


@dataclass(frozen=True)
class Examples:
    """The rows of a file, all of one form: lines, adjacent, pairs or scores."""

    path: Path
    form: str
    rows: tuple[Example, ...]


def read_examples(path: Path, config: SimilarConfig, progress: Progress = unseen) -> Examples:
    """The rows of a file, of the form that the configuration says or, by itself, that its columns tell.

    Raises InputError, with the line, for a row without a text or a score that is a number, for columns that
    are not there, where all scores are equal, and as `read_table` and `read_lines` do.
    """
    if config.form in ("lines", "adjacent") or (config.form == "auto" and not _is_table(path)):
        return _of_lines(path, config, progress)
    table = read_table(path, progress)
    form = (
        config.form if config.form != "auto" else "scores" if table.columns > _COLUMNS["pairs"] else "pairs"
    )
    if table.columns < _COLUMNS[form]:
        raise InputError(
            f"{path}: {table.columns} columns, and {form} take {_COLUMNS[form]}: a text, another, "
            "and how alike they are; or give the form: lines, adjacent, pairs"
        )
    rows = tuple(_of_table(table, form, config))
    if not rows:
        raise InputError(f"{path}: holds the names of columns and no pair of texts")
    if form == "scores" and len({row.score for row in rows}) == 1:
        raise InputError(
            f"{path}: all pairs have the score {rows[0].score:g}: nothing to tell apart; for pairs that are "
            "all alike give form pairs"
        )
    return Examples(path, form, rows)


def _is_table(path: Path) -> bool:
    if any(suffix in _TABLES for suffix in path.suffixes[-2:]):
        return True
    return "\t" in next((line for line in lines_of(Source.of(path)) if line.strip()), "")


def _of_lines(path: Path, config: SimilarConfig, progress: Progress) -> Examples:
    if config.form != "adjacent":
        return Examples(path, "lines", tuple(Example(line, line) for line in read_lines(path, progress)))
    lines = (line.strip() for line in lines_of(Source.of(path), progress))
    rows = tuple(Example(*pair) for pair in pairwise(lines) if all(pair) and pair[0] != pair[1])
    if not rows:
        raise InputError(f"{path}: no two different lines that are not blank follow each other")
    return Examples(path, "adjacent", rows)


def _of_table(table: Table, form: str, config: SimilarConfig) -> Iterator[Example]:
    asked = [config.first_column, config.second_column, config.score_column][: _COLUMNS[form]]
    options = ("first_column", "second_column", "score_column")
    places = [
        place if name is None else table.column(name, option)
        for place, (name, option) in enumerate(zip(asked, options, strict=False))
    ]
    names = {field.strip().lower() for field in table.rows[0].fields}
    header = bool(names & _NAMES) or any(name in table.rows[0].fields for name in asked if name is not None)
    for row in table.rows[int(header) :]:
        fields = [row.fields[place].strip() for place in places]
        for field, place in zip(fields[:2], places, strict=False):
            if not field:
                raise InputError(f"{table.path}, line {row.line}: no text in column {place + 1}")
        example = Example(fields[0], fields[1])
        yield (
            example if form == "pairs" else replace(example, score=_score(table.path, row, fields[2], config))
        )


def _score(path: Path, row: Row, field: str, config: SimilarConfig) -> float:
    if config.alike is not None:
        return float(field == config.alike)
    try:
        score = float(field)
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise InputError(
            f"{path}, line {row.line}: the score {field[:30]!r} is no number; give numbers, or the label of "
            "pairs that are alike as the option alike, or form pairs if there is no score"
        )
    return score
