"""Whole runs of a tiny model."""

import csv
import json
import math
import random
import signal
import threading
from dataclasses import replace

import pytest
import torch
import yaml

import elman
from elman.core.errors import InputError
from elman.tasks.language.model import LanguageModel
from elman.tasks.parts import Objective
from elman.training.module import DivergenceError
from elman.training.stopping import Interrupted

FILES = {
    "checkpoint.safetensors",
    "config.yaml",
    "curves.png",
    "gradients.png",
    "log.csv",
    "model.safetensors",
    "probes.csv",
    "steps.csv",
    "tensorboard",
}


def test_it_learns_and_leaves_a_run_folder_behind(text_file, tiny, tmp_path):
    out = tmp_path / "run"
    model = elman.train("language", text_file, out=out, **tiny)
    # A model that knew only how often each character occurs would need 2.6 nats.
    assert model.score("the cat sat on the mat. ").nats_per_symbol < 2.2
    assert {path.name for path in out.iterdir()} == FILES
    rows = list(csv.DictReader((out / "log.csv").open()))
    assert [float(row["epoch"]) for row in rows] == [1, 2, 3]
    assert float(rows[-1]["val_loss"]) < float(rows[0]["val_loss"]) < math.log(20)
    record = yaml.safe_load((out / "config.yaml").read_text())
    assert record["model"]["hidden_size"] == 16
    assert record["training"]["learning_rate"] == 0.02
    assert record["data"] == str(text_file)


def test_the_file_gives_the_model_that_was_returned_with_its_figures(text_file, tiny, tmp_path):
    model = elman.train("language", text_file, out=tmp_path / "run", **tiny)
    assert isinstance(model, LanguageModel)
    loaded = elman.load(tmp_path / "run")
    assert loaded.score("a dog") == model.score("a dog")
    content = (tmp_path / "run" / "model.safetensors").read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    metrics = json.loads(header["__metadata__"]["elman"])["metrics"]
    held_out = text_file.read_text()[int(0.9 * len(text_file.read_text())) :]
    assert metrics["nats_per_symbol"] == pytest.approx(model.score(held_out).nats_per_symbol)
    assert metrics["symbols"] == len(held_out)


def test_the_same_seed_gives_the_same_weights_and_the_callers_random_numbers_are_left_alone(
    text_file, tiny, tmp_path
):
    before = torch.get_rng_state()
    models = [elman.train("language", text_file, out=tmp_path / name, **tiny) for name in "ab"]
    assert torch.equal(torch.get_rng_state(), before)
    for one, other in zip(*(model.parameters() for model in models), strict=True):
        assert torch.equal(one, other)
    other = elman.train("language", text_file, out=tmp_path / "c", **tiny, seed=2)
    assert not torch.equal(other.projection.weight, models[0].projection.weight)


def test_the_best_model_is_kept_and_training_stops_when_it_no_longer_improves(tmp_path, tiny):
    path = tmp_path / "noise.txt"
    path.write_text("".join(random.Random(0).choices("abcdefghijklmnopqrstuvwxyz", k=600)))
    options = {**tiny, "hidden_size": 64, "epochs": 200, "patience": 2, "dropout": 0.0}
    elman.train("language", path, out=tmp_path / "run", **options)
    losses = [float(row["val_loss"]) for row in csv.DictReader((tmp_path / "run" / "log.csv").open())]
    assert len(losses) < 200
    assert losses.index(min(losses)) == len(losses) - 3


def test_the_time_limit_ends_a_run_with_a_validation(text_file, tiny, tmp_path):
    options = {**tiny, "epochs": 100_000, "max_minutes": 0.02}
    elman.train("language", text_file, out=tmp_path / "run", **options, patience=100_000)
    rows = list(csv.DictReader((tmp_path / "run" / "log.csv").open()))
    assert 1.2 <= float(rows[-1]["seconds"]) < 10.0
    # By then the learning rate has fallen to its tenth.
    assert float(rows[-1]["learning_rate"]) == pytest.approx(0.002, rel=0.01)


