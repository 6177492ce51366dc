"""How far from exact the numbers of a layer are, beside those of its peer, over a grid of shapes."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from elman.bench.gpu.plans import recorded_plans
from elman.bench.gpu.trial import FORMATS, LAYERS, Format, Shape, Trial
from elman.bench.gpu.verdict import Verdict
from elman.cells import NAMES
from elman.run.gpu.choose import plan

SUBJECTS = (*LAYERS, *NAMES)
ODD = (
    Shape(3, 5, 7, 33, varied=True, bidirectional=True),
    Shape(1, 3, 1, 1),
    Shape(17, 12, 70, 130, varied=True, bidirectional=True),
)
LARGE = (
    Shape(64, 24, 256, 256),
    Shape(128, 6, 512, 1024),
)
REST = (
    Shape(1, 300, 64, 256),
    Shape(128, 9, 100, 511, varied=True),
)
GRID = {
    "bfloat16": ODD + LARGE + REST,
    "float32": ODD + LARGE + REST,
    "float16": ODD[:1] + LARGE,
    "tf32": ODD[:1] + LARGE,
    "float64": ODD,
}
"""The shapes of each format; those that matter most come first."""
BY_EVERY_PLAN = (ODD[0], LARGE[0])
"""The shapes that are computed by every plan there is, the slower ones, too."""
RUNS = 3
"""How often each is computed: launches that are repeated are captured the second, replayed the third time."""
WORSE = 1.25
"""How much larger than the peer's an error may be: two roundings of the same numbers are two draws."""
DEVIATIONS = 4.0
"""By how many of its own deviations, 1/√n of it, a root mean square of n numbers may be larger by chance."""
LARGEST, TWICE = 4.0, 2.0
"""How many times what a root mean square may be the largest error may be, and how many times the peer's."""
TINY = 1e-6
"""A number below which a result counts as zero."""


@dataclass(frozen=True)
class Error:
    """Root mean square and largest error of some numbers, relative to those of the exact ones."""

    typical: float
    largest: float
    count: int

    @classmethod
    def of(cls, value: Tensor, exact: Tensor) -> Error:
        """The error of a result."""
        away = value.double() - exact
        size, most = _typical(exact), float(exact.abs().max())
        largest = float(away.abs().max()) / max(most, TINY)
        return cls(_typical(away) / max(size, TINY), largest, exact.numel())

    def limit(self, form: Format) -> Error:
        """What is no worse than this, a peer's, or explained by rounding once."""
        chance = 1.0 + DEVIATIONS / self.count**0.5
        return Error(
            chance * max(WORSE * self.typical, form.error),
            chance * max(TWICE * WORSE * self.largest, LARGEST * form.error),
            self.count,
        )

    def within(self, limit: Error) -> bool:
        """Whether it is no larger; false for what is no number."""
        return self.typical <= limit.typical and self.largest <= limit.largest


def check(subject: str, form: str, device: torch.device, seed: int = 0, seconds: float = math.inf) -> Verdict:
    """Returns what comes out for a layer in a format, over the shapes of the grid; those that are not begun
    after so many seconds are failures.
    """
    verdict, start = Verdict(f"{subject} {form}"), time.monotonic()
    for shape in GRID[form]:
        if time.monotonic() - start > seconds:
            verdict.fail(f"{shape}: out of time")
            continue
        try:
            check_shape(verdict, subject, FORMATS[form], shape, device, seed)
        except Exception as error:
            verdict.fail(f"{shape}: {type(error).__name__}: {error}")
    return verdict


def check_shape(
    verdict: Verdict, subject: str, form: Format, shape: Shape, device: torch.device, seed: int
) -> None:
    """Adds what comes out for a shape, by the plans that are chosen, and in BY_EVERY_PLAN by the others."""
    trial = Trial(subject, form, shape, device, seed)
    held = Held(verdict, trial, trial.peers(), trial.exact(), form, f"{shape}, seed {seed}")
    others = held.run()
    for kind in others if shape in BY_EVERY_PLAN else ():
        with plan(kind):
            held.run()


@dataclass(frozen=True)
class Held:
    """A trial whose numbers are held to the exact ones; where: how it is called in failures."""

    verdict: Verdict
    trial: Trial
    peers: Mapping[str, Tensor]
    exact: Mapping[str, Tensor]
    form: Format
    where: str

    def run(self) -> list[str]:
        """Computes elman's numbers several times, in memory of its own each time; adds failures, warnings,
        and the largest error. Returns the kinds of plans that did not run.
        """
        with recorded_plans() as plans, warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always", RuntimeWarning)
            all_mine = [self.trial.mine() for _ in range(RUNS)]
        names = sorted({one.name for one in plans.ran.values()})
        self.verdict.plans = sorted({*self.verdict.plans, *names})
        if {name.endswith("_backward") for name in plans.ran} != {False, True}:
            ran = ", ".join(plans.ran) or "none"
            self.verdict.fail(f"{self.where}: torch's own operations ran; kernels that ran: {ran}")
        for warning in told:
            if issubclass(warning.category, RuntimeWarning):
                self.verdict.fail(f"{self.where}: {warning.message}")
        for mine in all_mine:
            for result, found, peer in errors(mine, self.peers, self.exact):
                self._hold(f"{self.where}, by {' and '.join(names)}: {result}", found, peer)
        return plans.others

    def _hold(self, what: str, found: Error, peer: Error) -> None:
        self.verdict.compare(found.typical, peer.typical)
        limit = peer.limit(self.form)
        if not found.within(limit):
            self.verdict.fail(
                f"{what} is off by {found.typical:.1e} (at most {found.largest:.1e}), "
                f"the peer's by {peer.typical:.1e} ({peer.largest:.1e}); "
                f"the limits are {limit.typical:.1e} ({limit.largest:.1e})"
            )


def errors(
    mine: Mapping[str, Tensor], peers: Mapping[str, Tensor], exact: Mapping[str, Tensor]
) -> Iterator[tuple[str, Error, Error]]:
    """Yields the name of each result, elman's error, and the peer's, of those that the peer has.

    What the peer lacks, states after every step, are held to the error of its output.
    """
    if mine.keys() != exact.keys():
        raise ValueError(f"the results are {list(mine)}, the exact ones {list(exact)}")
    for name, value in mine.items():
        peer = Error.of(peers.get(name, peers["output"]), exact[name if name in peers else "output"])
        yield name, Error.of(value, exact[name]), peer


def _typical(value: Tensor) -> float:
    return float(value.square().mean().sqrt())
