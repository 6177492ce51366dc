"""`elman score RUN TEXT…`: how probable texts are under a trained model."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro
from rich.console import Console
from rich.table import Table
from rich.text import Text
from tyro.conf import Positional

from elman.core.errors import InputError


@dataclass(frozen=True)
class _Arguments:
    run: Positional[Path]
    """Folder of a run, or a model file."""
    texts: Positional[tuple[str, ...]]
    """Texts to score, each on its own."""


def main(argv: Sequence[str]) -> int:
    """Score; returns the exit status."""
    given = tyro.cli(_Arguments, args=list(argv), prog="elman score", description="How probable are texts?")
    if not given.texts:
        raise InputError("no text to score: elman score RUN TEXT…")

    from elman.tasks.model_file import load

    model = load(given.run)
    table = Table("text", box=None)
    for heading in ("log-probability", "nats/symbol", "bits/symbol", "perplexity"):
        table.add_column(heading, justify="right", no_wrap=True)
    for text in given.texts:
        score = model.score(text)
        figures = (score.log_prob, score.nats_per_symbol, score.bits_per_symbol, score.perplexity)
        # Text, because a string would be read as rich's markup.
        table.add_row(Text(text), *(f"{figure:.4f}" for figure in figures))
    Console().print(table)
    return 0
