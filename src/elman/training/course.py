"""The course of a run in the few numbers that a diagnosis rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from elman.training.log import Log, Probe

_WINDOWS = 20
_ROBUST = 1.4826  # the standard deviation of normal numbers is so many times their median deviation
_LAST = 0.25


@dataclass(frozen=True)
class Course:
    """A log, condensed."""

    log: Log

    @cached_property
    def windows(self) -> NDArray[np.float64]:
        """The training loss: means of up to 20 parts of the run, in their order."""
        losses = self.log.steps["loss"]
        return np.array([part.mean() for part in np.array_split(losses, min(_WINDOWS, len(losses)))])

    @property
    def per_window(self) -> int:
        """Of how many logged steps such a mean is taken."""
        return len(self.log.steps["loss"]) // max(1, len(self.windows))

    @property
    def steps(self) -> int:
        """Steps taken."""
        return int(self.log.steps["step"][-1])

    @property
    def rate(self) -> float:
        """The largest learning rate, as asked for where that is known."""
        return float(self.log.options.get("learning_rate") or self.log.steps["learning_rate"].max())

    @cached_property
    def symbols(self) -> float:
        """Symbols in a step."""
        return float(np.median(self.log.steps["symbols_per_second"])) * self.step_seconds

    @cached_property
    def step_seconds(self) -> float:
        """Seconds that a step takes."""
        steps = self.log.steps
        if len(steps["step"]) == 1:
            return float(steps["seconds"][0])
        return float(np.median(np.diff(steps["seconds"]) / np.diff(steps["step"])))

    @cached_property
    def noise(self) -> float:
        """By how much the loss of a step differs from that of its neighbours, as a share of it: a robust
        standard deviation, over the second half of the run.
        """
        losses = self.log.steps["loss"]
        losses = losses[len(losses) // 2 :]
        changes = np.diff(losses)
        spread = _ROBUST * float(np.median(np.abs(changes - np.median(changes)))) / np.sqrt(2.0)
        return float(spread / losses.mean())

    @property
    def norm(self) -> float:
        """The median of the gradient norms."""
        return float(np.median(self.log.steps["gradient_norm"]))

    @property
    def validation(self) -> NDArray[np.float64]:
        """The validation losses."""
        return self.log.validations["val_loss"]

    @property
    def training(self) -> NDArray[np.float64]:
        """The mean training loss before each validation."""
        return self.log.validations["train_loss"]

    @property
    def epochs(self) -> float:
        """Passes over the training data."""
        return float(self.log.validations["epoch"][-1])

    @property
    def steps_per_epoch(self) -> float:
        """Steps in a pass over the training data."""
        return float(self.log.validations["step"][-1]) / self.epochs

    @cached_property
    def late_fall(self) -> float:
        """What share of the validation loss was lost in the last quarter of the validations."""
        at = int((1.0 - _LAST) * (len(self.validation) - 1))
        return float(1.0 - self.validation[-1] / self.validation[at])

    @cached_property
    def gradients(self) -> dict[int, dict[int, float]]:
        """‖∂E_t/∂s_{t-k}‖ by layer and k at the last probe, of the state whose gradient is the largest."""
        found: dict[int, dict[int, float]] = {}
        for probe in self.last_probe("gradient of "):
            layer = found.setdefault(probe.layer, {})
            if probe.k is not None:
                layer[probe.k] = max(probe.value, layer.get(probe.k, 0.0))
        return found

    def last_probe(self, what: str) -> Sequence[Probe]:
        """The figures of the last probe whose name begins so."""
        probes = self.log.probes
        last = max((probe.step for probe in probes), default=0)
        return [probe for probe in probes if probe.step == last and probe.what.startswith(what)]
