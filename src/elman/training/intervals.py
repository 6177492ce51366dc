"""Epochs cut into intervals, with a validation after each.

An interval is what Lightning's loop takes for an epoch. So every validation, and with it every checkpoint,
falls on a boundary at which that loop resumes exactly.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from elman.data.batch import Batches, SequenceBatch

_STEPS = 500


def intervals_per_epoch(train: Batches, validation: Batches) -> int:
    """How often to validate in an epoch: every 500 steps or so, or once if it has fewer.

    A validation batch takes about a third of the time of a training step. So that validation costs no more
    than a fraction of training, an interval is at least as many steps as a validation has batches.
    """
    return max(1, round(len(train) / max(_STEPS, len(validation))))


class Intervals:
    """The training batches from the current step to the end of its interval; iterate again for the next."""

    def __init__(self, batches: Batches, per_epoch: int, step: Callable[[], int]) -> None:
        self._batches = batches
        self._ends = [round(len(batches) * (i + 1) / per_epoch) for i in range(per_epoch)]
        self._step = step

    def __iter__(self) -> Iterator[SequenceBatch]:
        epoch, start = divmod(self._step(), len(self._batches))
        stop = next(end for end in self._ends if end > start)
        return islice(self._batches.epoch(epoch), start, stop)


class WholePart:
    """All batches of a part of the data, the same every time."""

    def __init__(self, batches: Batches) -> None:
        self._batches = batches

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[SequenceBatch]:
        return self._batches.epoch(0)
