"""`elman predict RUN [TEXT…]`: what a trained model makes of raw input, from arguments, a file or a pipe."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import tyro
from tyro.conf import OmitArgPrefixes, Positional

from elman.core.errors import InputError
from elman.data.source import STANDARD_INPUT, Source
from elman.data.text import lines_of, read_text
from elman.tasks import TASKS, Task

Options = TypeVar("Options")


@dataclass(frozen=True)
class _Arguments(Generic[Options]):
    run: Positional[Path]
    """Folder of a run, or a model file."""
    options: OmitArgPrefixes[Options]
    texts: Annotated[Positional[tuple[str, ...]], tyro.conf.arg(metavar="[TEXT…]")] = ()
    """Texts, each on its own; without any, the lines of --file."""
    file: Path = STANDARD_INPUT
    """A file of which each line is a text; - is standard input."""
    whole: bool = False
    """Whether the file, with all of its lines, is one text."""
    json: bool = False
    """Whether to write a line of JSON for each text."""


def main(argv: Sequence[str]) -> int:
    """Predict; returns the exit status."""
    if not argv or argv[0].startswith("-"):
        asked = [task.name for task in TASKS.values() if task.asked_by == "predict"]
        usage = "elman predict RUN [TEXT…] [--file FILE [--whole]] [--json]"
        print(f"{usage}: RUN is a model of {', '.join(asked)}")
        print("elman predict RUN --help lists the options of its task.")
        return 0

    from elman.tasks.model_file import load, task_of

    task = task_of(Path(argv[0]))
    if not hasattr(task.predict, "predictions"):
        raise InputError(f"{argv[0]} is a model of {task.name}: ask it by elman {task.asked_by} {argv[0]}")
    given = _parse(task, argv)
    given.options.validate()
    model = load(given.run)
    found = False
    for text, prediction in _predictions(task, model, _texts(given), given.options):
        found = True
        if given.json:
            shown = None if prediction is None else prediction.to_dict()
            print(json.dumps({"input": text, "prediction": shown}, ensure_ascii=False), flush=True)
        else:
            print("" if prediction is None else prediction.text(), flush=True)
    if not found:
        raise InputError(f"{given.file}: holds no line to predict anything of")
    return 0


def _parse(task: Task, argv: Sequence[str]) -> _Arguments[Any]:
    return tyro.cli(
        _Arguments[task.predict_options],
        args=list(argv),
        prog="elman predict",
        description=f"What a model trained to {task.title} makes of raw input.",
        config=(tyro.conf.DisallowNone,),
    )


def _texts(given: _Arguments[Any]) -> Iterator[str]:
    if given.texts:
        if given.whole:
            raise InputError("whole is of a file, and texts are given: leave out one of the two")
        yield from given.texts
    elif given.whole:
        yield read_text(given.file)
    elif given.file == STANDARD_INPUT and not sys.stdin.isatty():
        # Line by line as they come, so that a program at the other end of the pipe gets its answers at once.
        for number, line in enumerate(sys.stdin.buffer, start=1):
            yield _decoded(line, number)
    else:
        yield from lines_of(Source.of(given.file))


def _decoded(line: bytes, number: int) -> str:
    """A line of standard input without its end; the first without a byte order mark."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        wrong = f"byte 0x{line[error.start]:02x} is not UTF-8 ({error.reason})"
        raise InputError(f"-, line {number}: {wrong}; convert the text to UTF-8 first") from error
    text = text.removesuffix("\n").removesuffix("\r")
    return text.removeprefix("\ufeff") if number == 1 else text


def _predictions(task: Task, model: Any, texts: Iterator[str], options: Any) -> Iterator[tuple[str, Any]]:
    """Each text with its prediction, None for one of blanks alone, so that output has a line for each."""
    for text in texts:
        if not text or text.isspace():
            yield text, None
        else:
            yield from ((text, prediction) for prediction in task.predict.predictions(model, [text], options))
