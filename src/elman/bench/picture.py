"""Ratios as a picture: a bar a case, its spread, and where it should end."""

from __future__ import annotations

import io
from collections.abc import Sequence

from elman.bench.outcome import Outcome

REACHED, SHORT, GOAL, SPREAD = "#2a7f62", "#c2703d", "#222222", "#888888"
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
_WIDTH, _BAR, _MARGIN = 8.0, 0.24, 1.0
_BEYOND = 1.3


def draw(outcomes: Sequence[Outcome], title: str) -> bytes:
    """Returns a PNG of how many times as much the others take as elman, on a logarithmic scale."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown = [outcome for outcome in reversed(outcomes) if not outcome.failure]
    figure = Figure((_WIDTH, _MARGIN + _BAR * len(shown)), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    places = range(len(shown))
    ratios = [outcome.ratio for outcome in shown]
    middles = [ratio.middle for ratio in ratios]
    axes.barh(
        places,
        [middle - 1.0 for middle in middles],
        left=1.0,
        color=[REACHED if outcome.reached else SHORT for outcome in shown],
    )
    below = [max(0.0, ratio.middle - ratio.low) for ratio in ratios]
    above = [max(0.0, ratio.high - ratio.middle) for ratio in ratios]
    axes.errorbar(middles, places, xerr=(below, above), fmt="none", ecolor=SPREAD, capsize=2)
    goals = [outcome.goal for outcome in shown]
    axes.scatter(goals, places, marker="|", s=90, color=GOAL, label="goal", zorder=3)
    axes.axvline(1.0, color=SPREAD, linewidth=0.8)
    marks = [1.0, *middles, *goals]
    low, high = min(marks) / _BEYOND, max(marks) * _BEYOND
    ticks = [tick for tick in TICKS if low <= tick <= high]
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.set_xticks(ticks, [f"{tick:g}×" for tick in ticks])
    axes.minorticks_off()
    axes.set_yticks(places, [f"{outcome.what}\nagainst {outcome.against}" for outcome in shown], fontsize=6)
    axes.set_xlabel("theirs to elman's: more is better for elman")
    axes.set_title(title, fontsize=8)
    axes.legend(loc="lower right", fontsize=7)
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()
