"""The learning rate against points computed by hand."""

import math

import pytest

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
