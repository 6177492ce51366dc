"""`elman COMMAND …`: finds the command, and turns errors into one line and an exit status."""

import io
import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module

from elman import __version__
from elman.core.errors import ElmanError, InputError
from elman.tasks.options import nearest

_COMMANDS = {
    "train": "train a model: elman train [TASK] [DATA]",
    "sweep": "train with many settings, and compare: elman sweep TASK DATA --grid cell=lstm,gru",
    "predict": "what a trained model makes of raw input: elman predict RUN TEXT…",
    "evaluate": "how good a trained model is on data: elman evaluate RUN DATA",
    "info": "what a model file holds: elman info FILE",
    "sample": "let a trained model write: elman sample RUN",
    "score": "how probable are these texts: elman score RUN TEXT…",
    "agreement": "is the right one of two sentences the likelier: elman agreement RUN PAIRS",
    "vectors": "the vectors of words, as a picture and as files: elman vectors RUN --plot FILE",
    "diagnose": "what is wrong with a run, and what to change: elman diagnose RUN",
    "bench": "how fast elman is on this machine: elman bench layers",
    "show": "the equations of a cell, and its backpropagation through time: elman show CELL",
}
_ERROR = 1
_WRONG_INPUT = 2
_INTERRUPTED = 130
_BROKEN_PIPE = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit status: 2 for wrong input, 1 for what went wrong on the way, else 0."""
    warnings.showwarning = _show_warning
    for stream in (sys.stdout, sys.stderr):
        # What the terminal, or UTF-8, cannot say becomes a question mark and not a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    # Torch's threads (libgomp) spin while they wait for each other: beside another busy process, small models
    # became thirty times slower. Now they sleep after a short spin, unless the user has a policy.
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except InputError as error:
        print(f"elman: {error}", file=sys.stderr)
        return _WRONG_INPUT
    except ElmanError as error:
        print(f"elman: {error}", file=sys.stderr)
        return _ERROR
    except BrokenPipeError:
        # Whoever read the output has gone. Python would complain once more when it flushes on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return _INTERRUPTED
    return status


def _run(arguments: list[str]) -> int:
    command = arguments[0] if arguments else "--help"
    if command in ("-h", "--help"):
        print(_usage())
    elif command == "--version":
        print(f"elman {__version__}")
    elif command in _COMMANDS:
        return import_module(f"elman.cli.{command}").main(arguments[1:]) or 0
    else:
        raise InputError(f"unknown command {command!r}; did you mean {nearest(command, _COMMANDS)!r}?")
    return 0


def _usage() -> str:
    lines = (f"  {name:9} {meaning}" for name, meaning in _COMMANDS.items())
    return "\n".join(
        [
            "elman: recurrent neural networks whose equations are the program",
            "",
            *lines,
            "",
            "elman COMMAND --help lists the options of a command; elman --version prints the version.",
        ]
    )


def _show_warning(message: Warning | str, *details: object, **more: object) -> None:
    print(f"elman: {message}", file=sys.stderr)
