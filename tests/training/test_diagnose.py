"""What can be wrong is found, in made-up logs that have it alone and in real runs forced into it."""

import random

import numpy as np
import pytest

import elman
from elman.cli.main import main
from elman.core.errors import InputError
from elman.training.diagnose import findings
from elman.training.log import Log, Probe

OPTIONS = {
    "optimizer": "adamw",
    "learning_rate": 0.002,
    "clip_norm": 1.0,
    "clip_value": 0.0,
    "batch_size": 64,
    "hidden_size": 256,
    "dropout": 0.1,
    "epochs": 10,
    "max_steps": None,
    "max_minutes": None,
    "parameters": 1_000_000,
}
STEPS, SYMBOLS, SECONDS = 2000, 4096, 0.2


def noisy(losses, share=0.01):
    return np.asarray(losses) * (1.0 + share * np.random.default_rng(0).standard_normal(len(losses)))


def falling(steps=STEPS, high=4.2, low=1.5, pace=12.0):
    return low + (high - low) * np.exp(-pace * np.arange(1, steps + 1) / steps)


def log_of(losses=None, train=None, validation=None, probes=(), norms=None, symbols=SYMBOLS, **options):
    """A healthy run of ten epochs, but for what is given."""
    losses = noisy(falling()) if losses is None else np.asarray(losses, dtype=float)
    step = np.arange(1.0, len(losses) + 1)
    clean = falling(10, 2.2, 1.5)
    train = clean if train is None else np.asarray(train, dtype=float)
    validation = clean * 1.04 if validation is None else np.asarray(validation, dtype=float)
    at = np.linspace(len(losses) / len(validation), len(losses), len(validation))
    given = {**OPTIONS, **options}
    ones = np.ones(len(losses))
    return Log(
        steps={
            "step": step,
            "seconds": step * SECONDS,
            "loss": losses,
            "learning_rate": ones * given["learning_rate"],
            "gradient_norm": 0.3 * ones if norms is None else np.asarray(norms, dtype=float),
            "symbols_per_second": ones * symbols / SECONDS,
        },
        validations={
            "step": at,
            "epoch": np.arange(1.0, len(validation) + 1),
            "seconds": at * SECONDS,
            "learning_rate": np.full(len(validation), given["learning_rate"]),
            "train_loss": train,
            "val_loss": validation,
        },
        probes=tuple(probes),
        options=given,
    )


def gradients(norms, layer=1, state="h"):
    return [Probe(2000, layer, f"gradient of {state}", k, norm) for k, norm in norms.items()]


def names(log):
    return [finding.name for finding in findings(log)]


HEALTHY = {
    "converged": log_of(),
    "probed": log_of(
        probes=[
            *gradients({0: 0.5, 1: 0.4, 4: 0.2, 8: 0.05, 16: 1e-2, 48: 1e-5}),
            Probe(2000, 1, "dead units", None, 0.01),
            Probe(2000, 1, "saturated f", None, 0.4),
        ]
    ),
    "what was wrong at an earlier probe is over": log_of(
        probes=[Probe(10, 1, "dead units", None, 0.9), Probe(2000, 1, "dead units", None, 0.0)]
    ),
    "one state of two keeps the gradient": log_of(
        probes=[*gradients({0: 0.5, 8: 1e-9}), *gradients({0: 0.2, 8: 0.1}, state="c")]
    ),
    "a spike that is clipped": log_of(norms=[0.3] * 1000 + [90.0] + [0.3] * 999),
    "one bad stretch": log_of(noisy(np.where(abs(np.arange(STEPS) - 1000) < 60, 1.7, falling()))),
    "stopped in time": log_of(validation=[2.2, 1.8, 1.6, 1.55, 1.54, 1.545, 1.55, 1.55, 1.55, 1.55]),
    "names of different lengths": log_of(noisy(falling(low=1.5), 0.1), symbols=420, parameters=10**7),
    "hardly begun": log_of([4.2, 4.1], train=[4.1], validation=[4.0]),
    "data without any order, at a usual learning rate": log_of([4.2] * 50, [4.2] * 10, [4.2] * 10),
}


@pytest.mark.parametrize("log", HEALTHY.values(), ids=HEALTHY.keys())
def test_nothing_is_found_in_a_healthy_run(log):
    assert names(log) == []


