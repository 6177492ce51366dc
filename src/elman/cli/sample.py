"""`elman sample RUN`: let a trained model write, to the terminal as it goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro
from tyro.conf import Positional

from elman.tasks import find
from elman.tasks.options import require_integer

_MANY = 10**9


@dataclass(frozen=True)
class _Arguments:
    run: Positional[Path]
    """Folder of a run, or a model file."""
    prompt: str = ""
    """How the text begins."""
    length: int | None = None
    """Characters to write at most; by default 500 of a text, 40 of a name."""
    count: int | None = None
    """How many samples; by default one text or ten names."""
    temperature: float = 1.0
    """Below 1 plays safe, above 1 dares more; 0 always takes the likeliest symbol."""
    top_k: int = 0
    """Choose among this many of the likeliest symbols; 0 for all."""
    top_p: float = 1.0
    """Choose among the likeliest symbols that have this probability together."""
    seed: int | None = None
    """Where random numbers start: the same seed, the same samples."""


def main(argv: Sequence[str]) -> int:
    """Sample; returns the exit status."""
    given = tyro.cli(
        _Arguments,
        args=list(argv),
        prog="elman sample",
        description="Let a trained model write.",
        config=(tyro.conf.DisallowNone,),
    )

    from elman.tasks.model_file import load

    model = load(given.run)
    count = find(model.task).predict.SAMPLES if given.count is None else given.count
    require_integer("count", count, 1, _MANY)
    for number in range(count):
        seed = None if given.seed is None else given.seed + number
        characters = model.stream(
            given.prompt, given.length, given.temperature, given.top_k, given.top_p, seed
        )
        print(given.prompt, end="", flush=True)
        for character in characters:
            print(character, end="", flush=True)
        print()
    return 0
