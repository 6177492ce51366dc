"""A run cut into intervals, which are what Lightning's loop takes for epochs.

That loop goes on exactly from a checkpoint between two of its epochs. So an interval ends where a validation
is due, and wherever else a checkpoint is to be written: every few minutes, and when the user stops the run.
Where it ends does not change what is learned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from elman.data.batch import Batches, SequenceBatch
from elman.training.config import TrainConfig

_STEPS = 500


@dataclass(frozen=True)
class Plan:
    """How many batches a run takes at most, how many make a step, and after how many it is validated."""

    batches: int
    per_step: int
    per_validation: int

    @classmethod
    def of(cls, train: Batches, validation: Batches, config: TrainConfig) -> Plan:
        """The plan of a run: to validate once an epoch, or in a long one about every 500 steps.

        A validation batch takes about a third of the time of a training step. So that validation costs no
        more than a fraction of training, there are at least as many batches between two validations as
        one has.
        """
        per_step, batches = config.accumulate, len(train) * config.epochs
        if config.max_steps is not None:
            batches = min(batches, config.max_steps * per_step)
        if config.validate_every is not None:
            return cls(batches, per_step, config.validate_every * per_step)
        times = max(1, round(len(train) / max(_STEPS * per_step, len(validation))))
        return cls(batches, per_step, -(-len(train) // (times * per_step)) * per_step)

    @property
    def steps(self) -> int:
        """How many steps the optimiser takes at most."""
        return -(-self.batches // self.per_step)

    def place(self, epochs: float, batches: int) -> int:
        """How many batches, in whole steps, are so many epochs of `batches` each."""
        return int(epochs * batches / self.per_step) * self.per_step

    def validates(self, done: int) -> bool:
        """Whether a validation follows after so many batches."""
        return done % self.per_validation == 0 or done == self.batches


class Intervals:
    """The training batches from those that are done to the end of the interval; iterate again for the next.

    done: asks how many there are. pause: asks whether to end the interval early. ends: is told whether a
    validation follows.
    """

    def __init__(
        self,
        batches: Batches,
        plan: Plan,
        done: Callable[[], int],
        pause: Callable[[], bool],
        ends: Callable[[bool], None],
    ) -> None:
        self._batches = batches
        self._plan = plan
        self._done, self._pause, self._ends = done, pause, ends

    def __iter__(self) -> Iterator[SequenceBatch]:
        done = self._done()
        while done < self._plan.batches:
            for batch in self._batches.epoch(*divmod(done, len(self._batches))):
                yield batch
                done += 1
                validates = self._plan.validates(done)
                if validates or (done % self._plan.per_step == 0 and self._pause()):
                    self._ends(validates)
                    return


class WholePart:
    """All batches of a part of the data, the same every time."""

    def __init__(self, batches: Batches) -> None:
        self._batches = batches

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[SequenceBatch]:
        return self._batches.epoch(0)
