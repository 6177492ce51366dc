"""The course of a run as a picture, curves.png: loss, learning rate and gradient norm against the step."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elman.data.files import write_atomically
from elman.training.log import Columns, Log, read_log

NAME = "curves.png"
_TRAIN, _VALIDATION, _PLAIN, _GRID = "#3b6ea5", "#d1702f", "#444444", "#e4e4e4"
_SIZE, _DPI = (8.0, 7.5), 120
_HEIGHTS = (2.4, 1.0, 1.2)
_SMOOTHED = 30
_WIDE = 30.0
_MARGIN = 1.01


def draw_curves(folder: Path) -> None:
    """Draw the log of a run folder into it; a run without a logged step has no picture.

    Raises InputError when the log cannot be read or the picture not written.
    """
    log = read_log(folder)
    if len(log.steps["step"]):
        write_atomically(folder / NAME, picture(log))


def picture(log: Log) -> bytes:
    """The PNG of a log with at least one step."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(_SIZE, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    loss, rate, norm = figure.subplots(3, sharex=True, height_ratios=_HEIGHTS)
    for axes in (loss, rate, norm):
        axes.grid(color=_GRID, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8, color=_GRID)
    steps, validations = log.steps, log.validations
    _draw_loss(loss, steps, validations)
    rate.plot(steps["step"], steps["learning_rate"], color=_PLAIN, linewidth=1.2)
    rate.set_ylim(bottom=0.0)
    rate.set_ylabel("learning rate")
    _draw_smoothed(norm, steps["step"], steps["gradient_norm"], _PLAIN, None)
    _scale(norm, steps["gradient_norm"])
    norm.set_ylabel("gradient norm\nbefore clipping")
    norm.set_xlabel("step")
    norm.set_xlim(0.0, _MARGIN * max([steps["step"][-1], *validations["step"][-1:]]))
    norm.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    figure.align_ylabels()
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def _draw_loss(axes: Any, steps: Columns, validations: Columns) -> None:
    _draw_smoothed(axes, steps["step"], steps["loss"], _TRAIN, "training, the mean of nearby steps")
    found = validations["val_loss"]
    _scale(axes, np.concatenate([steps["loss"], found]))
    if len(found):
        at = validations["step"]
        best = int(np.argmin(found))
        axes.plot(at, found, color=_VALIDATION, linewidth=1.6, marker="o", markersize=3, label="validation")
        axes.axhline(found[best], color=_VALIDATION, linewidth=0.8, linestyle=":")
        axes.plot(
            at[best],
            found[best],
            color=_VALIDATION,
            marker="o",
            markersize=8,
            fillstyle="none",
            linestyle="none",
            label=f"best validation: {found[best]:.4f} at step {at[best]:,.0f}",
        )
    axes.set_ylabel("loss in nats")
    axes.legend(loc="upper right", fontsize=8, frameon=False)


def _draw_smoothed(
    axes: Any, at: NDArray[np.float64], values: NDArray[np.float64], color: str, label: str | None
) -> None:
    """Every value as a faint line, and the moving mean."""
    width = max(1, len(values) // _SMOOTHED)
    kernel = np.ones(width)
    mean = np.convolve(values, kernel, "same") / np.convolve(np.ones(len(values)), kernel, "same")
    axes.plot(at, values, color=color, linewidth=0.6, alpha=0.3)
    axes.plot(at, mean, color=color, linewidth=1.6, label=label)


def _scale(axes: Any, values: NDArray[np.float64]) -> None:
    """A logarithmic scale where the values span a wide range."""
    if values.min() > 0 and values.max() / values.min() > _WIDE:
        axes.set_yscale("log")
