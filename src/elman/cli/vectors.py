"""`elman vectors RUN`: the vectors of words of a model, as a picture and as a file for other programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro
from tyro.conf import Positional

from elman.core.errors import InputError
from elman.data.files import write_atomically

_SHOWN = 100


@dataclass(frozen=True)
class _Arguments:
    run: Positional[Path]
    """Folder of a run of embed, or a model file; with --model, a file of vectors."""
    words: Annotated[Positional[tuple[str, ...]], tyro.conf.arg(metavar="[WORD…]")] = ()
    """Words for the picture; the most frequent if none is given."""
    plot: Path | None = None
    """Draw the words here, as PNG, those that are alike near each other."""
    text: Path | None = None
    """Write the vectors here, in word2vec's text form."""
    binary: Path | None = None
    """Write the vectors here, in word2vec's binary form."""
    model: Path | None = None
    """Make a model file here of a file of vectors, for elman predict and elman evaluate."""


def main(argv: Sequence[str]) -> int:
    """Draw and write; returns the exit status."""
    given = tyro.cli(
        _Arguments,
        args=list(argv),
        prog="elman vectors",
        description="The vectors of words, as a picture and as files.",
        config=(tyro.conf.DisallowNone,),
    )
    if not (given.plot or given.text or given.binary or given.model):
        raise InputError("nothing to do: give --plot FILE.png, --text FILE, --binary FILE or --model FILE")

    from elman.data.vectors import read_vectors, write_vectors
    from elman.tasks import model_file
    from elman.tasks.embed.model import EmbedModel
    from elman.tasks.embed.picture import draw

    if given.model is not None:
        model = EmbedModel.of(read_vectors(given.run))
        model_file.save(given.model, model, {})
    else:
        model = model_file.load(given.run)
        if not isinstance(model, EmbedModel):
            raise InputError(f"{given.run} is a model of {model.task}, which has no vectors of words")
    if given.plot is not None:
        words = given.words or model.words[:_SHOWN]
        write_atomically(given.plot, draw(words, model.directions[[model.number(word) for word in words]]))
    if given.text is not None:
        write_vectors(given.text, model.to_vectors())
    if given.binary is not None:
        write_vectors(given.binary, model.to_vectors(), binary=True)
    for written in (given.model, given.plot, given.text, given.binary):
        if written is not None:
            print(written)
    return 0
