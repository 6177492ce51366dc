"""Dialogues: turns that follow each other, in lines of turns between tabs or in YAML as chatterbot has it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from elman.core.errors import InputError
from elman.data.source import Source
from elman.data.text import Progress, lines_of, read_text, unseen

_YAML = frozenset((".yml", ".yaml"))
_CONVERSATIONS = "conversations"
_FEWEST = 2


class Dialogue(NamedTuple):
    """The turns of a dialogue, and the line or the number in the file at which it stands."""

    turns: tuple[str, ...]
    place: int


def read_dialogues(path: Path, progress: Progress = unseen) -> list[Dialogue]:
    """The dialogues of a file, or of all text files of a folder: in YAML (.yml, .yaml) the list
    `conversations` of lists of turns, else a dialogue a line, its turns between tabs.

    Blank turns are left out, and then dialogues of less than two. Raises InputError where none is left, for
    YAML of another form, and as `text_blocks` does.
    """
    files = Source.of(path).files
    found: list[Dialogue] = []
    for file in files:
        dialogues = (
            _of_yaml(file, progress) if _YAML.intersection(file.suffixes) else _of_lines(file, progress)
        )
        for turns, place in dialogues:
            said = tuple(" ".join(turn.split()) for turn in turns if turn.strip())
            if len(said) >= _FEWEST:
                found.append(Dialogue(said, place))
    if not found:
        raise InputError(
            f"{path}: holds no turn with an answer; give lines of turns between tabs, or YAML with a list of "
            f"{_CONVERSATIONS}"
        )
    return found


def _of_lines(file: Path, progress: Progress) -> Iterator[tuple[list[str], int]]:
    for number, line in enumerate(lines_of(Source.of(file), progress), 1):
        yield line.split("\t"), number


def _of_yaml(file: Path, progress: Progress) -> Iterator[tuple[list[str], int]]:
    try:
        # Nothing but texts, lists and mappings: `no` and `1.10` are what somebody said.
        content: Any = yaml.load(read_text(file, progress), Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f"{file}: not YAML: {' '.join(str(error).split())}") from error
    dialogues = content.get(_CONVERSATIONS) if isinstance(content, dict) else None
    if not isinstance(dialogues, list):
        raise InputError(f"{file}: has no list of {_CONVERSATIONS}")
    for number, dialogue in enumerate(dialogues, 1):
        turns = dialogue if isinstance(dialogue, list) else [dialogue]
        for turn in turns:
            if not isinstance(turn, str):
                raise InputError(
                    f"{file}: a turn of conversation {number} is {turn!r}; give a text, in quotes where it "
                    "has a colon"
                )
        yield turns, number
