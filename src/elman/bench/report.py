"""Figures as tables, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from elman.bench.outcome import Outcome
from elman.bench.record import Record

HEADINGS = ("case", "elman", "GFLOP/s", "of the peak", "against", "theirs", "ratio (spread)", "goal", "")
WORDS = (0, 4)
"""The columns that hold no figures."""
UNITS = {"s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")), "B": ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))}


def cells(outcome: Outcome) -> list[str]:
    """Returns a row of the table."""
    if outcome.failure:
        return [outcome.what, "", "", "", outcome.against, "", f"not measured: {outcome.failure}", "", "–"]
    ratio = outcome.ratio
    spread = f" ({ratio.low:.2f}–{ratio.high:.2f})" if len(outcome.mine) > 1 else ""
    share = "" if outcome.share is None else f"{outcome.share:.2f}"
    least = "" if outcome.share_goal is None else f" (goal ≥ {outcome.share_goal:.2f})"
    return [
        outcome.what,
        quantity(median(outcome.mine), outcome.unit),
        "" if outcome.speed is None else f"{outcome.speed / 1e9:.0f}",
        share + least,
        outcome.against,
        quantity(median(outcome.theirs), outcome.unit),
        f"{ratio.middle:.2f}{spread}",
        f"≥ {outcome.goal:.2f}",
        "✓" if outcome.reached else "✗",
    ]


def quantity(value: float, unit: str) -> str:
    """Returns a value with three digits, in the unit that suits it."""
    if unit not in UNITS:
        return f"{value:.2f} {unit}"
    scale, name = next((step for step in UNITS[unit] if value >= step[0]), UNITS[unit][-1])
    return f"{value / scale:.3g} {name}"


def markdown(record: Record) -> str:
    """Returns Markdown tables of the machine, the outcomes, and the parts of which one is the worst."""
    rules = ["---" if place in WORDS else "---:" for place in range(len(HEADINGS))]
    rows = [HEADINGS, rules, *map(cells, record.outcomes)]
    plans = [outcome.plan for outcome in record.outcomes]
    if any(plans):
        rows = [[*row, plan] for row, plan in zip(rows, ("plan", "---", *plans), strict=True)]
    tables = [[("machine", ""), ("---", "---"), *record.machine.items()], rows]
    several = [outcome for outcome in record.outcomes if outcome.parts]
    if several:
        figures = [(name, *(quantity(o.parts[name], o.unit) for o in several)) for name in several[0].parts]
        tables.append([("cell", *(o.what for o in several)), ("---", *("---:" for _ in several)), *figures])
    return "\n".join(map(_markdown, tables))


def _markdown(rows: Iterable[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
