"""The search for a learning rate as a picture."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elman.training.find_lr import RateSearch

_LOSS, _CHOSEN, _GRID = "#3b6ea5", "#d1702f", "#e4e4e4"
_SIZE, _DPI = (8.0, 4.5), 120
_ABOVE, _MARGIN = 1.3, 0.05


def draw(search: RateSearch) -> bytes:
    """The PNG of the losses against the rates, smoothed and as they were, with the suggestion."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(_SIZE, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.grid(color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(color=_GRID)
    axes.plot(search.rates, search.losses, color=_LOSS, linewidth=0.8, alpha=0.4, label="loss of a step")
    axes.plot(search.rates, search.smoothed, color=_LOSS, linewidth=1.8, label="mean of nine steps")
    label = f"the middle of the descent: {search.suggestion:.2g}"
    axes.axvline(search.suggestion, color=_CHOSEN, linewidth=1.4, linestyle="--", label=label)
    axes.set_xscale("log")
    low, first = search.losses.min(), search.losses[0]
    # What explodes leaves the picture at its top, so that the descent can be seen.
    axes.set_ylim(low - _MARGIN * (first - low), low + _ABOVE * (first - low))
    axes.set_xlabel("learning rate")
    axes.set_ylabel("loss in nats")
    axes.legend(loc="lower left", fontsize=9, frameon=False)
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()
