"""From a text to the lines that a model is trained and validated on: each symbol of them is a blank once."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from elman.core.errors import InputError
from elman.data.batch import SequenceBatch
from elman.data.lines import LineBatches, Lines
from elman.data.text import Progress, unseen
from elman.data.vocabulary import Vocabulary
from elman.tasks.blank.config import BlankConfig
from elman.tasks.language.data import TextParts


class BlankBatches(LineBatches):
    """Lines in batches, of which every symbol counts; the end of a line is known and does not."""

    def _batch(self, chosen: NDArray[np.intp]) -> SequenceBatch:
        batch = super()._batch(chosen)
        assert batch.lengths is not None
        return SequenceBatch(batch.inputs, batch.targets, (batch.lengths - 1).clamp(min=0))


@dataclass(frozen=True)
class BlankData:
    """The lines of the part of a text that trains, whose vocabulary it has, and of the part that validates.

    The parts are those of a language model.
    """

    vocabulary: Vocabulary
    train: BlankBatches
    validation: BlankBatches
    held_out: Lines
    notes: tuple[str, ...]

    @classmethod
    def read(cls, path: Path, config: BlankConfig, seed: int, progress: Progress = unseen) -> "BlankData":
        """Read a text; the seed determines the order of lines in each epoch, progress is told of bytes read.

        Raises InputError when the text cannot be used, or a part of it has no line.
        """
        parts = TextParts.read(path, config, progress)
        train, held_out = (
            Lines(symbols, parts.vocabulary, config.sequence_length)
            for symbols in (parts.train, parts.held_out)
        )
        for lines, what in ((train, "trains"), (held_out, "validates")):
            if not len(lines):
                raise InputError(f"{path}: the part that {what} has no line with a {config.level} in it")
        return cls(
            parts.vocabulary,
            BlankBatches(train, config.batch_size, seed),
            BlankBatches(held_out, config.batch_size),
            held_out,
            (),
        )
