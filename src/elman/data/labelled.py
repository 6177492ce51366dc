"""Texts with a label each, from whatever holds them: folders, tables, lines of fastText."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from elman.core.errors import InputError
from elman.data.source import STANDARD_INPUT, Source
from elman.data.table import Row, Table, distinct, read_table
from elman.data.text import Progress, lines_of, read_text, unseen

_PREFIX = "__label__"
_TWO = 2
_TEXTS = (".txt", ".txt.gz", ".txt.zst")
_TABLES = (".csv", ".tsv", ".tab")
_TEXT_NAMES = ("text", "sentence", "review", "comment", "content", "message", "document")
_LABEL_NAMES = ("label", "class", "category", "sentiment", "target", "intent")
_NAME = re.compile(r"[^\W\d][\w.-]{0,29}")
_FORMS = (
    "give a table (.csv, .tsv, or lines with tabs), lines of fastText (__label__NAME TEXT), a folder with a "
    "file of lines for each label, or one with a folder of texts for each"
)


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text, what it is told to be, and where it stands."""

    text: str
    label: str
    file: Path
    line: int

    @property
    def place(self) -> str:
        """The file and the line."""
        return f"{self.file}, line {self.line}"


@dataclass(frozen=True)
class LabelledTexts:
    """The examples of a file or a folder, and what is to be said of how it was read."""

    examples: tuple[LabelledText, ...]
    notes: tuple[str, ...]


def read_labelled(
    path: str | Path,
    text_column: str | None = None,
    label_column: str | None = None,
    progress: Progress = unseen,
) -> LabelledTexts:
    """The labelled texts of a table, of fastText's lines, or of a folder, blanks at their ends cut off.

    A folder has a folder of texts for each label, or a file for each of which every line is a text. Columns
    are given by name or by number from 1; by themselves they are found where that is clear.

    Examples without text are left out, with a note. Raises InputError, with file and line, where there is no
    label, or more than one, or nothing is left; where columns are not clear; and as `read_table` does.
    """
    path = Path(path)
    notes: list[str] = []
    if path != STANDARD_INPUT and path.is_dir():
        found = _of_folder(path, progress)
    else:
        found = _of_file(path, text_column, label_column, notes, progress)
    examples = tuple(example for example in found if example.text)
    empty = [example for example in found if not example.text]
    if empty:
        notes.append(f"left out without a text: {len(empty):,}, the first at {empty[0].place}")
    if not examples:
        raise InputError(f"{path}: holds no labelled text; {_FORMS}")
    return LabelledTexts(examples, tuple(notes))


def _of_folder(folder: Path, progress: Progress) -> list[LabelledText]:
    """A folder of folders of texts, or of files of lines."""
    files = Source.of(folder).files
    other = [file for file in files if not file.name.endswith(_TEXTS)]
    if other:
        raise InputError(
            f"{other[0]}: in a folder texts are in {', '.join(_TEXTS)} files; give a table by itself"
        )
    deep = [len(file.relative_to(folder).parts) > 1 for file in files]
    if any(deep) and not all(deep):
        loose = files[deep.index(False)].name
        raise InputError(f"{folder}: {loose} stands beside folders of texts: which are the labels?")
    sizes = Source.of(folder).sizes()
    examples: list[LabelledText] = []
    whole = sum(sizes)
    for file, done in zip(files, accumulate(sizes), strict=True):
        if deep[0]:
            examples.append(LabelledText(read_text(file).strip(), file.relative_to(folder).parts[0], file, 1))
        else:
            lines = enumerate(lines_of(Source.of(file)), 1)
            label = file.name.partition(".txt")[0]
            examples += [LabelledText(line.strip(), label, file, at) for at, line in lines if line.strip()]
        progress(done, whole)
    return examples


def _of_file(
    path: Path, text_column: str | None, label_column: str | None, notes: list[str], progress: Progress
) -> list[LabelledText]:
    if any(suffix in _TABLES for suffix in path.suffixes[-2:]) or text_column or label_column:
        return _of_table(read_table(path, progress), text_column, label_column, notes)
    first = next((line for line in lines_of(Source.of(path)) if line.strip()), "")
    if first.startswith(_PREFIX):
        return list(_of_fasttext(path, progress))
    if "\t" in first:
        return _of_table(read_table(path, progress), text_column, label_column, notes)
    raise InputError(f"{path}: it is not clear what is text there and what a label; {_FORMS}")


def _of_fasttext(path: Path, progress: Progress) -> Iterator[LabelledText]:
    for number, line in enumerate(lines_of(Source.of(path), progress), 1):
        if not line.strip():
            continue
        label, _, text = line.strip().partition(" ")
        if not label.startswith(_PREFIX) or label == _PREFIX:
            raise InputError(f"{path}, line {number}: begins with {label[:30]!r}, not with {_PREFIX}NAME")
        text = text.strip()
        if text.startswith(_PREFIX):
            raise InputError(f"{path}, line {number}: has more than one label; a text has one here")
        yield LabelledText(text, label.removeprefix(_PREFIX), path, number)


def _of_table(
    table: Table, text_column: str | None, label_column: str | None, notes: list[str]
) -> list[LabelledText]:
    text = None if text_column is None else table.column(text_column, "text_column")
    label = None if label_column is None else table.column(label_column, "label_column")
    if text is None or label is None:
        text, label = _guessed(table, text, label)
    if text == label:
        raise InputError(f"{table.path}: column {text + 1} cannot be both text and label")
    first = table.rows[0].fields
    header = first[text] == text_column or first[label] == label_column or _is_header(table, text, label)
    named = [f"{first[place]!r}" if header else f"column {place + 1}" for place in (text, label)]
    began = "the first row is a header" if header else "no header"
    notes.append(f"{table.path.name}: texts are {named[0]}, labels {named[1]}; {began}")
    return [_example(table.path, row, text, label) for row in table.rows[int(header) :]]


def _example(path: Path, row: Row, text: int, label: int) -> LabelledText:
    example = LabelledText(row.fields[text].strip(), row.fields[label].strip(), path, row.line)
    if not example.label:
        raise InputError(f"{example.place}: has no label in column {label + 1}")
    return example


def _guessed(table: Table, text: int | None, label: int | None) -> tuple[int, int]:
    """The places of texts and labels: by usual names, else of two columns labels are where fewer differ."""
    names = [name.strip().lower() for name in table.rows[0].fields]
    text = _usual(names, _TEXT_NAMES) if text is None else text
    label = _usual(names, _LABEL_NAMES) if label is None else label
    if text is not None and label is not None:
        return text, label
    if table.columns != _TWO:
        raise InputError(
            f"{table.path}: which of its {table.columns} columns are text and label? Give text_column and "
            f"label_column, by number or by a name of the first row: {', '.join(table.rows[0].fields)[:200]}"
        )
    if text is not None:
        return text, 1 - text
    if label is None:
        label = min((0, 1), key=lambda place: (distinct(table.rows, place), _width(table.rows, place)))
    return 1 - label, label


def _usual(names: Sequence[str], usual: Sequence[str]) -> int | None:
    """The place of the one name that is usual, if there is one."""
    found = [place for place, name in enumerate(names) if name in usual]
    return found[0] if len(found) == 1 else None


def _width(rows: Sequence[Row], place: int) -> int:
    return sum(len(row.fields[place]) for row in rows)


def _is_header(table: Table, text: int, label: int) -> bool:
    """Whether the first row names columns: by names alone, and a label that no other row has."""
    first, *others = table.rows
    named = all(_NAME.fullmatch(first.fields[place].strip()) for place in (text, label))
    return named and all(row.fields[label] != first.fields[label] for row in others)
