"""A sweep as a picture: the loss trial by trial, and against each option."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.training.sweep.space import Range, Space, shown

if TYPE_CHECKING:
    from elman.training.sweep.trials import Told

_TRIAL, _BEST, _GRID = "#3b6ea5", "#d1702f", "#e4e4e4"
_DPI, _COLUMNS, _WIDTH, _HEIGHT = 120, 3, 3.4, 3.0


def draw(trials: Sequence[Told], space: Space) -> bytes:
    """The PNG of the trials that have a loss, of which there is at least one; the best is marked."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    done = [trial for trial in trials if trial.loss is not None]
    losses = np.array([trial.loss for trial in done])
    best = int(losses.argmin())
    columns = min(_COLUMNS, 1 + len(space))
    rows = -(-(1 + len(space)) // columns)
    figure = Figure((_WIDTH * columns, _HEIGHT * rows), dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel()
    for axes in panels:
        axes.grid(color=_GRID, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8, color=_GRID)
    for axes in panels[1 + len(space) :]:
        axes.remove()
    numbers = np.arange(1, len(done) + 1)
    panels[0].step(numbers, np.minimum.accumulate(losses), color=_BEST, linewidth=1.2, where="post")
    _points(panels[0], numbers, losses, best)
    panels[0].set_xlabel("trial; the line is the best so far")
    panels[0].xaxis.get_major_locator().set_params(integer=True)
    for axes, (name, values) in zip(panels[1:], space.items(), strict=False):
        tried = [trial.options[name] for trial in done]
        if isinstance(values, Range):
            places = np.array(tried, np.float64)
            if values.is_logarithmic:
                axes.set_xscale("log")
        else:
            places = np.array([values.values.index(value) for value in tried])
            axes.set_xticks(range(len(values.values)), [shown(value) for value in values.values])
            axes.set_xlim(-0.5, len(values.values) - 0.5)
        _points(axes, places, losses, best)
        axes.set_xlabel(name)
    for axes in panels[::columns]:
        axes.set_ylabel("validation loss in nats")
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def _points(axes: Any, places: Any, losses: Any, best: int) -> None:
    axes.plot(places, losses, color=_TRIAL, marker="o", markersize=5, linestyle="none")
    axes.plot(places[best], losses[best], color=_BEST, marker="o", markersize=10, fillstyle="none", mew=1.6)
