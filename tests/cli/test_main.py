"""The command itself: finding commands, errors in one line, and starting fast."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import elman
from elman.cli.main import main


def command(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "elman", *arguments], capture_output=True, text=True, timeout=60, **options
    )


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_names_the_commands(capsys, arguments):
    assert main(arguments) == 0
    output = capsys.readouterr().out
    for name in ("train", "sample", "score", "show"):
        assert f"  {name} " in output


def test_version_is_that_of_the_package(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"elman {elman.__version__}\n"
    project = Path(__file__).parents[2] / "pyproject.toml"
    assert (
        tomllib.loads(project.read_text())["project"].get("version", elman.__version__) == elman.__version__
    )


def test_an_unknown_command_is_refused_with_the_nearest(capsys):
    assert main(["trian"]) == 2
    assert capsys.readouterr().err == "elman: unknown command 'trian'; did you mean 'train'?\n"


def test_python_m_elman_is_the_command():
    result = command("--version")
    assert (result.returncode, result.stdout) == (0, f"elman {elman.__version__}\n")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["train", "--help"], ["sample", "--help"], ["score", "--help"]]
)
def test_help_loads_neither_torch_nor_lightning(arguments):
    script = (
        "import sys\nfrom elman.cli.main import main\n"
        f"try:\n    main({[*arguments, '--help']!r})\nexcept SystemExit:\n    pass\n"
        "sys.exit(bool({'torch', 'lightning'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True).returncode == 0


def test_the_package_loads_neither_torch_nor_lightning():
    script = "import sys, elman; dir(elman); sys.exit(bool({'torch', 'lightning'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


def test_public_names_are_there_and_others_are_not():
    for name in dir(elman):
        getattr(elman, name)
    assert {"cell", "LSTM", "GRU", "RNN", "Recurrent", "accelerate", "load", "train"} <= set(dir(elman))
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        _ = elman.trian


def test_wrong_input_is_one_line_without_traceback(tmp_path):
    result = command("train", "language", "missing.txt", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr == f"elman: {tmp_path / 'missing.txt'}: no such file\n"
