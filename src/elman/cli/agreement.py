"""`elman agreement RUN PAIRS`: whether a language model takes the number of a verb from its subject."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro
from rich.console import Console
from rich.table import Table
from tyro.conf import Positional

from elman.data.source import located


@dataclass(frozen=True)
class _Arguments:
    run: Positional[Path]
    """Folder of a run, or a model file."""
    pairs: Positional[Path]
    """A line for each pair: right sentence, tab, wrong sentence; if need be, tab, number of attractors."""


def main(argv: Sequence[str]) -> int:
    """Test; returns the exit status."""
    given = tyro.cli(
        _Arguments,
        args=list(argv),
        prog="elman agreement",
        description="Is the right one of two sentences the likelier?",
    )

    from elman.cli.asked import language_model
    from elman.tasks.language.agreement import agreement, read_pairs

    pairs = read_pairs(located(given.pairs))
    found = agreement(language_model(given.run), pairs)
    table = Table(box=None)
    for heading in ("attractors", "pairs", "right"):
        table.add_column(heading, justify="right")
    rows = {**{str(number): share for number, share in found.by_attractors.items()}, "all": found.all}
    for number, share in rows.items():
        table.add_row(number, f"{share.pairs:,}", f"{share.accuracy:.1%}")
    Console().print(table)
    return 0
