"""A run that is killed at any moment goes on to the same bits as one that is not."""

import os
import random
import signal
import time
import traceback
from pathlib import Path

import pytest
import safetensors.torch
import torch

import elman
from tests.training.conftest import TEXT

# Dropout draws random numbers, the moving average and the state of the network are carried over, and there is
# a checkpoint after every few steps.
OPTIONS = {
    "hidden_size": 24,
    "embedding_size": 6,
    "layers": 2,
    "batch_size": 4,
    "sequence_length": 16,
    "dropout": 0.3,
    "epochs": 6,
    "accumulate": 2,
    "averaging": "ema",
    "averaging_decay": 0.9,
    "schedule": "plateau",
    "checkpoint_minutes": 0.0005,
}
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are copied")


def child(work) -> int:
    """Starts a process that does some work; returns its number."""
    pid = os.fork()
    if pid == 0:
        try:
            torch.set_num_threads(1)
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return pid


def status(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def begin(text: Path, out: Path) -> None:
    elman.train("language", text, out=out, **OPTIONS)


def resume(text: Path, out: Path) -> None:
    # Killed before it had a record, a run begins anew.
    if (out / "config.yaml").exists():
        elman.train("language", resume=out)
    else:
        begin(text, out)


def same(one: Path, other: Path) -> bool:
    found = [safetensors.torch.load_file(path) for path in (one, other)]
    return found[0].keys() == found[1].keys() and all(torch.equal(found[0][k], found[1][k]) for k in found[0])


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """A run that nobody disturbs, and how many seconds it takes."""
    folder = tmp_path_factory.mktemp("unbroken")
    text = folder / "cats.txt"
    text.write_text(TEXT, encoding="utf-8")
    start = time.monotonic()
    assert status(child(lambda: begin(text, folder / "run"))) == 0
    return text, folder / "run", time.monotonic() - start


def killed(text: Path, out: Path, moments: list[float]) -> int:
    """Runs to the end in spite of being killed after so many seconds, again and again; how often it was."""
    kills = 0
    for moment in moments:
        pid = child(lambda: resume(text, out))
        time.sleep(moment)
        os.kill(pid, signal.SIGKILL)
        kills += status(pid) == -signal.SIGKILL
    assert status(child(lambda: resume(text, out))) == 0
    return kills


def hold_to(unbroken, folder: Path, points: int) -> None:
    text, run, seconds = unbroken
    moments = random.Random(points)
    kills = 0
    for point in range(points):
        broken = folder / str(point)
        kills += killed(text, broken, [moments.uniform(0.0, seconds)])
        for name in ("model.safetensors", "checkpoint.safetensors"):
            assert same(run / name, broken / name), (name, point)
    assert kills > points // 2


@needs_fork
def test_killed_at_random_moments_the_weights_are_those_of_an_unbroken_run(unbroken, tmp_path):
    hold_to(unbroken, tmp_path, 3)


@needs_fork
@pytest.mark.slow
def test_killed_at_twenty_moments_the_weights_are_those_of_an_unbroken_run(unbroken, tmp_path):
    hold_to(unbroken, tmp_path, 20)


@needs_fork
def test_killed_again_and_again_it_gets_to_the_same_end(unbroken, tmp_path):
    text, run, seconds = unbroken
    moments = random.Random(5)
    killed(text, tmp_path / "run", [moments.uniform(0.2, 0.5) * seconds for _ in range(4)])
    assert same(run / "model.safetensors", tmp_path / "run" / "model.safetensors")