ILL = {
    "learning rate too small": [
        log_of([8.4181, 8.4177, 8.4177, 8.4173, 8.4169], [8.4175], [8.4169], learning_rate=1e-6),
        log_of(noisy([4.1744] * 300, 0.001), [4.17] * 5, [4.17] * 5, learning_rate=1e-7),
        log_of([4.17] * 300, [4.17] * 5, [4.17] * 5, learning_rate=1e-3, optimizer="sgd"),
    ],
    "learning rate too large": [
        log_of([8.71, 3.25, 4.93, 3.30, 4.82], [5.0], [4.8], learning_rate=0.05),
        log_of(noisy(2.5 + np.sin(np.arange(STEPS) / 60)), [2.5] * 9, [2.6] * 9, learning_rate=0.05),
        log_of(np.linspace(2.0, 9.0, 500), [3.0, 5.0, 7.0], [3.0, 5.0, 7.0]),
    ],
    "overfitting": [
        log_of(train=np.linspace(2.0, 0.6, 8), validation=[2.1, 1.8, 1.6, 1.5, 1.55, 1.6, 1.7, 1.8]),
        log_of(train=np.linspace(2.0, 0.9, 8), validation=[2.1, 1.8, 1.6, 1.5, 1.5, 1.5, 1.5, 1.5]),
    ],
    "underfitting": [
        log_of(
            train=[2.6, 2.4, 2.35, 2.34, 2.33, 2.33, 2.33, 2.33],
            validation=[2.6, 2.4, 2.36, 2.35, 2.34, 2.34, 2.34, 2.34],
            hidden_size=16,
            parameters=5000,
        )
    ],
    "stopped too early": [
        log_of(train=np.linspace(3.0, 2.0, 10), validation=np.linspace(3.1, 2.1, 10)),
    ],
    "vanishing gradients": [
        log_of(probes=gradients({0: 0.5, 1: 0.1, 4: 1e-3, 8: 1e-6})),
        log_of(probes=[*gradients({0: 0.5, 8: 0.1}), *gradients({0: 0.5, 1: 0.0, 8: 0.0}, layer=2)]),
    ],
    "exploding gradients": [
        log_of(probes=gradients({0: 0.5, 1: 2.0, 4: 40.0, 8: 900.0})),
        log_of(norms=[0.3] * 1000 + [90.0] + [0.3] * 999, clip_norm=0.0),
    ],
    "dead units": [log_of(probes=[Probe(2000, 1, "dead units", None, 0.6)])],
    "saturated gates": [log_of(probes=[Probe(2000, 2, "saturated f", None, 0.97)])],
    "batch too small": [
        log_of(noisy(falling(), 0.13), symbols=20, batch_size=2),
        log_of(symbols=64, batch_size=2, parameters=3000),
    ],
    "batch too large": [
        log_of(
            noisy(falling(40, pace=3)), np.linspace(4.0, 2.9, 10), np.linspace(4.0, 3.0, 10), batch_size=1024
        )
    ],
}


@pytest.mark.parametrize(("name", "log"), [(name, log) for name, logs in ILL.items() for log in logs])
def test_what_is_wrong_is_found_and_nothing_else(name, log):
    assert names(log) == [name]


@pytest.mark.parametrize(
    ("name", "seen", "change"),
    [
        (
            "learning rate too small",
            "from 8.4181 to 8.4169 in 5 steps, at a learning rate of 1e-0",
            "0.0001",
        ),
        ("learning rate too large", "8.71, 3.25, 4.93, 3.3, 4.82", "Set learning_rate to 0.002"),
        ("overfitting", "0.6000 in training and 1.8000 in validation, which was 1.5000", "dropout to 0.3"),
        ("underfitting", "2.3300 in training and 2.3400 in validation, where 5,000", "hidden_size to 64"),
        ("stopped too early", "2.433, 2.322, 2.211, 2.1, the last at step 2,000", "Set epochs to 20"),
        ("vanishing gradients", "0.5 at k = 0 and 1e-06 at k = 8", "Set cell to lstm or gru"),
        ("exploding gradients", "0.5 at k = 0 and 900 at k = 8", "Set learning_rate to 0.000667"),
        ("dead units", "60% of the units of layer 1", "Set learning_rate to 0.000667"),
        ("saturated gates", "97% of the values of gate f in layer 2", "weight_decay to 0.1"),
        ("batch too small", "20 symbols, 2 sequences", "Set batch_size to 32"),
        ("batch too large", "10 passes over the data made 40 steps, 4 each", "Set batch_size to 256"),
    ],
)
def test_a_finding_has_the_numbers_and_a_value_to_set(name, seen, change):
    (finding,) = findings(ILL[name][0])
    assert seen in finding.evidence
    assert change in finding.advice


def test_an_empty_log_has_nothing_wrong():
    assert findings(log_of([], [1.0], [1.0])) == []


TINY = {"hidden_size": 32, "layers": 1, "embedding_size": 16, "batch_size": 16, "sequence_length": 32}


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    """A text of words in an order drawn by chance: easy to learn, and endless."""
    draw = random.Random(1)
    known = ["the", "cat", "sat", "on", "a", "mat", "dog", "and", "ran", "home", "with", "my", "old", "hat"]
    path = tmp_path_factory.mktemp("data") / "words.txt"
    path.write_text(" ".join(draw.choice(known) for _ in range(8000)))
    return path


