"""Two processes learn what one does with both their streams."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch

OPTIONS = ["--hidden-size", "24", "--layers", "2", "--embedding-size", "8", "--dropout", "0", "--epochs", "3"]
OPTIONS += ["--batch-size", "6", "--sequence-length", "16", "--validate-every", "11", "--seed", "3"]


def train(processes: int, folder: Path, *options: str) -> str:
    """What `elman train` says, run by torchrun on so many processes of this machine."""
    alone = [sys.executable, "-m"]
    together = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        f"--nproc-per-node={processes}",
        "-m",
    ]
    command = [*(alone if processes == 1 else together), "elman", "train", *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "GOMP_SPINCOUNT": "2000"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def log(run: Path) -> list[dict[str, float]]:
    rows = csv.DictReader((run / "log.csv").open())
    return [{name: float(value) for name, value in row.items() if name != "seconds"} for row in rows]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The same run by one process and by two, on a text whose streams are not equally long."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "cats.txt").write_text(
        "the cat sat on the mat. a dog sat on the log. " * 61 + "the end", "utf-8"
    )
    said = [train(n, folder, "language", "cats.txt", "--out", f"run{n}", *OPTIONS) for n in (1, 2)]
    return folder, said


def test_the_loss_curve_is_that_of_one_process_with_the_joint_batch(runs):
    folder, _ = runs
    alone, together = log(folder / "run1"), log(folder / "run2")
    assert len(alone) == len(together) > 5
    for one, other in zip(alone, together, strict=True):
        for name, value in one.items():
            assert other[name] == pytest.approx(value, rel=2e-5, abs=1e-5), name


def test_so_are_the_weights_to_rounding(runs):
    folder, _ = runs
    alone, together = (safetensors.torch.load_file(folder / f"run{n}" / "model.safetensors") for n in (1, 2))
    for name, weight in alone.items():
        torch.testing.assert_close(together[name], weight, atol=2e-4, rtol=1e-3, msg=name)


def test_only_one_of_the_processes_speaks(runs):
    _, (alone, together) = runs
    assert together.count("validation:") == alone.count("validation:") == 1


def test_a_run_of_two_processes_is_resumed_by_two(runs, tmp_path):
    folder, _ = runs
    options = ["language", str(folder / "cats.txt"), *OPTIONS, "--dropout", "0.2"]
    options += ["--schedule", "constant", "--warm-up", "0"]
    train(2, tmp_path, *options, "--out", "whole", "--max-steps", "30")
    train(2, tmp_path, *options, "--out", "half", "--max-steps", "11")
    train(2, tmp_path, "--resume", "half", "--max-steps", "30", "--anyway")
    assert log(tmp_path / "half") == log(tmp_path / "whole")
