"""The public names: each is there, for checkers of types too, and means what its home means by it."""

import ast
from importlib import import_module
from pathlib import Path

import elman
from elman.core import symbols
from elman.core.trace import cell


def test_a_checker_of_types_sees_the_names_that_there_are():
    source = ast.parse(Path(elman.__file__).read_text("utf-8"))
    (declared,) = (node for node in source.body if isinstance(node, ast.If))
    homes = {
        alias.asname: node.module
        for node in declared.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert homes == elman._HOME


def test_every_name_is_what_its_home_means_by_it():
    for name, home in elman._HOME.items():
        assert getattr(elman, name) is getattr(import_module(home), name)
        assert name in dir(elman)


def test_equations_are_written_with_names_of_elman_alone():
    functions = {name.strip() for name in symbols._FUNCTIONS.split(",")}
    assert functions - {"abs"} <= {*elman._HOME}

    @elman.cell(states="h")
    def minimal(x, h, *, W, U, b):
        return elman.tanh(elman.layer_norm(W @ x, b, 0.0) + elman.clip(U @ h, low=-1.0, high=1.0))

    assert elman.cell is cell
    assert elman.Recurrent(minimal, 3, 5).weights().keys() == {"W", "U", "b"}
