"""The learning-rate finder, against a loop by hand and curves whose valley is known."""

import math
import random
import shlex
from dataclasses import replace

import numpy as np
import pytest
import torch

import elman
from elman.cli.main import main
from elman.core.errors import ElmanError, InputError
from elman.tasks import find
from elman.training.find_lr import STEPS, find_lr, smooth, valley

NO_CRAFT = {"optimizer": "sgd", "weight_decay": 0.0, "clip_norm": 0.0, "dropout": 0.0}


def test_the_losses_are_those_of_a_loop_by_hand(text_file, tiny, tmp_path):
    options = {**tiny, **NO_CRAFT}
    found = find_lr("language", text_file, out=tmp_path / "found", **options)
    defaults = find("language").config()
    config = replace(defaults, **{name: value for name, value in options.items() if hasattr(defaults, name)})
    torch.manual_seed(1)
    data = find("language").data.read(text_file, config, 1)
    model = find("language").model(config, data.vocabulary)
    state, losses = None, []
    batches = [batch for _ in range(20) for batch in data.train.epoch(0)]
    for step, batch in enumerate(batches[: len(found.losses)]):
        nats, state = model.loss(batch, state if batch.continues else None)
        state = tuple(part.detach() for part in state)
        model.zero_grad()
        (nats / batch.symbols).backward()
        with torch.no_grad():
            for weight in model.parameters():
                weight -= 1e-6 * 10 ** (8 * step / (STEPS - 1)) * weight.grad
        losses.append(float(nats.detach()) / batch.symbols)
    # Towards the end, where the loss explodes, a rounding grows into a difference.
    np.testing.assert_allclose(found.losses[:120], losses[:120], rtol=1e-4)
    rates = 1e-6 * 10 ** (8 * np.arange(len(losses)) / (STEPS - 1))
    np.testing.assert_allclose(found.rates, rates)
    assert found.losses[0] == pytest.approx(math.log(len(data.vocabulary)), rel=0.05)
    assert len(found.losses) > len(data.train)  # the text began anew


def test_nothing_is_changed(text_file, tiny, tmp_path):
    options = {**tiny, "epochs": 1, "dropout": 0.2}
    first = elman.train("language", text_file, out=tmp_path / "first", **options)
    files = {path: path.read_bytes() for path in (tmp_path / "first").rglob("*") if path.is_file()}
    states = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    found = find_lr("language", text_file, out=tmp_path / "found", **options)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert (np.random.get_state()[1] == states[1]).all()
    assert random.getstate() == states[2]
    assert {path: path.read_bytes() for path in files} == files
    # A run may then be put where the picture is, and comes to the same bits.
    second = elman.train("language", text_file, out=found.folder, **options)
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other)
    assert found.picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "craft",
    [
        {"patience": 1, "validate_every": 1},
        {"max_minutes": 1e-6},
        {"max_steps": 1, "checkpoint_minutes": 1e-6},
        {"accumulate": 3},
        {"optimizer": "nt-asgd"},
        {"optimizer": "adam", "averaging": "ema", "schedule": "plateau"},
        {"precision": "bf16-mixed"},
    ],
    ids=lambda craft: " ".join(craft),
)
def test_it_is_found_whatever_else_is_asked(text_file, tiny, tmp_path, craft):
    found = find_lr("language", text_file, out=tmp_path / "found", **{**tiny, **craft})
    assert len(found.losses) > STEPS / 2
    assert found.rates[0] < found.suggestion < found.rates[found.smoothed.argmin()]


def test_the_suggestion_is_the_middle_of_the_descent():
    rates = 10.0 ** np.linspace(-6, 1, 701)
    # Flat at 4 up to 1e-4, in a straight line down to 2 at 1e-1, up from there.
    place = np.log10(rates)
    losses = np.interp(place, [-6, -4, -1, 1], [4, 4, 2, 9])
    # A twentieth of the fall is over at 10^(-4 + 3/20).
    assert valley(rates, losses) == pytest.approx(10 ** ((-4 + 3 / 20 - 1) / 2), rel=0.02)


def test_a_loss_that_never_falls_has_no_suggestion():
    rates = 10.0 ** np.linspace(-6, 1, 50)
    with pytest.raises(ElmanError, match=r"falls at no learning rate from 1e-06 to 10: it is 4\.0000 nats"):
        valley(rates, np.linspace(4.0, 9.0, 50))


def test_losses_are_smoothed_evenly_on_both_sides():
    values = np.arange(30.0) ** 2
    smoothed = smooth(values)
    assert smoothed[0] == values[0]
    assert smoothed[-1] == values[-1]
    np.testing.assert_allclose(smoothed[4:-4], np.convolve(values, np.ones(9) / 9, "valid"))
    np.testing.assert_allclose(smooth(np.arange(7.0)), np.arange(7.0))


def test_a_folder_that_holds_a_run_is_refused_before_any_work(text_file, tiny, tmp_path):
    (tmp_path / "config.yaml").touch()
    with pytest.raises(InputError, match="holds a run"):
        find_lr("language", text_file, out=tmp_path, **tiny)


def test_the_command_prints_one_that_trains_with_the_rate(text_file, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    options = ["--hidden-size", "8", "--layers", "1", "--embedding-size", "8", "--epochs", "1"]
    assert main(["train", "language", "cats.txt", *options, "--learning_rate=3.0", "--find-lr"]) == 0
    lines = capfd.readouterr().out.splitlines()
    command = shlex.split(lines[-1].removeprefix("next:"))
    assert command[:-4] == ["elman", "train", "language", "cats.txt", *options]
    assert command[-4::2] == ["--learning-rate", "--out"]
    assert lines[0].startswith(f"learning rate: {command[-3]}, ")
    assert lines[-2] == f"picture: {command[-1]}/learning_rate.png"
    assert main(command[1:]) == 0
    assert main(["train", "--find-lr", "--resume", command[-1]]) == 2
    assert "give --find-lr or --resume, not both" in capfd.readouterr().err
