"""Steps, clipping, accumulation and averages against what torch's own parts do, step by step."""

import copy

import pytest
import torch
from torch import nn

import elman
from elman.tasks import find
from elman.tasks.language.config import LanguageConfig
from elman.training.averaging import Averaging, non_monotonic
from elman.training.config import TrainConfig
from elman.training.optimisers import gradient_norm, optimiser

SIZES = {
    "hidden_size": 16,
    "embedding_size": 8,
    "layers": 1,
    "batch_size": 4,
    "sequence_length": 20,
    "dropout": 0.0,
}


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("adamw", lambda p, d: torch.optim.AdamW(p, lr=0.01, weight_decay=d)),
        ("adam", lambda p, d: torch.optim.Adam(p, lr=0.01, weight_decay=d)),
        ("sgd", lambda p, d: torch.optim.SGD(p, lr=0.01, momentum=0.9, weight_decay=d)),
        ("nt-asgd", lambda p, d: torch.optim.SGD(p, lr=0.01, momentum=0.9, weight_decay=d)),
    ],
)
def test_steps_are_torchs_with_weight_decay_for_matrices_alone(name, theirs):
    torch.manual_seed(0)
    model = nn.Linear(5, 4)
    other = copy.deepcopy(model)
    mine = optimiser(
        TrainConfig(optimizer=name, learning_rate=0.01, momentum=0.9, weight_decay=0.1), model.parameters()
    )
    both = [theirs([other.weight], 0.1), theirs([other.bias], 0.0)]
    for _ in range(5):
        x = torch.randn(7, 5)
        for layer, steps in ((model, [mine]), (other, both)):
            for step in steps:
                step.zero_grad()
            layer(x).square().sum().backward()
            for step in steps:
                step.step()
    torch.testing.assert_close(model.weight, other.weight)
    torch.testing.assert_close(model.bias, other.bias)


def test_the_norm_is_that_of_all_gradients_together():
    layers = [nn.Linear(3, 2), nn.Linear(2, 2)]
    weights = [p for layer in layers for p in layer.parameters()]
    for p in weights[:-1]:
        p.grad = torch.randn_like(p)
    every = torch.cat([p.grad.flatten() for p in weights[:-1]])
    assert float(gradient_norm(weights)) == pytest.approx(float(every.norm()))


def by_hand(text_file, steps, *, accumulate=1, clip_norm=0.0, clip_value=0.0):
    """The first steps of SGD on the batches of a text, written out."""
    task, config = find("language"), LanguageConfig(**SIZES)
    torch.manual_seed(1)
    data = task.data.read(text_file, config, 1)
    model = task.model(config, data.vocabulary)
    batches = iter(data.train.epoch(0))
    state = None
    for _ in range(steps):
        model.zero_grad()
        for _ in range(accumulate):
            batch = next(batches)
            nats, state = model.loss(batch, state if batch.continues else None)
            state = tuple(s.detach() for s in state)
            (nats / batch.symbols / accumulate).backward()
        if clip_value:
            nn.utils.clip_grad_value_(model.parameters(), clip_value)
        if clip_norm:
            nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
        with torch.no_grad():
            for p in model.parameters():
                p -= 0.5 * p.grad
    return model


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"accumulate": 3},
        {"clip_norm": 0.05},
        {"clip_value": 0.002},
        {"clip_norm": 0.02, "clip_value": 0.002},
    ],
)
def test_a_run_takes_the_steps_that_one_takes_by_hand(text_file, tmp_path, options):
    wanted = by_hand(text_file, 6, **options)
    found = elman.train(
        "language", text_file, out=tmp_path / "run", optimizer="sgd", learning_rate=0.5, schedule="constant",
        warm_up=0, weight_decay=0.0, max_steps=6, **{"clip_norm": 0.0, **options}, **SIZES,
    )  # fmt: skip
    for a, b in zip(found.parameters(), wanted.parameters(), strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)


def test_clipping_makes_a_difference(text_file):
    assert not torch.allclose(
        by_hand(text_file, 6).projection.weight, by_hand(text_file, 6, clip_norm=0.05).projection.weight
    )


def averages(config, losses=(), share=lambda n: 1.0, steps=6):
    weight = nn.Parameter(torch.zeros(1))
    averaging = Averaging(config, [weight])
    for n in range(steps):
        with torch.no_grad():
            weight += 1.0
        averaging.update(share(n), losses)
    averaging.swap()
    seen = weight.item()
    averaging.swap()
    assert weight.item() == steps
    return seen


def test_averages_by_hand():
    assert averages(TrainConfig()) == 6.0
    mean = 1.0
    for count, value in enumerate(range(2, 7), start=2):
        decay = min(0.3, (1 + count) / (10 + count))
        mean = decay * mean + (1 - decay) * value
    assert averages(TrainConfig(averaging="ema", averaging_decay=0.3)) == pytest.approx(mean)
    swa = TrainConfig(averaging="swa", averaging_start=0.5)
    assert averages(swa, share=lambda n: n / 6) == pytest.approx((4 + 5 + 6) / 3)


def test_nt_asgd_begins_when_validation_is_worse_than_long_before():
    losses = [5.0, 4.0, 3.0, 3.5, 3.4, 3.3, 3.2, 3.1]
    assert not non_monotonic(losses)
    assert non_monotonic([*losses, 3.05])
    config = TrainConfig(optimizer="nt-asgd")
    assert averages(config, losses) == 6.0
    assert averages(config, [*losses, 3.05]) == pytest.approx(3.5)


def test_what_is_validated_and_kept_is_the_average(text_file, tmp_path):
    options = {"schedule": "constant", "max_steps": 30, "validate_every": 10, **SIZES}
    plain = elman.train("language", text_file, out=tmp_path / "plain", **options)
    mean = elman.train(
        "language", text_file, out=tmp_path / "mean", averaging="ema", averaging_decay=0.5, **options
    )
    assert not torch.equal(plain.projection.weight, mean.projection.weight)
    text = text_file.read_text()
    held_out = text[int(0.9 * len(text)) :]
    log = (tmp_path / "mean" / "log.csv").read_text().splitlines()[-1].split(",")
    assert mean.score(held_out).nats_per_symbol == pytest.approx(float(log[-1]), abs=0.02)


def test_mixed_formats_of_numbers(text_file, tmp_path):
    model = elman.train(
        "language", text_file, out=tmp_path / "run", precision="bf16-mixed", max_steps=20, **SIZES
    )
    assert model.score("the cat").nats_per_symbol < 3.0


def test_a_compiled_model_learns_the_same(text_file, tmp_path):
    runs = [
        elman.train("language", text_file, out=tmp_path / str(compile), compile=compile, max_steps=5, **SIZES)
        for compile in (False, True)
    ]
    for a, b in zip(*(run.parameters() for run in runs), strict=True):
        torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-3)
