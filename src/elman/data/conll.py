"""Tagged sentences: files of columns, a token a line, and folders of parallel files, a sentence a line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from elman.core.errors import InputError
from elman.data.source import Source
from elman.data.text import Progress, lines_of, unseen

TOKENS, TAGS, LABELS = PARALLEL = ("seq.in", "seq.out", "label")
_CONLLU_COLUMNS, _FORM, _UPOS = 10, 2, 4
_WORD_ID = re.compile(r"\d+")
_OTHER_ID = re.compile(r"\d+[-.]\d+")
_DOCUMENT = "-DOCSTART-"
_SHOWN = 60


@dataclass(frozen=True)
class Sentence:
    """Tokens, the tag and the line of each, and what the whole is labelled with, if it is."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    lines: tuple[int, ...]
    label: str | None = None

    @property
    def text(self) -> str:
        """The tokens with blanks between them."""
        return " ".join(self.tokens)


def read_sentences(
    path: Path, token_column: int | None = None, tag_column: int | None = None, progress: Progress = unseen
) -> list[Sentence]:
    """The sentences of a file of columns, or of a folder with seq.in, seq.out and, if there is one, label.

    Columns are numbered from 1, from the end with a minus. By themselves tokens are in the first and tags in
    the last one; in CoNLL-U they are FORM and UPOS. Between columns are tabs where the first line has one,
    else blanks. An empty line ends a sentence. Lines that begin with # and have another number of columns are
    comments.

    Raises InputError, with the line, for one that has more or fewer columns than the others, an empty token
    or tag, parallel files of unequal length; for a file without a token, and as `text_blocks` does.
    """
    if path.is_dir() and (path / TOKENS).is_file():
        return _read_parallel(path, progress)
    lines = list(lines_of(Source.of(path), progress))
    sentences = list(_sentences(path, token_column, tag_column, lines)) if any(map(str.strip, lines)) else []
    if not sentences:
        raise InputError(f"{path}: holds no token; give columns, one token and its tag a line")
    return sentences


def _sentences(path: Path, token: int | None, tag: int | None, lines: Sequence[str]) -> Iterator[Sentence]:
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    first = first or next((line for line in lines if line.strip()), "")
    separator = "\t" if "\t" in first else None
    fields = _fields(first, separator)
    conllu = len(fields) == _CONLLU_COLUMNS and bool(_WORD_ID.match(fields[0]))
    token = _column(path, "token_column", token, _FORM if conllu else 1, len(fields))
    tag = _column(path, "tag_column", tag, _UPOS if conllu else len(fields), len(fields))
    rows: list[tuple[str, str, int]] = []
    for number, line in enumerate(lines, start=1):
        found = _fields(line, separator)
        if not line.strip():
            yield from _ended(rows)
            rows = []
        elif len(found) != len(fields):
            if not line.startswith("#"):
                raise InputError(
                    f"{path}, line {number}: {len(found)} columns where the first line has {len(fields)}: "
                    f"{line[:_SHOWN]!r}"
                )
        elif not (conllu and _OTHER_ID.fullmatch(found[0])):
            if not found[token].strip() or not found[tag].strip():
                raise InputError(f"{path}, line {number}: an empty token or tag: {line[:_SHOWN]!r}")
            rows.append((found[token], found[tag], number))
    yield from _ended(rows)


def _fields(line: str, separator: str | None) -> list[str]:
    return line.split(separator) if separator is None else line.rstrip("\n").split(separator)


def _column(path: Path, name: str, given: int | None, usual: int, columns: int) -> int:
    """The index of a column."""
    column = usual if given is None else given
    if not 1 <= abs(column) <= columns:
        raise InputError(f"{path}: {name} is {column}, and its lines have {columns} columns")
    return column - 1 if column > 0 else columns + column


def _ended(rows: Sequence[tuple[str, str, int]]) -> Iterator[Sentence]:
    """The sentence of some rows, unless they are none, or the mark of a new document."""
    if rows and rows[0][0] != _DOCUMENT:
        tokens, tags, lines = zip(*rows, strict=True)
        yield Sentence(tokens, tags, lines)


def _read_parallel(folder: Path, progress: Progress) -> list[Sentence]:
    names = [name for name in PARALLEL if name != LABELS or (folder / name).is_file()]
    columns = [_lines(folder / name, progress) for name in names]
    if len({len(column) for column in columns}) > 1:
        said = ", ".join(f"{name} {len(lines):,}" for name, lines in zip(names, columns, strict=True))
        raise InputError(f"{folder}: parallel files have as many lines each, not {said}")
    sentences: list[Sentence] = []
    for number, (text, marks, *label) in enumerate(zip(*columns, strict=True), start=1):
        tokens, tags = tuple(text.split()), tuple(marks.split())
        if len(tokens) != len(tags):
            token, tag = next((a, b) for a, b in zip_longest(tokens, tags) if a is None or b is None)
            raise InputError(
                f"{folder}, line {number}: {len(tokens)} tokens in {TOKENS} and {len(tags)} tags in {TAGS}: "
                f"{'no tag for ' + repr(token) if tag is None else 'no token for ' + repr(tag)}"
            )
        if not tokens:
            raise InputError(f"{folder}, line {number}: is empty; leave it out of {' and '.join(names)}")
        if label and not label[0].strip():
            raise InputError(f"{folder / LABELS}, line {number}: is empty; give the label of the sentence")
        named = label[0].strip() if label else None
        sentences.append(Sentence(tokens, tags, (number,) * len(tokens), named))
    return sentences


def _lines(file: Path, progress: Progress) -> list[str]:
    if not file.is_file():
        raise InputError(f"{file}: no such file; {TOKENS} and {TAGS} belong together")
    return list(lines_of(Source.of(file), progress))
