"""Figures as a table for the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from elman.bench.outcome import Outcome
from elman.bench.report import HEADINGS, WORDS, cells


def table(outcomes: Iterable[Outcome]) -> Table:
    """Returns the table for a terminal."""
    shown = Table(box=None, pad_edge=False)
    for place, heading in enumerate(HEADINGS):
        words = place in WORDS
        shown.add_column(heading, justify="left" if words else "right", no_wrap=not words)
    for outcome in outcomes:
        shown.add_row(*map(Text, cells(outcome)))
    return shown
