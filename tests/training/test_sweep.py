"""Sweeps: what is tried, the trials that several starts share, and whole sweeps of tiny models."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from rich.console import Console

import elman
from elman.core.errors import InputError
from elman.training.record import RunRecord
from elman.training.sweep import jobs
from elman.training.sweep.space import Choices, Range, combinations, grid_of, read
from elman.training.sweep.trials import Trials

LANGUAGE = RunRecord.of("language")
GRID = {"cell": Choices(("lstm", "gru")), "hidden_size": Choices((8, 16, 32))}


def test_values_are_those_of_their_options():
    space = read(
        {
            "cell": "lstm,gru",
            "layers": [1, 2],
            "learning_rate": "1e-3..0.01",
            "dropout": "0..0.5",
            "tied": "true",
        },
        LANGUAGE,
    )
    assert space == {
        "cell": Choices(("lstm", "gru")),
        "layers": Choices((1, 2)),
        "learning_rate": Range(0.001, 0.01),
        "dropout": Range(0.0, 0.5),
        "tied": Choices((True,)),
    }
    assert space["learning_rate"].is_logarithmic
    assert not space["dropout"].is_logarithmic


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"hidden": "128"}, "--grid: unknown option 'hidden'; did you mean 'hidden_size'"),
        ({"hidden_size": "128,many"}, "hidden_size is 'many'; give a whole number"),
        ({"hidden_size": "128,0"}, "with hidden_size=0: hidden_size is 0; give a whole number from 1"),
        ({"hidden_size": "1.5..9"}, "hidden_size is 1.5; give a whole number"),
        ({"cell": "lstm,lstn"}, "with cell=lstn: .*lstm"),
        ({"cell": "a..b"}, "only numbers have ranges"),
        ({"dropout": "0.5..0.1"}, "give the smaller number first"),
        ({"dropout": "0.1,0.10"}, "give values that differ"),
        ({"dropout": "0.0..1.0"}, "with dropout=1: dropout is 1.0"),
        (
            {"softmax": "adaptive", "label_smoothing": "0.0,0.1"},
            "with softmax=adaptive label_smoothing=0.1: ",
        ),
        ({}, "names nothing to try"),
    ],
)
def test_what_cannot_be_tried_is_refused_before_anything_starts(text_file, tmp_path, grid, message):
    with pytest.raises(InputError, match=message):
        elman.sweep("language", text_file, grid=grid, out=tmp_path / "sweep")
    assert not (tmp_path / "sweep").exists()


@pytest.mark.parametrize("argument", ["cell", "cell=", "=lstm"])
def test_the_form_of_arguments(argument):
    assert grid_of(["cell=lstm,gru", "hidden-size=8"]) == {"cell": "lstm,gru", "hidden_size": "8"}
    with pytest.raises(InputError):
        read(grid_of([argument]), LANGUAGE)
    with pytest.raises(InputError, match="twice"):
        grid_of(["cell=lstm", "cell=gru"])


def test_every_point_of_a_grid_is_claimed_once_by_whoever_asks(tmp_path):
    several = [Trials(tmp_path, GRID, None, 1) for _ in range(3)]
    claims = [several[number % 3].claim() for number in range(7)]
    points = [claimed.trial.params for claimed in claims[:6]]
    assert points == [{"cell": cell, "hidden_size": size} for cell in ("lstm", "gru") for size in (8, 16, 32)]
    assert claims[6] is None
    assert not several[0].are_over
    for number, claimed in enumerate(claims[:6]):
        several[number % 3].finish(claimed, float(number))
        os.close(claimed.lock)
    assert [told.loss for told in Trials(tmp_path, GRID, None, 1).told()] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert several[1].are_over
    assert several[1].claim() is None


def test_a_trial_that_was_killed_is_claimed_again_in_its_folder_four_times_at_most(tmp_path):
    space = {"cell": Choices(("lstm",))}
    for _ in range(4):
        claimed = Trials(tmp_path, space, None, 1).claim()
        assert claimed.folder == tmp_path / "trial-001"
        assert Trials(tmp_path, space, None, 1).claim() is None  # as long as the lock is held
        os.close(claimed.lock)
    trials = Trials(tmp_path, space, None, 1)
    assert trials.claim() is None
    (told,) = trials.told()
    assert (told.loss, told.failure, told.options) == (None, "it was killed 4 times", {"cell": "lstm"})


def test_a_range_is_searched_within_its_ends_as_often_as_wanted(tmp_path):
    space = {"learning_rate": Range(1e-4, 1.0), "layers": Range(1, 4), "cell": Choices(("lstm", "gru"))}
    found = []
    while claimed := Trials(tmp_path, space, 25, 1).claim():
        found.append(claimed.trial.params)
        # The best rate is 0.01.
        trials = Trials(tmp_path, space, 25, 1)
        trials.finish(claimed, abs(2.0 + math.log10(claimed.trial.params["learning_rate"])))
        os.close(claimed.lock)
    assert len(found) == 25
    rates = [point["learning_rate"] for point in found]
    assert all(1e-4 <= rate <= 1.0 for rate in rates)
    assert {point["layers"] for point in found} <= {1, 2, 3, 4}
    assert len(set(rates)) == 25
    # What was learned is used: the later rates lie nearer to the best than by chance, 1 on average.
    assert sum(abs(math.log10(rate) + 2.0) for rate in rates[10:]) / 15 < 0.8


def test_a_journal_that_a_crash_has_cut_short_is_mended(tmp_path):
    os.close(Trials(tmp_path, GRID, None, 1).claim().lock)
    with (tmp_path / "trials.journal").open("ab") as file:
        file.write(b'{"op_code":6,"work')
    (tmp_path / "trials.journal.lock").symlink_to("trials.journal")
    claimed = Trials(tmp_path, GRID, None, 1).claim()
    assert claimed.trial.params in combinations({name: values.ends for name, values in GRID.items()})
    os.close(claimed.lock)


def test_a_sweep_returns_its_trials_the_best_first_and_goes_on_with_more(text_file, tiny, tmp_path):
    options = {**tiny, "epochs": 1, "grid": {"learning_rate": [0.0001, 0.02]}, "out": tmp_path / "sweep"}
    (first,) = elman.sweep("language", text_file, trials=1, **options)
    before = (first.folder / "model.safetensors").read_bytes()
    best, worst = elman.sweep("language", text_file, minutes=None, **options)
    assert (best.options, worst.options) == ({"learning_rate": 0.02}, {"learning_rate": 0.0001})
    assert first in (best, worst)
    assert (first.folder / "model.safetensors").read_bytes() == before
    # The figure is that of the model, on the last tenth of the text.
    text = text_file.read_text()
    score = elman.load(best.folder).score(text[int(0.9 * len(text)) :])
    assert best.loss == pytest.approx(score.nats_per_symbol)
    assert best.loss < worst.loss
    assert (tmp_path / "sweep" / "sweep.png").read_bytes().startswith(b"\x89PNG")
    settings = yaml.safe_load((tmp_path / "sweep" / "best.yaml").read_text())
    assert settings["training"]["learning_rate"] == 0.02
    with pytest.raises(
        InputError, match="holds another sweep: epochs was 1 and is now 2; give another --out"
    ):
        elman.sweep("language", text_file, **{**options, "epochs": 2})


def test_a_trial_that_fails_says_why_and_the_others_go_on(text_file, tmp_path, tiny, monkeypatch):
    def fails(self, folder, lock):
        (folder / "output.txt").write_text("elman: the loss is nan at step 3\n")
        return 1

    monkeypatch.setattr(jobs.Jobs, "_train", fails)
    trials = Trials(tmp_path, {"cell": Choices(("lstm", "gru"))}, None, 1)
    asked = RunRecord.asked("language", text_file, tiny)
    jobs.Jobs(asked, trials, 2, Console(quiet=True)).run()
    assert [told.failure for told in trials.told()] == ["the loss is nan at step 3"] * 2


def test_without_optuna_it_says_how_to_install_it(text_file, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(InputError, match=r"pip install 'elman\[sweep\]'"):
        elman.sweep("language", text_file, grid={"cell": "lstm"}, out=tmp_path / "sweep")
    assert not (tmp_path / "sweep").exists()


@pytest.mark.parametrize("whole", [True, False], ids=["with its trial", "alone"])
def test_a_sweep_that_is_killed_goes_on(text_file, tmp_path, whole):
    options = (
        "--hidden-size 8 --layers 1 --embedding-size 8 --batch-size 4 --sequence-length 20 --patience 9999"
    )
    command = [sys.executable, "-m", "elman", "sweep", "language", str(text_file), *options.split()]
    command += ["--epochs", "99999", "--minutes", "0.05", "--grid", "cell=lstm,gru", "--out", "sweep"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 120
    while not (tmp_path / "sweep" / "trial-001" / "checkpoint.safetensors").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    (os.killpg if whole else os.kill)(process.pid, signal.SIGKILL)
    process.wait()
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr.count(": begins") == 2
    journal = [json.loads(line) for line in (tmp_path / "sweep" / "trials.journal").read_text().splitlines()]
    assert sum("values" in entry and entry["values"] is not None for entry in journal) == 2
    assert sorted(path.name for path in Path(tmp_path / "sweep").glob("trial-*")) == [
        "trial-001",
        "trial-002",
    ]
