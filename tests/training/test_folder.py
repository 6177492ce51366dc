"""The run folder: chosen, never overwritten, and refused where nothing can be written."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from torch import nn

from elman.core.errors import InputError
from elman.training.folder import claim

MODEL = nn.Linear(2, 2)


def test_the_default_folder_is_named_after_task_and_data_and_numbered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("names-dinosaurs", "names-dinosaurs-2", "names-dinosaurs-3"):
        assert claim(None, "names", Path("/far/dinosaurs.txt"), MODEL) == Path("runs") / name


def test_an_empty_folder_and_one_of_other_files_are_taken(tmp_path):
    (tmp_path / "notes.txt").touch()
    assert claim(tmp_path, "names", Path("x.txt"), MODEL) == tmp_path


@pytest.mark.parametrize("sign", ["config.yaml", "model.safetensors"])
def test_a_folder_that_holds_a_run_is_refused(tmp_path, sign):
    (tmp_path / sign).touch()
    refusal = rf"{tmp_path} holds a run; continue it with --resume {tmp_path} or give another --out"
    with pytest.raises(InputError, match=refusal):
        claim(tmp_path, "names", Path("x.txt"), MODEL)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(InputError, match="cannot be made"):
            claim(path, "names", Path("x.txt"), MODEL)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unwritable for root")
def test_an_unwritable_folder_is_refused(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(InputError, match="Permission denied"):
        claim(tmp_path / "run", "names", Path("x.txt"), MODEL)


# A real limit of the operating system on the size of files: to a program, a disk that is full. It comes into
# force before the function that is named.
UNDER_A_LIMIT = """
import resource, sys
import elman, elman.training.run as run

def limited(*arguments, function=run.{function}):
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
    return function(*arguments)

run.{function} = limited
try:
    elman.train("language", "cats.txt", out="run", hidden_size=64, epochs=1)
except elman.InputError as error:
    sys.exit(str(error))
"""


def limited_from(function, folder):
    script = UNDER_A_LIMIT.format(function=function)
    return subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True)


def test_a_full_disk_is_noticed_before_training_and_nothing_is_left(text_file, tmp_path):
    result = limited_from("execute", tmp_path)
    assert result.returncode == 1
    assert "run: cannot hold the" in result.stderr
    assert "epoch" not in result.stderr
    assert os.listdir(tmp_path) == ["cats.txt"]


def test_a_disk_that_fills_up_in_training_is_an_error_and_nothing_is_half_written(text_file, tmp_path):
    result = limited_from("fit", tmp_path)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == "run/model.safetensors: cannot be written: File too large"
    assert sorted(os.listdir(tmp_path / "run")) == [
        "config.yaml",
        "log.csv",
        "probes.csv",
        "steps.csv",
        "tensorboard",
    ]