FORCED = {
    "learning rate too small": {"learning_rate": 1e-7, "epochs": 2},
    "learning rate too large": {"learning_rate": 100.0, "clip_norm": 0.0, "epochs": 3},
    "vanishing gradients": {"cell": "simple(f=sigmoid)", "epochs": 3},
    "dead units": {"learning_rate": 100.0, "epochs": 3},
    "saturated gates": {"learning_rate": 1.0, "epochs": 3},
    "stopped too early": {"epochs": 1, "validate_every": 8},
    "batch too small": {"batch_size": 1, "sequence_length": 10, "max_steps": 400, "validate_every": 200},
    "batch too large": {"batch_size": 512, "sequence_length": 64, "epochs": 20, "learning_rate": 0.01},
}


@pytest.mark.parametrize(("name", "options"), FORCED.items(), ids=FORCED.keys())
def test_a_real_run_forced_into_a_state_is_found_in_it(name, options, words, tmp_path):
    elman.train("language", words, out=tmp_path / "run", **{**TINY, **options})
    assert name in [finding.name for finding in elman.diagnose(tmp_path / "run")]


def test_a_real_run_that_learns_by_heart_overfits(tmp_path):
    path = tmp_path / "noise.txt"
    path.write_text("".join(random.Random(0).choices("abcdefgh", k=2000)))
    options = {"hidden_size": 128, "batch_size": 8, "epochs": 60, "dropout": 0.0, "learning_rate": 0.01}
    elman.train("language", path, out=tmp_path / "run", **{**TINY, **options})
    assert "overfitting" in [finding.name for finding in elman.diagnose(tmp_path / "run")]


@pytest.mark.slow
def test_a_real_net_that_is_too_small_underfits(tmp_path):
    """The next symbol follows from the last three, of which three units cannot keep all."""
    draw = random.Random(2)
    table = {(a, b, c): draw.choice("abcdefgh") for a in "abcdefgh" for b in "abcdefgh" for c in "abcdefgh"}
    text = "abc"
    while len(text) < 60_000:
        text += table[tuple(text[-3:])] if draw.random() < 0.8 else draw.choice("abcdefgh")
    (tmp_path / "text.txt").write_text(text)
    options = {"hidden_size": 3, "embedding_size": 3, "dropout": 0.0, "epochs": 12, "learning_rate": 0.01}
    elman.train("language", tmp_path / "text.txt", out=tmp_path / "run", **{**TINY, **options})
    assert "underfitting" in [finding.name for finding in elman.diagnose(tmp_path / "run")]


@pytest.mark.slow
def test_the_run_with_which_everybody_begins_is_healthy(tmp_path):
    elman.train("names", out=tmp_path / "run")
    assert elman.diagnose(tmp_path / "run") == []


def test_the_command_prints_what_it_found(words, tmp_path, capsys):
    options = {**TINY, "learning_rate": 1e-7, "epochs": 1}
    elman.train("language", words, out=tmp_path / "run", **options)
    capsys.readouterr()
    assert main(["diagnose", str(tmp_path / "run")]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("learning rate too small\n  seen:   the loss went from ")
    assert "\n  change: Set learning_rate to 1e-05, or ask elman train --find-lr\n" in printed


def test_the_command_says_so_where_nothing_is_wrong(tmp_path, capsys):
    (tmp_path / "config.yaml").write_text("model: {}\ntraining: {}\n")
    assert main(["diagnose", str(tmp_path)]) == 0
    expected = "nothing wrong that the log shows: 0 steps, 0 validations, 0 probes\n"
    assert capsys.readouterr().out == expected
    assert elman.diagnose(tmp_path) == []


def test_what_is_no_run_is_refused(tmp_path, capsys):
    with pytest.raises(InputError, match="not a run"):
        elman.diagnose(tmp_path)
    assert main(["diagnose", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"elman: {tmp_path}: not a run: it holds no config.yaml\n"


def test_a_run_without_a_log_is_refused(tmp_path, capsys):
    (tmp_path / "text.txt").write_text("a b c d\n" * 20)
    elman.train("embed", tmp_path / "text.txt", out=tmp_path / "run", vector_size=4, epochs=1)
    message = "a diagnosis is for tasks that learn by gradients of batches; embed does not"
    with pytest.raises(InputError, match=message):
        elman.diagnose(tmp_path / "run")
    capsys.readouterr()
    assert main(["diagnose", str(tmp_path / "run")]) == 2
    assert message in capsys.readouterr().err


def test_a_damaged_model_file_is_refused(tmp_path):
    (tmp_path / "config.yaml").write_text("model: {}\ntraining: {}\n")
    (tmp_path / "model.safetensors").write_text("no")
    with pytest.raises(InputError, match="a damaged model file"):
        elman.diagnose(tmp_path)
