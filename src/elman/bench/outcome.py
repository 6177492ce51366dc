"""What a case came to: the figures of all rounds, and what follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple


class Spread(NamedTuple):
    """The ratio of two medians, and the least and the largest ratio of a round."""

    middle: float
    low: float
    high: float


@dataclass
class Outcome:
    """A case with its figures, one a round, elman's and theirs taken in turns. Lower is better.

    unit: s, B, or × for how many times as long as without hindrance. flop: the operations of a run, elman's
    and theirs, 0 if not counted. peak: operations a second that the machine can do, each round. threads: the
    number that was best for elman, and for them. failure: why there are no figures. parts: by name, what the
    figure is the worst of. plan: how elman's kernels were launched, on a GPU.
    """

    name: str
    what: str
    against: str
    goal: float
    share_goal: float | None = None
    unit: str = "s"
    mine: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    flop: Sequence[float] = (0.0, 0.0)
    peak: list[float] = field(default_factory=list)
    threads: Sequence[int] = (0, 0)
    failure: str = ""
    parts: dict[str, float] = field(default_factory=dict)
    plan: str = ""

    @property
    def ratio(self) -> Spread:
        """Theirs to elman's, each per operation."""
        mine, theirs = self.flop
        scale = mine / theirs if mine and theirs else 1.0
        each = [scale * other / own for own, other in zip(self.mine, self.theirs, strict=True)]
        return Spread(scale * median(self.theirs) / median(self.mine), min(each), max(each))

    @property
    def speed(self) -> float | None:
        """Elman's floating-point operations a second."""
        return self.flop[0] / median(self.mine) if self.flop[0] and self.unit == "s" else None

    @property
    def share(self) -> float | None:
        """Elman's speed as a share of the machine's peak."""
        return self.speed / median(self.peak) if self.speed and self.peak else None

    @property
    def reached(self) -> bool:
        """Whether elman is where it means to be."""
        if self.failure or self.ratio.middle < self.goal:
            return False
        return self.share_goal is None or (self.share is not None and self.share >= self.share_goal)
