"""`elman score RUN TEXT…`: how probable texts are under a trained model."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro
from rich.console import Console
from rich.table import Table
from rich.text import Text
from tyro.conf import Positional

from elman.core.errors import InputError

_LARGEST_SHOWN = math.log(1000.0)


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

    from elman.cli.asked import language_model

    model = language_model(given.run)
    scores = [model.score(text) for text in given.texts]
    table = Table("text", box=None)
    by_character = model.vocabulary.kind != "character"
    headings = ["log-probability", "nats/symbol", "bits/symbol", "perplexity"]
    for heading in [*headings, "bits/character"] if by_character else headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for text, score in zip(given.texts, scores, strict=True):
        figures = [score.log_prob, score.nats_per_symbol, score.bits_per_symbol, score.perplexity]
        if by_character and score.bits_per_character is not None:
            figures.append(score.bits_per_character)
        # Text, because a string would be read as rich's markup.
        table.add_row(Text(text), *(f"{figure:.4f}" for figure in figures))
    console = Console(highlight=False, markup=False)
    console.print(table)
    if len(scores) > 1:
        console.print(_likeliest(given.texts, [score.log_prob for score in scores]), soft_wrap=True)
    return 0


def _likeliest(texts: Sequence[str], log_probs: Sequence[float]) -> str:
    """Which of several readings is the likeliest, and by how much before the next."""
    order = sorted(range(len(texts)), key=lambda i: -log_probs[i])
    first, second = order[0], order[1]
    ahead = log_probs[first] - log_probs[second]
    times = f"{math.exp(ahead):,.3g}" if ahead < _LARGEST_SHOWN else f"10^{ahead / math.log(10.0):.1f}"
    return f"likeliest: {texts[first]!r}, {times} times as probable as {texts[second]!r}"
