"""What can be wrong with a run, each with the numbers by which it shows in the log, and what to change.

A rule takes the course of a run and returns a finding, or None. docs/diagnosis.md explains the thresholds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from elman.training.course import Course

_FEWEST_LOSSES, _FEWEST_VALIDATIONS = 5, 4
_STANDS_STILL = 0.02
_RISE, _RISEN, _LAST = 0.1, 0.07, 3
_OF_ONE_SYMBOL, _SURE = 2.0, 4.0
_WORSE, _GAP, _NO_GAP = 1.02, 0.25, 0.05
_SMALL_NET = 20
_FALLING = 0.01
_VANISHED, _SHORT_MEMORY = 1e-3, 8
_GROWN, _SPIKE = 10.0, 100.0
_DEAD, _SATURATED = 0.1, 0.8
_NOISY, _CALM, _FEW_SYMBOLS = 0.08, 0.03, 256
_IDLE, _MANY_SYMBOLS = 1e9, 1024
_FEW_STEPS, _FEW_AN_EPOCH = 500, 5
_LEARNING_RATE = {"adamw": 0.002, "adam": 0.002, "sgd": 1.0, "nt-asgd": 30.0}


@dataclass(frozen=True)
class Finding:
    """What is wrong, the numbers that say so, and what to change."""

    name: str
    evidence: str
    advice: str

    def __str__(self) -> str:
        return f"{self.name}: {self.evidence}. {self.advice}."


def learning_rate_too_small(course: Course) -> Finding | None:
    """The loss stands still from the first step on, at a small learning rate, though there is a gradient."""
    means = course.windows
    usual = _usual_rate(course)
    if len(means) < _FEWEST_LOSSES or course.rate > usual / 3 or not course.norm:
        return None
    if np.ptp(means) > _STANDS_STILL * means[0]:
        return None
    return Finding(
        "learning rate too small",
        f"the loss went from {means[0]:.4f} to {means[-1]:.4f} in {course.steps:,} steps, at a learning rate "
        f"of {course.rate:.3g} and a gradient of the norm {course.norm:.3g}",
        f"Set learning_rate to {min(usual, 100 * course.rate):.3g}, or ask elman train --find-lr",
    )


def learning_rate_too_large(course: Course) -> Finding | None:
    """The training loss goes up and down by more than chance, or ends above where it was."""
    means = course.windows
    if len(means) < _FEWEST_LOSSES:
        return None
    by_chance = _SURE * _OF_ONE_SYMBOL / np.sqrt(course.symbols * course.per_window)
    rises = means[1:] / means[:-1] - 1.0 > max(_RISE, by_chance)
    risen = means[-_LAST:].min() / means.min() - 1.0 > max(_RISEN, by_chance)
    if rises.sum() < 2 and not risen:
        return None
    worst = float(course.log.steps["gradient_norm"].max())
    clip = "" if course.log.options.get("clip_norm") else ", and clip_norm to 1"
    return Finding(
        "learning rate too large",
        f"the loss goes {_listed(means)}"
        + (f" (means of {course.per_window} steps)" if course.per_window > 1 else "")
        + f", at a learning rate of {course.rate:.3g}; the norm of the gradient is {course.norm:.3g} in the "
        f"middle and {worst:.3g} at most",
        f"{_lower_rate(course)}{clip}",
    )


def overfitting(course: Course) -> Finding | None:
    """Validation becomes worse, or no better, while training goes on becoming better."""
    found, training = course.validation, course.training
    if len(found) < 2:
        return None
    best = int(np.argmin(found))
    gap = 1.0 - training[-1] / found[-1]
    worse = found[-1] > _WORSE * found[best] and training[-1] < training[best] and gap > 0.0
    memorised = gap > _GAP and len(found) >= _FEWEST_VALIDATIONS and course.late_fall < _FALLING
    if not worse and not memorised:
        return None
    return Finding(
        "overfitting",
        f"at the end the loss is {training[-1]:.4f} in training and {found[-1]:.4f} in validation, which was "
        f"{found[best]:.4f} at step {course.log.validations['step'][best]:,.0f}, with {training[best]:.4f} "
        "in training",
        f"{_against_overfitting(course)}, or give it more data; the best model has been kept",
    )


def underfitting(course: Course) -> Finding | None:
    """Training and validation are alike and no longer fall, and the net is small beside the data."""
    parameters = course.log.options.get("parameters")
    if parameters is None or len(course.validation) < _FEWEST_VALIDATIONS or learning_rate_too_small(course):
        return None
    training, found = float(course.training[-1]), float(course.validation[-1])
    symbols = course.symbols * course.steps_per_epoch
    if 1.0 - training / found > _NO_GAP or course.late_fall > _FALLING or _SMALL_NET * parameters > symbols:
        return None
    hidden = course.log.options.get("hidden_size", 0)
    return Finding(
        "underfitting",
        f"the loss no longer falls, {training:.4f} in training and {found:.4f} in validation, where "
        f"{parameters:,} parameters have seen {symbols:,.0f} different symbols",
        f"Set hidden_size to {4 * hidden}" if hidden else "Make the network larger",
    )


def stopped_too_early(course: Course) -> Finding | None:
    """Validation was still falling when the run ended."""
    if not _still_falling(course) or _few_steps(course):
        return None
    found, at = course.validation, course.log.validations["step"]
    return Finding(
        "stopped too early",
        f"the validation loss was still falling at the end: {_listed(found[-_FEWEST_VALIDATIONS:])}, the "
        f"last at step {at[-1]:,.0f}, and lost {course.late_fall:.1%} in the last quarter of the run",
        f"Set {_longer(course)}",
    )


def vanishing_gradients(course: Course) -> Finding | None:
    """The gradient of an error is gone a few steps back."""
    for layer, norms in course.gradients.items():
        gone = [k for k, norm in norms.items() if norm < _VANISHED * norms[0]]
        if gone and min(gone) <= _SHORT_MEMORY:
            k = min(gone)
            return Finding(
                "vanishing gradients",
                f"in layer {layer}, ‖∂E_t/∂s_(t-k)‖ is {norms[0]:.3g} at k = 0 and {norms[k]:.3g} at k = {k}"
                ": nothing is learned about what is further back",
                _lower_rate(course) if _is_gated(course) else "Set cell to lstm or gru",
            )
    return None


def exploding_gradients(course: Course) -> Finding | None:
    """The gradient of an error grows on its way back, or that of the weights has spikes, unclipped."""
    options, norms = course.log.options, course.log.steps["gradient_norm"]
    advice = f"Set clip_norm to {max(course.norm, 1e-3):.1g}" if not options.get("clip_norm") else ""
    for layer, gradients in course.gradients.items():
        k = max(gradients, key=gradients.__getitem__)
        if gradients[k] > _GROWN * gradients[0] > 0.0:
            return Finding(
                "exploding gradients",
                f"in layer {layer}, ‖∂E_t/∂s_(t-k)‖ is {gradients[0]:.3g} at k = 0 and {gradients[k]:.3g} at "
                f"k = {k}",
                advice or _lower_rate(course),
            )
    if advice and not options.get("clip_value") and norms.max() > _SPIKE * course.norm:
        at = int(course.log.steps["step"][np.argmax(norms)])
        return Finding(
            "exploding gradients",
            f"the norm of the gradient is {course.norm:.3g} in the middle, {norms.max():.3g} at step {at:,}",
            advice,
        )
    return None


def dead_units(course: Course) -> Finding | None:
    """Units whose output never moves."""
    probes = [probe for probe in course.last_probe("dead units") if probe.value > _DEAD]
    if not probes:
        return None
    layers = ", ".join(f"{probe.value:.0%} of the units of layer {probe.layer}" for probe in probes)
    return Finding(
        "dead units",
        f"at step {probes[0].step:,} the output of {layers} is the same at all steps of all sequences",
        f"{_lower_rate(course)}; with f=relu, try f=tanh",
    )


def saturated_gates(course: Course) -> Finding | None:
    """Gates that are always open or closed, and so let no gradient through to what moves them."""
    probes = [probe for probe in course.last_probe("saturated ") if probe.value > _SATURATED]
    if not probes:
        return None
    gates = ", ".join(
        f"{p.value:.0%} of the values of gate {p.what.removeprefix('saturated ')} in layer {p.layer}"
        for p in probes
    )
    return Finding(
        "saturated gates",
        f"at step {probes[0].step:,}, {gates} are below 0.02 or above 0.98",
        f"{_lower_rate(course)}, or weight_decay to 0.1",
    )


def batch_too_small(course: Course) -> Finding | None:
    """The loss of a step is mostly chance, or the machine idles between steps.

    A step of S symbols takes about 6 S P operations with P parameters (Kaplan et al. 2020).
    """
    size, parameters = (course.log.options.get(name) for name in ("batch_size", "parameters"))
    if size is None or len(course.windows) < _FEWEST_LOSSES or learning_rate_too_large(course):
        return None
    read = f"a step reads {course.symbols:,.0f} symbols, {size} sequences"
    if course.noise > _NOISY and course.symbols < _FEW_SYMBOLS:
        why = f"{read}, and so few that its loss differs by {course.noise:.0%} from that of the next"
        wanted = size * (course.noise / _CALM) ** 2
    elif parameters is not None and _is_idle(course, parameters):
        rate = 6 * parameters * course.symbols / course.step_seconds
        milliseconds = 1000 * course.step_seconds
        why = f"{read}, in {milliseconds:.1f} ms: that is {rate / 1e9:.2g} GFLOP/s, and a core does many"
        wanted = 8 * size
    else:
        return None
    return Finding("batch too small", why, f"Set batch_size to {2 ** round(np.log2(wanted))}")


def batch_too_large(course: Course) -> Finding | None:
    """The data are read in so few steps that these run out before the loss has stopped falling."""
    size = course.log.options.get("batch_size")
    if size is None or not _still_falling(course) or not _few_steps(course):
        return None
    return Finding(
        "batch too large",
        f"{course.epochs:.3g} passes over the data made {course.steps:,} steps, {course.steps_per_epoch:.3g} "
        f"each, with {size} sequences in a batch, and the validation loss was still falling, to "
        f"{course.validation[-1]:.4f}",
        f"Set batch_size to {max(1, size // 4)}",
    )


RULES: tuple[Callable[[Course], Finding | None], ...] = (
    learning_rate_too_small,
    learning_rate_too_large,
    exploding_gradients,
    vanishing_gradients,
    dead_units,
    saturated_gates,
    overfitting,
    underfitting,
    stopped_too_early,
    batch_too_small,
    batch_too_large,
)


def _usual_rate(course: Course) -> float:
    """A learning rate with which the optimiser of the run mostly does well."""
    return _LEARNING_RATE.get(str(course.log.options.get("optimizer")), _LEARNING_RATE["adamw"])


def _lower_rate(course: Course) -> str:
    usual = _usual_rate(course)
    return f"Set learning_rate to {usual if course.rate > 3 * usual else course.rate / 3:.3g}"


def _is_gated(course: Course) -> bool:
    return bool(course.last_probe("saturated "))


def _still_falling(course: Course) -> bool:
    found = course.validation
    return len(found) >= _FEWEST_VALIDATIONS and found[-1] == found.min() and course.late_fall > _FALLING


def _is_idle(course: Course, parameters: int) -> bool:
    work = 6 * parameters * course.symbols
    return course.symbols < _MANY_SYMBOLS and work < _IDLE * course.step_seconds


def _few_steps(course: Course) -> bool:
    return course.steps < _FEW_STEPS and course.steps_per_epoch <= _FEW_AN_EPOCH


def _against_overfitting(course: Course) -> str:
    options = course.log.options
    dropout = options.get("dropout")
    if dropout is not None and dropout < 0.5:
        return f"Set dropout to {min(0.5, dropout + 0.2):.2g}"
    hidden = options.get("hidden_size")
    return f"Set hidden_size to {hidden // 2}" if hidden else "Make the network smaller"


def _longer(course: Course) -> str:
    """The limits that the run had, twice as large."""
    limits = ((name, course.log.options.get(name)) for name in ("epochs", "max_steps", "max_minutes"))
    return " and ".join(f"{name} to {2 * limit:g}" for name, limit in limits if limit) or "more epochs"


def _listed(numbers: Iterable[float]) -> str:
    return ", ".join(f"{number:.4g}" for number in numbers)