def test_a_loss_that_is_no_number_stops_the_run_and_says_where(text_file, tiny, tmp_path, monkeypatch):
    def broken(model, batch, state=None):
        return Objective(torch.tensor(math.nan, requires_grad=True), torch.tensor(math.nan), None)

    monkeypatch.setattr(LanguageModel, "objective", broken)
    with pytest.raises(DivergenceError, match=r"the loss is nan at step 0, .* learning rate is 0\.0\d+"):
        elman.train("language", text_file, out=tmp_path / "run", **tiny)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"hiden_size": 3}, "unknown option 'hiden_size'; did you mean 'hidden_size'"),
        ({"hidden_size": 0}, "hidden_size is 0"),
        ({"cell": "lstn"}, "lstm"),
        ({"learning_rate": -1.0}, "learning_rate is -1.0"),
        ({"learning_rate": math.nan}, "learning_rate is nan"),
        ({"weight_decay": -1.0}, "weight_decay"),
        ({"clip_norm": -1.0}, "clip_norm"),
        ({"epochs": 0}, "epochs"),
        ({"max_minutes": 0.0}, "max_minutes"),
        ({"patience": 0}, "patience"),
        ({"seed": -1}, "seed"),
        ({"device": "gpu"}, "device is 'gpu'; give auto, cpu"),
        ({"device": "cuda:99"}, "which this machine does not have"),
    ],
)
def test_wrong_options_are_refused_before_any_work(text_file, tmp_path, wrong, message):
    with pytest.raises(InputError, match=message):
        elman.train("language", text_file, out=tmp_path / "run", **wrong)
    assert not (tmp_path / "run").exists()


def test_wrong_data_leaves_no_folder_behind(tmp_path):
    (tmp_path / "short.txt").write_text("too short")
    for name, message in (("missing.txt", "no such file"), ("short.txt", "too few")):
        with pytest.raises(InputError, match=message):
            elman.train("language", tmp_path / name, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_short_text_is_learned_with_a_word_about_the_batch(tmp_path, capfd):
    (tmp_path / "short.txt").write_text("abcdefghijk")
    elman.train("language", tmp_path / "short.txt", out=tmp_path / "run", hidden_size=4, epochs=1)
    assert "9 characters to train on are fewer than one batch" in capfd.readouterr().err


def test_a_loss_that_is_no_number_later_names_the_run_that_holds_the_best_model(
    text_file, tiny, tmp_path, monkeypatch
):
    whole = LanguageModel.objective
    steps = iter(range(100))

    def broken(model, batch, state=None):
        found = whole(model, batch, state)
        return replace(found, nats=found.nats * math.nan) if next(steps) == 29 else found

    monkeypatch.setattr(LanguageModel, "objective", broken)
    with pytest.raises(DivergenceError, match=r"nan at step 29, .* the best model before that is in"):
        elman.train("language", text_file, out=tmp_path / "run", **tiny)
    assert elman.load(tmp_path / "run").score("the cat").symbols == 7


def test_stopped_before_its_first_validation_it_keeps_the_model_as_it_is(
    text_file, tiny, tmp_path, monkeypatch
):
    def interrupted(*arguments):
        raise Interrupted

    monkeypatch.setattr("elman.training.run.fit", interrupted)
    model = elman.train("language", text_file, out=tmp_path / "run", **tiny)
    assert elman.load(tmp_path / "run").score("the cat") == model.score("the cat")


def test_signal_handlers_are_as_before(text_file, tiny, tmp_path):
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    elman.train("language", text_file, out=tmp_path / "run", **tiny)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_it_trains_in_a_thread_too(text_file, tiny, tmp_path):
    result = []
    thread = threading.Thread(
        target=lambda: result.append(elman.train("language", text_file, out=tmp_path / "run", **tiny))
    )
    thread.start()
    thread.join()
    assert isinstance(result[0], LanguageModel)


def test_names_are_trained_by_the_same_loop(tmp_path, tiny):
    path = tmp_path / "names.txt"
    path.write_text("\n".join(f"{a}na{b}us" for a in "bcdfgklm" for b in "bcdfgklm"))
    options = {**tiny, "epochs": 20}
    model = elman.train("names", path, out=tmp_path / "run", **options)
    assert model.score("bnacus").nats_per_symbol < 1.2
    assert model.task == "names"
