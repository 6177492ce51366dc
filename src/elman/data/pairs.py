"""Pairs of texts, a source and its target: lines of a table, or the lines of two files side by side."""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from elman.core.errors import InputError
from elman.data.source import STANDARD_INPUT, Source
from elman.data.text import Progress, lines_of, unseen

_COMPRESSED = (".gz", ".zst")
_COLUMNS = 2
_SHOWN = 40


class Pair(NamedTuple):
    """A source, its target, and the line that they stand in."""

    source: str
    target: str
    line: int


def read_pairs(path: Path, target_file: Path | None = None, progress: Progress = unseen) -> list[Pair]:
    """The pairs of a file: source, tab, target, and further columns that are not read; or, where there is a
    file of targets, line by line those of both. Lines without any text are left out.

    Raises InputError, with the line, for one that lacks a tab or a text on one side; for files of different
    numbers of lines; where no pair is left; and as `text_blocks` does.
    """
    if target_file is None:
        found, where = _of_a_table(path, progress), str(path)
    else:
        found, where = _of_two_files(path, target_file, progress), f"{path} and {target_file}"
    pairs: list[Pair] = []
    for pair in found:
        if not pair.source and not pair.target:
            continue
        if not pair.source or not pair.target:
            missing, other = ("source", pair.target) if not pair.source else ("target", pair.source)
            raise InputError(
                f"{where}, line {pair.line:,}: the {missing} is empty, beside {other[:_SHOWN]!r}; "
                "give both sides a text, or neither"
            )
        pairs.append(pair)
    if not pairs:
        raise InputError(f"{where}: all lines are blank")
    return pairs


def _of_a_table(path: Path, progress: Progress) -> Iterator[Pair]:
    for number, line in enumerate(lines_of(Source.of(path), progress), 1):
        cells = line.split("\t")
        if len(cells) < _COLUMNS and line.strip():
            raise InputError(
                f"{path}, line {number:,}: no tab in {line[:_SHOWN]!r}; a line is source, tab, target "
                "(for two files side by side, give target_file)"
            )
        source, target = cells[:_COLUMNS] if len(cells) >= _COLUMNS else ("", "")
        yield Pair(source.strip(), target.strip(), number)


def _of_two_files(path: Path, target_file: Path, progress: Progress) -> Iterator[Pair]:
    sources, targets = lines_of(Source.of(path), progress), lines_of(Source.of(target_file))
    for number, (source, target) in enumerate(zip_longest(sources, targets), 1):
        if source is None or target is None:
            counts = [
                number - (line is None) + sum(1 for _ in rest)
                for line, rest in ((source, sources), (target, targets))
            ]
            raise InputError(
                f"{path} has {counts[0]:,} lines and {target_file} {counts[1]:,}: "
                "line n of one must say what line n of the other says"
            )
        yield Pair(source.strip(), target.strip(), number)


def beside(path: Path, target_file: Path) -> Path:
    """The file of targets that stands beside a file of sources, by the ending of another file of targets:
    beside test.en.gz, where that is train.de, test.de or test.de.gz.

    Raises InputError where there is none.
    """
    if path == STANDARD_INPUT:
        raise InputError(f"{path}: standard input has no file of targets beside it; give a file")
    ending = _plain(target_file).suffix
    plain = _plain(path).with_suffix(ending)
    candidates = [plain, *(plain.with_name(plain.name + compressed) for compressed in _COMPRESSED)]
    for candidate in candidates:
        if candidate != path and candidate.is_file():
            return candidate
    raise InputError(
        f"{path}: no file with the targets beside it: looked for {', '.join(one.name for one in candidates)}"
    )


def _plain(path: Path) -> Path:
    """A path without the ending of a compressed file."""
    return path.with_suffix("") if path.suffix in _COMPRESSED else path
