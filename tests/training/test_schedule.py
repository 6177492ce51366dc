"""The learning rate against points computed by hand."""

import math

import numpy as np
import pytest
import torch

from elman.training.schedule import Schedule


def test_warm_up_is_linear_over_the_first_hundred_steps():
    schedule = Schedule(steps=100_000, seconds=None)
    assert schedule.factor(0, 0.0) == pytest.approx(0.01)
    assert schedule.factor(49, 0.0) == pytest.approx(0.5, abs=1e-5)
    assert schedule.factor(99, 0.0) == pytest.approx(1.0, abs=1e-5)


def test_a_short_run_warms_up_over_its_first_tenth():
    assert Schedule(steps=40, seconds=None).factor(3, 0.0) == pytest.approx(
        0.1 + 0.9 * (1 + math.cos(math.pi * 3 / 40)) / 2
    )


@pytest.mark.parametrize(("share", "factor"), [(0.5, 0.55), (1 / 3, 0.775), (1.0, 0.1)])
def test_decay_follows_the_steps(share, factor):
    assert Schedule(steps=6000, seconds=None).factor(round(share * 6000), 0.0) == pytest.approx(factor)


@pytest.mark.parametrize(
    ("step", "elapsed", "factor"), [(600, 30.0, 0.55), (3000, 6.0, 0.55), (300, 99.0, 0.1)]
)
def test_decay_follows_time_or_steps_whichever_is_further(step, elapsed, factor):
    assert Schedule(steps=6000, seconds=60.0).factor(step, elapsed) == pytest.approx(factor)


def after_warm_up(kind, share, validations=()):
    return Schedule(10_000, None, kind, warm_up=0).factor(round(share * 10_000), 0.0, validations)


@pytest.mark.parametrize(
    ("share", "factor"), [(0.0, 0.04), (0.15, 0.52), (0.3, 1.0), (0.65, 0.50005), (1.0, 1e-4)]
)
def test_one_cycle_rises_and_falls_along_a_cosine(share, factor):
    assert after_warm_up("one-cycle", share) == pytest.approx(factor, rel=1e-3)


def test_one_cycle_is_torchs():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps=1001, final_div_factor=400.0)
    for step in range(1000):
        assert after_warm_up("one-cycle", step / 1000) == pytest.approx(
            theirs.get_last_lr()[0], rel=0.02, abs=1e-4
        )
        optimizer.step()
        theirs.step()


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_constant_is_constant(share):
    assert after_warm_up("constant", share) == 1.0


@pytest.mark.parametrize(
    ("losses", "decay", "plateau"),
    [
        ([], 0, 0),
        ([3.0, 2.0, 1.0], 0, 0),
        ([3.0, 3.0], 1, 0),
        ([3.0, 4.0, 3.5, 2.0], 2, 1),
        ([3.0, 4.0, 2.0, 2.5, 2.0, 2.1, 2.2], 5, 2),
    ],
)
def test_validations_that_are_no_better_lower_the_rate(losses, decay, plateau):
    assert after_warm_up("decay", 0.5, losses) == 0.5**decay
    assert after_warm_up("plateau", 0.5, losses) == 0.5**plateau


def test_plateau_is_torchs():
    random = np.random.default_rng(0)
    losses = list(5.0 / np.arange(1, 60) + random.normal(0.0, 0.2, 59))
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, threshold=0.0)
    for number, loss in enumerate(losses):
        theirs.step(loss)
        assert after_warm_up("plateau", 0.5, losses[: number + 1]) == pytest.approx(
            max(theirs.get_last_lr()[0], 0.0), abs=1e-8
        )
