"""`elman sweep`: a table, a picture, and the command that trains the best."""

import os
import shlex
import subprocess
import sys

import pytest

from elman.cli.main import main

TINY = ["--hidden-size", "8", "--embedding-size", "8", "--layers", "1", "--epochs", "1"]
WINDOW = ["--batch-size", "4", "--sequence-length", "20"]


@pytest.fixture
def text_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "cats.txt"
    path.write_text("the cat sat on the mat. " * 40)
    return path


def test_it_prints_a_table_and_the_command_that_trains_the_best(text_file, capfd):
    command = [
        "sweep",
        "language",
        "cats.txt",
        *TINY,
        "--grid",
        "learning_rate=0.0001,0.02",
        "--minutes",
        "1",
    ]
    assert main([*command, "--jobs", "2"]) == 0
    lines = capfd.readouterr().out.splitlines()
    rows = [line for line in lines if "trial-" in line]
    assert ["0.02" in rows[0], "0.0001" in rows[1]] == [True, True]
    assert "runs/sweep-language-cats/trial-002" in rows[0]
    assert lines[-2] == "picture: runs/sweep-language-cats/sweep.png"
    assert lines[-1] == "next:    elman train --config runs/sweep-language-cats/best.yaml"
    assert main(shlex.split(lines[-1].partition("elman ")[2])) == 0
    # The same command has nothing left to do, and says the same.
    capfd.readouterr()
    assert main([*command, "--jobs", "1"]) == 0
    output, progress = capfd.readouterr()
    assert output.splitlines() == lines
    assert "begins" not in progress


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--grid", "hidden=8"], "unknown option 'hidden'; did you mean 'hidden_size'?"),
        (["--grid", "cell=lstm", "--jobs", "0"], "jobs is 0"),
        (["--grid", "cell=lstm", "--trials", "0"], "trials is 0"),
        (["--grid", "cell=lstm", "--minutes", "-1"], "max_minutes is -1"),
    ],
)
def test_wrong_input_is_one_line_and_leaves_nothing_behind(text_file, capfd, arguments, message):
    assert main(["sweep", "language", "cats.txt", *arguments]) == 2
    error = capfd.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert os.listdir() == ["cats.txt"]


def test_help_loads_neither_torch_nor_optuna():
    command = [sys.executable, "-X", "importtime", "-m", "elman", "sweep", "--help"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in result.stderr.splitlines()}
    assert "elman" in loaded
    assert not loaded & {"torch", "lightning", "matplotlib", "optuna", "sqlalchemy"}
