"""Epochs cut into intervals: every batch once, in order, from any step on."""

import numpy as np
import pytest

from elman.data.stream import StreamBatches
from elman.training.intervals import Intervals, WholePart, intervals_per_epoch


def batches(number):
    return StreamBatches(np.arange(number), batch_size=1, sequence_length=1)


@pytest.mark.parametrize(
    ("train", "validation", "intervals"),
    [(100, 10, 1), (700, 70, 1), (1600, 100, 3), (90_000, 10_000, 9), (5, 50, 1)],
)
def test_how_often_to_validate(train, validation, intervals):
    assert intervals_per_epoch(batches(train), batches(validation)) == intervals


def test_intervals_make_up_the_epochs():
    taken = []
    intervals = Intervals(batches(10), 3, lambda: len(taken))
    sizes = []
    while len(taken) < 20:
        before = len(taken)
        # A copy first: the step moves on while the interval is read, as it does in training.
        for batch in list(intervals):
            taken.append(int(batch.targets[0, 0]))
        sizes.append(len(taken) - before)
    assert taken == [*range(10), *range(10)]
    assert sizes == [3, 4, 3, 3, 4, 3]


def test_the_validation_part_is_read_whole_each_time():
    part = WholePart(batches(4))
    assert len(part) == 4
    for _ in range(2):
        assert [int(batch.targets[0, 0]) for batch in part] == [0, 1, 2, 3]
