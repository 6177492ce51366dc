"""The reach of gradients as a picture: a line for each layer and state, by color and by dashes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from elman.training.flow import GradientFlow

_GRID = "#e4e4e4"
_SIZE, _DPI = (9.0, 4.8), 120
_DASHES = ("-", "--", ":", "-.")
_FAINT, _FEW = 0.3, 32
_DECADES, _MARGIN = 12, 2.0
_LIGHTEST = 0.8


def draw(flow: GradientFlow, before: GradientFlow | None = None, title: str = "") -> bytes:
    """The PNG of the norms against k, those of an earlier time faint; where 1% is left is a circle."""
    from matplotlib import colormaps
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(_SIZE, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.grid(color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(color=_GRID)
    lines, faint = flow.lines, {} if before is None else before.lines
    _scale(axes, [*lines.values(), *faint.values()])
    layers = sorted({layer for layer, _ in lines})
    states = list(dict.fromkeys(state for _, state in lines))
    for (layer, state), line in lines.items():
        style = {
            "color": colormaps["viridis"](_LIGHTEST * layers.index(layer) / max(1, len(layers) - 1)),
            "linestyle": _DASHES[states.index(state) % len(_DASHES)],
        }
        earlier = faint.get((layer, state), {})
        axes.plot(list(earlier), list(earlier.values()), alpha=_FAINT, linewidth=1.2, **style)
        reach = flow.reach[layer, state]
        said = "1% at no k" if reach is None else f"1% at k = {reach}"
        marker = "." if len(line) <= _FEW else ""
        label = f"layer {layer}, {state}: {said}"
        axes.plot(list(line), list(line.values()), marker=marker, linewidth=1.6, label=label, **style)
        if reach is not None:
            axes.plot(reach, line[reach], color=style["color"], marker="o", markersize=9, fillstyle="none")
    axes.set_title(title, loc="left", fontsize=9)
    axes.set_xlabel("k, steps back from the error E at step t")
    axes.set_ylabel("norm of ∂E(t) / ∂s(t − k), in nats per unit of s")
    figure.legend(loc="outside right upper", fontsize=8, frameon=False)
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def _scale(axes: Any, lines: list[Mapping[int, float]]) -> None:
    """A logarithmic scale down to 10⁻¹² of the highest norm; what is lower, or 0, leaves at the bottom."""
    values = np.array([value for line in lines for value in line.values()])
    values = values[np.isfinite(values) & (values > 0.0)]
    axes.set_xlim(0, max(1, *(k for line in lines for k in line)))
    axes.xaxis.get_major_locator().set_params(integer=True)
    if len(values):
        axes.set_yscale("log")
        lowest = max(values.min(), values.max() / 10.0**_DECADES)
        axes.set_ylim(lowest / _MARGIN, values.max() * _MARGIN)
