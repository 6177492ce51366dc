"""Equations that are not well formed: each gets an error of its own, with file, line and equation."""

import re
import textwrap
from pathlib import Path

import pytest

from elman.core.errors import CellError
from elman.core.trace import Cell
from tests.core.broken_cells import CASES

HEAD = """import math

import numpy as np
import torch

from elman.core.ops import *
from elman.core.trace import cell


"""


def file_text(source: str) -> str:
    return HEAD + textwrap.dedent(source).lstrip()


def load(path: Path, text: str) -> Cell:
    """Runs a file with one cell in it, named `broken`."""
    path.write_text(text, "utf-8")
    names: dict[str, object] = {}
    exec(compile(text, str(path), "exec"), names)
    made = names["broken"]
    assert isinstance(made, Cell)
    return made


@pytest.mark.parametrize("case", CASES)
def test_the_error_names_the_equation(case: str, tmp_path: Path):
    source, message = CASES[case]
    path, text = tmp_path / "my_cell.py", file_text(source)
    with pytest.raises(CellError) as raised:
        _ = load(path, text).step
    where, said = str(raised.value).split("\n  ")
    ((number, equation),) = [pair for pair in enumerate(text.splitlines(), 1) if "# here" in pair[1]]
    assert where == f"{path}, line {number}: {equation.strip()}"
    assert said.startswith(message)


WRONG_ARGUMENTS = {
    "def broken(x, s, *, W):": "(x, h) but takes (x, s)",
    "def broken():": "(x, h) but takes ()",
    "def broken(x, h, W):": "(x, h) but takes (x, h, W)",
    "def broken(x, h, *more, W):": "(x, h) but takes (x, h, *more)",
    "def broken(x, h, **W):": "(x, h) but takes (x, h, *W)",
}


@pytest.mark.parametrize("head", WRONG_ARGUMENTS)
def test_arguments_are_checked_where_the_cell_is_made(head: str, tmp_path: Path):
    path = tmp_path / "my_cell.py"
    message = f"{path}, line 11: {head}\n  broken declares the arguments {WRONG_ARGUMENTS[head]}"
    with pytest.raises(CellError, match=re.escape(message)):
        load(path, file_text(f"@cell\n{head}\n    return 1\n"))


def test_what_python_itself_refuses_stays_as_it_is(tmp_path: Path):
    with pytest.raises(NameError, match="name 'hh' is not defined"):
        _ = load(tmp_path / "my_cell.py", file_text("@cell\ndef broken(x, h, *, W):\n    return hh\n")).step
