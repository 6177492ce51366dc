"""Decoding rules against distributions computed by hand."""

import math

import numpy as np
import pytest
import torch

from elman.core.errors import InputError
from elman.nn.decode import Decoding

# Probabilities 0.1, 0.4, 0.2, 0.3.
SCORES = torch.tensor([0.1, 0.4, 0.2, 0.3]).log() + 7.0


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Decoding(), [0.1, 0.4, 0.2, 0.3]),
        (Decoding(temperature=0.0), [0, 1, 0, 0]),
        # At temperature 1/2 probabilities are squared: 0.01, 0.16, 0.04, 0.09 of 0.3.
        (Decoding(temperature=0.5), [1 / 30, 16 / 30, 4 / 30, 9 / 30]),
        (Decoding(top_k=2), [0, 4 / 7, 0, 3 / 7]),
        (Decoding(top_k=99), [0.1, 0.4, 0.2, 0.3]),
        (Decoding(top_p=0.35), [0, 1, 0, 0]),
        (Decoding(top_p=0.65), [0, 4 / 7, 0, 3 / 7]),
        (Decoding(top_p=0.85), [0, 4 / 9, 2 / 9, 3 / 9]),
        # Of the two likeliest, 4/7 and 3/7, the first alone has more than half.
        (Decoding(top_k=2, top_p=0.5), [0, 1, 0, 0]),
        (Decoding(temperature=1e-300), [0, 1, 0, 0]),
    ],
)
def test_distributions(rule, expected):
    assert rule.probabilities(SCORES).tolist() == pytest.approx(expected, abs=1e-6)


def test_forbidden_symbols_leave_their_share_to_the_others():
    probabilities = Decoding().probabilities(SCORES, forbidden={1, 0})
    assert probabilities.tolist() == pytest.approx([0, 0, 0.4, 0.6], abs=1e-6)
    assert Decoding(temperature=0.0).probabilities(SCORES, {1}).argmax() == 3


def test_scores_are_left_as_they_were():
    before = SCORES.clone()
    Decoding(top_k=1).probabilities(SCORES, {1})
    assert torch.equal(SCORES, before)


@pytest.mark.parametrize("rule", [Decoding(), Decoding(top_k=3), Decoding(0.5, top_p=0.85), Decoding(0.0)])
def test_a_uniform_number_is_sent_through_the_inverse_of_the_cumulative_distribution(rule):
    reached = np.cumsum(rule.probabilities(SCORES).numpy())
    grid = (np.arange(997) + 0.5) / 997
    expected = np.searchsorted(reached / reached[-1], grid, side="right")
    assert [rule.choose(SCORES, u) for u in grid] == expected.tolist()


def test_the_ends_of_the_unit_interval_choose_symbols_that_may_be_chosen():
    rule = Decoding(top_p=0.65)  # the middle two of four are left
    assert rule.choose(SCORES, 0.0) == 1
    assert rule.choose(SCORES, math.nextafter(1.0, 0.0)) == 3


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_scores_that_are_not_finite_are_refused(bad, temperature):
    with pytest.raises(InputError, match="the best score is not a finite number"):
        Decoding(temperature).choose(torch.tensor([1.0, bad, 0.0]), 0.5)
    assert Decoding(temperature).choose(torch.tensor([1.0, bad, -math.inf]), 0.5, {1}) == 0


def test_nothing_to_choose_from_is_refused():
    with pytest.raises(InputError, match="or none is allowed"):
        Decoding().choose(SCORES, 0.5, {0, 1, 2, 3})


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": -1.0},
        {"temperature": math.nan},
        {"temperature": math.inf},
        {"top_k": -1},
        {"top_p": 0.0},
        {"top_p": 1.5},
        {"top_p": math.nan},
    ],
)
def test_values_out_of_range_are_refused_by_name(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        Decoding(**wrong)
