"""Which way the folders depend on one another, and what is not loaded before it is needed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import elman

ROOT = Path(elman.__file__).parent
ORDER = ("core", "cells", "emit", "run", "nn", "data", "tasks", "training", "explain", "bench", "cli")
FILES = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.py"))
CORE_MAY_IMPORT = set(sys.stdlib_module_names) | {"numpy", "elman"}


def imports(path: Path) -> set[str]:
    """Returns the full names of the modules that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            assert node.module is not None
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", [path for path in FILES if len(path.parts) > 1], ids=str)
def test_a_folder_imports_only_those_before_it(path: Path):
    allowed = ORDER[: ORDER.index(path.parts[0]) + 1]
    for name in imports(path):
        package, _, rest = name.partition(".")
        if package == "elman" and (ROOT / rest.partition(".")[0]).is_dir():
            assert rest.partition(".")[0] in allowed, f"{path} imports {name}"


@pytest.mark.parametrize("path", [path for path in FILES if path.parts[0] == "core"], ids=str)
def test_core_imports_numpy_at_most(path: Path):
    assert {name.partition(".")[0] for name in imports(path)} <= CORE_MAY_IMPORT


def test_every_folder_is_in_the_order():
    assert {path.parts[0] for path in FILES if len(path.parts) > 1} <= set(ORDER)


@pytest.mark.parametrize(
    "arguments",
    [
        ["-c", "import elman"],
        ["-c", "import elman.cells"],
        ["-c", "import elman.core.passes, elman.core.show, elman.core.paths"],
        ["-m", "elman", "--help"],
        ["-m", "elman", "--version"],
        ["-m", "elman", "train", "--help"],
        ["-m", "elman", "show", "lstm"],
    ],
    ids=" ".join,
)
def test_neither_torch_nor_lightning_is_loaded_before_it_is_needed(arguments: list[str]):
    command = [sys.executable, "-X", "importtime", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in result.stderr.splitlines()}
    assert "elman" in loaded
    assert not loaded & {"torch", "lightning", "matplotlib", "llvmlite", "triton"}
