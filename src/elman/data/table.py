"""Tables: rows of CSV or TSV with columns that are found by name or by number."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from elman.core.errors import InputError
from elman.data.source import Source
from elman.data.text import Progress, lines_of, unseen

_LONGEST_FIELD = 1 << 30


@dataclass(frozen=True)
class Row:
    """The fields of a row, and the line of the file, from 1, on which it begins."""

    line: int
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of equally many fields. The first may be a header: that is for its reader to say."""

    path: Path
    rows: tuple[Row, ...]

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return len(self.rows[0].fields)

    def column(self, asked: str, option: str, header: bool = True) -> int:
        """The place, from 0, of a column given by its name in the first row or by its number from 1.

        option: who asks. Raises InputError where there is none.
        """
        names = self.rows[0].fields if header else ()
        if asked in names:
            return names.index(asked)
        if asked.isdecimal() and 1 <= int(asked) <= self.columns:
            return int(asked) - 1
        named = f", or a name: {', '.join(names)}" if names else ""
        raise InputError(f"{self.path}: no {option} {asked!r}; give a number from 1 to {self.columns}{named}")


def read_table(path: str | Path, progress: Progress = unseen) -> Table:
    """The rows of a file: of CSV where its name says so (.csv, compressed or not), else what tabs separate.

    CSV has quotes as in RFC 4180; in TSV every character but the tab is text. Blank lines are left out.

    Raises InputError, with the line, where a row has not as many fields as the first, a quote is not closed,
    and as `lines_of` does.
    """
    path = Path(path)
    lines = lines_of(Source.of(path), progress)
    rows = tuple(_csv_rows(path, lines) if ".csv" in path.suffixes[-2:] else _tab_rows(lines))
    if not rows:
        raise InputError(f"{path}: all lines are blank")
    columns = len(rows[0].fields)
    for row in rows:
        if len(row.fields) != columns:
            found = f"{len(row.fields)} column{'' if len(row.fields) == 1 else 's'}"
            raise InputError(f"{path}, line {row.line}: {found}, where line {rows[0].line} has {columns}")
    return Table(path, rows)


def _tab_rows(lines: Iterable[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield Row(number, tuple(line.split("\t")))


def _csv_rows(path: Path, lines: Iterable[str]) -> Iterator[Row]:
    # Python's own limit of 131,072 characters is less than a long document has.
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader((f"{line}\n" for line in lines), strict=True)
    begin = 1
    try:
        for fields in reader:
            if "".join(fields).strip():
                yield Row(begin, tuple(fields))
            begin = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{path}, line {begin}: not CSV: {error}") from error


def distinct(rows: Sequence[Row], place: int) -> int:
    """How many different values a column has."""
    return len({row.fields[place] for row in rows})
