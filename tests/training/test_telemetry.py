"""What a real run writes down, read back by others: csv, TensorBoard."""

import csv

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import elman
from elman.training import module
from elman.training.keeping import Keeping
from elman.training.stopping import Interrupted


def rows(folder, name="steps.csv"):
    return list(csv.DictReader((folder / name).open()))


def column(folder, name):
    return np.array([float(row[name]) for row in rows(folder)])


def events(folder):
    accumulator = EventAccumulator(str(folder / "tensorboard"))
    accumulator.Reload()
    return accumulator


@pytest.fixture
def run(text_file, tiny, tmp_path):
    elman.train("language", text_file, out=tmp_path / "run", **tiny, clip_norm=1e-3, schedule="constant")
    return tmp_path / "run"


def test_every_step_has_a_row_with_what_the_step_did(run):
    step, loss = column(run, "step"), column(run, "loss")
    last = int(rows(run, "log.csv")[-1]["step"])
    assert step.tolist() == list(range(1, last + 1))
    # At first all symbols are about equally likely; the text has 17 kinds, and the vocabulary some more.
    assert np.log(15) < loss[0] < np.log(25)
    assert column(run, "learning_rate")[-1] == pytest.approx(0.02)
    assert np.all(np.diff(column(run, "seconds")) >= 0)
    assert np.all(column(run, "symbols_per_second") > 0)


def test_the_losses_of_the_steps_are_those_of_which_the_log_has_the_mean(run):
    loss = column(run, "loss")
    before = 0
    for validation in rows(run, "log.csv"):
        end = int(validation["step"])
        # Not to the last digit: windows at the end of an epoch are shorter.
        assert loss[before:end].mean() == pytest.approx(float(validation["train_loss"]), rel=0.02)
        before = end


def test_the_gradient_norm_is_that_before_clipping(run):
    assert column(run, "gradient_norm").min() > 1e-2


def test_tensorboard_reads_the_same_figures(run):
    found = events(run)
    for name in ("loss", "learning_rate", "gradient_norm", "symbols_per_second"):
        scalars = found.Scalars(f"train/{name}")
        assert [scalar.step for scalar in scalars] == column(run, "step").tolist()
        np.testing.assert_allclose([s.value for s in scalars], column(run, name), rtol=1e-5)
    validations = [(s.step, pytest.approx(s.value, rel=1e-5)) for s in found.Scalars("validation/loss")]
    assert [(int(r["step"]), float(r["val_loss"])) for r in rows(run, "log.csv")] == validations


def test_several_batches_of_one_step_are_one_row(text_file, tiny, tmp_path):
    elman.train("language", text_file, out=tmp_path / "run", **tiny, accumulate=4)
    log = rows(tmp_path / "run", "log.csv")
    assert len(rows(tmp_path / "run")) == int(log[-1]["step"])
    assert column(tmp_path / "run", "loss")[0] == pytest.approx(np.log(20), rel=0.1)


def test_a_resumed_run_has_each_row_once_and_those_of_an_unbroken_one(
    text_file, tiny, tmp_path, monkeypatch, run
):
    options = {**tiny, "clip_norm": 1e-3, "schedule": "constant"}
    write = Keeping.on_train_epoch_end
    train = module.TrainingModule.training_step

    def write_and_stop(self, trainer, pl_module):
        write(self, trainer, pl_module)
        monkeypatch.setattr(module.TrainingModule, "training_step", fail_soon)

    def fail_soon(self, batch, index):
        if index == 5:
            raise Interrupted
        return train(self, batch, index)

    with monkeypatch.context() as patch:
        patch.setattr(Keeping, "on_train_epoch_end", write_and_stop)
        elman.train("language", text_file, out=tmp_path / "broken", **options)
    first = column(tmp_path / "broken", "step")
    assert first[-1] > int(rows(tmp_path / "broken", "log.csv")[-1]["step"])  # rows behind the checkpoint
    monkeypatch.undo()
    elman.train("language", resume=tmp_path / "broken")
    for name in ("step", "loss", "gradient_norm", "learning_rate"):
        assert np.array_equal(column(tmp_path / "broken", name), column(run, name)), name
    steps = [scalar.step for scalar in events(tmp_path / "broken").Scalars("train/loss")]
    assert steps == column(run, "step").tolist()


def test_writing_it_down_does_not_change_what_is_learned(text_file, tiny, tmp_path, monkeypatch):
    with_log = elman.train("language", text_file, out=tmp_path / "a", **tiny)
    for name in ("Telemetry", "Probing"):
        for hook in ("on_train_start", "on_train_batch_end", "on_validation_end", "on_train_end"):
            monkeypatch.setattr(f"elman.training.fitting.{name}.{hook}", lambda *arguments: None)
    without = elman.train("language", text_file, out=tmp_path / "b", **tiny)
    assert not (tmp_path / "b" / "steps.csv").exists()
    for one, other in zip(with_log.parameters(), without.parameters(), strict=True):
        assert torch.equal(one, other)
