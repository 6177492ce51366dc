"""A run cut into intervals: every batch once, in order, from any batch on."""

import numpy as np
import pytest

from elman.data.stream import StreamBatches
from elman.training.config import TrainConfig
from elman.training.intervals import Intervals, Plan, WholePart


def batches(number):
    return StreamBatches(np.arange(number), batch_size=1, sequence_length=1)


@pytest.mark.parametrize(
    ("train", "validation", "every"),
    [(100, 10, 100), (700, 70, 700), (1600, 100, 534), (90_000, 10_000, 10_000), (5, 50, 5)],
)
def test_how_often_to_validate(train, validation, every):
    plan = Plan.of(batches(train), batches(validation), TrainConfig(epochs=3))
    assert plan == Plan(3 * train, 1, every)
    assert plan.steps == 3 * train


def test_what_is_asked_for_goes_before():
    config = TrainConfig(epochs=3, max_steps=50, validate_every=20, accumulate=4)
    plan = Plan.of(batches(100), batches(10), config)
    assert plan == Plan(batches=200, per_step=4, per_validation=80)
    assert plan.steps == 50
    assert [done for done in range(1, 201) if plan.validates(done)] == [80, 160, 200]


def run(plan, number, pauses=()):
    """The targets in the order taken, and after how many of them an interval ended, and how."""
    taken, ends = [], []
    intervals = Intervals(
        batches(number),
        plan,
        lambda: len(taken),
        lambda: seen[0] in pauses,
        lambda validates: ends.append((seen[0], validates)),
    )
    while len(taken) < plan.batches:
        seen = [len(taken)]
        interval = []
        for batch in intervals:
            interval.append(int(batch.targets[0, 0]))
            seen[0] += 1
        taken += interval
    return taken, ends


def test_intervals_make_up_the_epochs():
    taken, ends = run(Plan(20, 1, 7), 10)
    assert taken == [*range(10), *range(10)]
    assert ends == [(7, True), (14, True), (20, True)]


def test_a_pause_ends_an_interval_only_where_a_step_ends():
    taken, ends = run(Plan(20, 3, 9), 10, pauses={1, 6, 10, 12, 18})
    assert taken == [*range(10), *range(10)]
    assert ends == [(6, False), (9, True), (12, False), (18, True), (20, True)]


def test_the_validation_part_is_read_whole_each_time():
    part = WholePart(batches(4))
    assert len(part) == 4
    for _ in range(2):
        assert [int(batch.targets[0, 0]) for batch in part] == [0, 1, 2, 3]
