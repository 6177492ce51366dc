"""A run that was stopped goes on from where it was, to the same result."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import safetensors.torch
import torch

import elman
from elman.core.errors import InputError
from elman.training.keeping import Keeping
from elman.training.stopping import Interrupted

# Dropout draws random numbers, and two validations an epoch leave a state to carry over.
OPTIONS = {
    "hidden_size": 12,
    "embedding_size": 6,
    "batch_size": 4,
    "sequence_length": 16,
    "dropout": 0.3,
    "epochs": 2,
}


def stop_after(validations, monkeypatch):
    write = Keeping.on_train_epoch_end

    def write_and_stop(self, trainer, pl_module):
        write(self, trainer, pl_module)
        if len(self.rows) == validations:
            raise Interrupted

    monkeypatch.setattr(Keeping, "on_train_epoch_end", write_and_stop)


@pytest.mark.parametrize("validations", [1, 2, 3])
def test_an_interrupted_run_ends_with_the_weights_of_an_unbroken_one(
    text_file, tmp_path, monkeypatch, validations
):
    options = {**OPTIONS, "validate_every": 13}
    elman.train("language", text_file, out=tmp_path / "unbroken", **options)
    with monkeypatch.context() as patch:
        stop_after(validations, patch)
        elman.train("language", text_file, out=tmp_path / "broken", **options)
    torch.manual_seed(999)
    elman.train("language", resume=tmp_path / "broken")
    unbroken, broken = (tmp_path / name for name in ("unbroken", "broken"))
    for name in ("model.safetensors", "checkpoint.safetensors"):
        one, other = (safetensors.torch.load_file(folder / name) for folder in (unbroken, broken))
        assert one.keys() == other.keys()
        for key in one:
            assert torch.equal(one[key], other[key]), key
    logs = [list(csv.DictReader((folder / "log.csv").open())) for folder in (unbroken, broken)]
    for row in (*logs[0], *logs[1]):
        del row["seconds"]
    assert len(logs[0]) == 4
    assert logs[0] == logs[1]


def test_a_run_without_a_checkpoint_starts_from_its_first_step(text_file, tmp_path):
    whole = elman.train("language", text_file, out=tmp_path / "run", **OPTIONS)
    shutil.copytree(tmp_path / "run", tmp_path / "killed")
    for name in ("checkpoint.safetensors", "model.safetensors", "log.csv"):
        (tmp_path / "killed" / name).unlink()
    again = elman.train("language", resume=tmp_path / "killed")
    assert torch.equal(whole.projection.weight, again.projection.weight)


@pytest.mark.parametrize(
    "ending", [{}, {"patience": 1, "learning_rate": 1e-12, "epochs": 50}, {"max_minutes": 0.002}]
)
def test_a_run_that_has_ended_takes_no_further_step(text_file, tmp_path, ending):
    elman.train("language", text_file, out=tmp_path / "run", **{**OPTIONS, **ending})
    before = safetensors.torch.load_file(tmp_path / "run" / "checkpoint.safetensors")
    elman.train("language", resume=tmp_path / "run")
    after = safetensors.torch.load_file(tmp_path / "run" / "checkpoint.safetensors")
    assert all(torch.equal(before[key], after[key]) for key in before)


def test_other_options_are_refused_by_name(text_file, tmp_path):
    elman.train("language", text_file, out=tmp_path / "run", **OPTIONS)
    with pytest.raises(InputError, match="epochs was 2 and is now 3; hidden_size was 12 and is now 13"):
        elman.train("language", resume=tmp_path / "run", hidden_size=13, epochs=3)
    with pytest.raises(InputError, match="task was 'language' and is now 'names'"):
        elman.train("names", resume=tmp_path / "run")


def test_a_run_of_another_version_is_refused(text_file, tmp_path):
    elman.train("language", text_file, out=tmp_path / "run", **OPTIONS)
    record = tmp_path / "run" / "config.yaml"
    record.write_text(record.read_text().replace(f"elman: {elman.__version__}", "elman: 0.0.1"))
    with pytest.raises(InputError, match=rf"elman was 0\.0\.1 and is now {elman.__version__}"):
        elman.train("language", resume=tmp_path / "run")


def test_told_so_a_run_goes_on_with_other_options(text_file, tmp_path):
    options = {**OPTIONS, "schedule": "constant", "warm_up": 0, "validate_every": 10}
    elman.train("language", text_file, out=tmp_path / "whole", max_steps=40, **options)
    elman.train("language", text_file, out=tmp_path / "half", max_steps=20, **options)
    elman.train("language", resume=tmp_path / "half", max_steps=40, anyway=True)
    whole, half = (
        safetensors.torch.load_file(tmp_path / name / "model.safetensors") for name in ("whole", "half")
    )
    assert all(torch.equal(whole[name], half[name]) for name in whole)


def test_other_data_are_refused(text_file, tmp_path):
    elman.train("language", text_file, out=tmp_path / "run", **OPTIONS)
    text_file.write_text(text_file.read_text() + "more")
    with pytest.raises(InputError, match=r"cats\.txt is not the file that it was"):
        elman.train("language", resume=tmp_path / "run")


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"not a run: it holds no config\.yaml"):
        elman.train("language", resume=tmp_path)
    for content in ("{", "[]", '{"task": "language"}', json.dumps({"task": 1}), "[" * 10_000):
        (tmp_path / "config.yaml").write_text(content)
        with pytest.raises(InputError):
            elman.train("language", resume=tmp_path)


LONG = """
import elman
elman.train("language", "cats.txt", out="run", hidden_size=16, epochs=100_000, patience=100_000)
"""


def start_long_run(folder):
    process = subprocess.Popen(
        [sys.executable, "-c", LONG], cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not (folder / "run" / "checkpoint.safetensors").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_after_the_current_step_and_the_best_model_is_kept(text_file, tmp_path, number):
    process = start_long_run(tmp_path)
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert elman.load(tmp_path / "run").score("the cat").symbols == 7
    files = set(os.listdir(tmp_path / "run"))
    assert {"checkpoint.safetensors", "config.yaml", "curves.png", "log.csv", "model.safetensors"} <= files
    assert not [name for name in files if name.startswith(".")]


def test_a_killed_run_leaves_whole_files(text_file, tmp_path):
    process = start_long_run(tmp_path)
    process.kill()
    process.communicate(timeout=30)
    assert elman.load(tmp_path / "run").score("the cat").symbols == 7
    assert safetensors.torch.load_file(tmp_path / "run" / "checkpoint.safetensors")
