"""`elman sample RUN`: let a trained model write, to the terminal as it goes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import tyro
from tyro.conf import Positional

from elman.core.errors import InputError
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
    beam: int | None = None
    """Draw nothing: write the likeliest text that a search with so many beginnings finds."""
    block_ngram: int = 0
    """With a beam: never write so many symbols in a row twice; 0 for any."""


def main(argv: Sequence[str]) -> int:
    """Sample; returns the exit status."""
    given = tyro.cli(
        _Arguments,
        args=list(argv),
        prog="elman sample",
        description="Let a trained model write.",
        config=(tyro.conf.DisallowNone,),
    )
    _require_one_way(given)

    from elman.cli.asked import language_model

    model = language_model(given.run)
    if given.beam is not None:
        print(model.likeliest(given.prompt, given.length, given.beam, given.block_ngram))
        return 0
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


def _require_one_way(given: _Arguments) -> None:
    """Raise InputError where options of drawing and of searching meet."""
    drawn = _Arguments(given.run, prompt=given.prompt, length=given.length)
    if given.beam is None and given.block_ngram:
        raise InputError("block_ngram is for a search: give beam too")
    if given.beam is not None and replace(given, beam=None, block_ngram=0) != drawn:
        raise InputError(
            "with a beam nothing is drawn: give no count, temperature, top_k, top_p, seed, or no beam"
        )
