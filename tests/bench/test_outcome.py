"""Statistics of rounds, by hand."""

import pytest

from elman.bench.outcome import Outcome


def outcome(**figures) -> Outcome:
    return Outcome("name", "what", "them", **{"goal": 2.0, **figures})


def test_the_ratio_is_that_of_the_medians_with_the_spread_of_the_rounds():
    ratio = outcome(mine=[1.0, 2.0, 4.0], theirs=[3.0, 8.0, 4.0]).ratio
    assert ratio == (4.0 / 2.0, 1.0, 4.0)


def test_different_work_is_compared_per_operation():
    ratio = outcome(mine=[1.0], theirs=[1.0], flop=(300.0, 100.0)).ratio
    assert ratio == (3.0, 3.0, 3.0)


def test_speed_and_share_follow_from_medians():
    measured = outcome(mine=[1.0, 2.0, 9.0], theirs=[1.0] * 3, flop=(100.0, 100.0), peak=[80.0, 100.0, 120.0])
    assert measured.speed == 50.0
    assert measured.share == 0.5


def test_what_has_no_operations_has_no_speed():
    assert outcome(mine=[1.0], theirs=[1.0], peak=[1.0]).speed is None
    assert outcome(mine=[1.0], theirs=[1.0], peak=[1.0]).share is None
    assert outcome(mine=[1.0], theirs=[1.0], flop=(1.0, 1.0), unit="×").speed is None


@pytest.mark.parametrize(
    ("figures", "reached"),
    [
        ({"theirs": [2.0]}, True),
        ({"theirs": [1.9]}, False),
        ({"theirs": [2.0], "share_goal": 0.5, "flop": (1.0, 1.0), "peak": [2.0]}, True),
        ({"theirs": [2.0], "share_goal": 0.6, "flop": (1.0, 1.0), "peak": [2.0]}, False),
        ({"theirs": [2.0], "share_goal": 0.6}, False),
        ({"theirs": [2.0], "failure": "it broke"}, False),
    ],
)
def test_a_goal_is_reached_where_ratio_and_share_are(figures, reached):
    assert outcome(mine=[1.0], **figures).reached is reached
