"""From a text file to the two parts that a language model is trained and validated on."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from elman.core.errors import InputError
from elman.data.stream import StreamBatches, fitting_batch
from elman.data.text import read_text
from elman.data.vocabulary import Vocabulary
from elman.tasks.language.config import LanguageConfig

_TRAIN_SHARE = 0.9
_FEWEST = 2
_VALIDATION_STREAM = 1000


@dataclass(frozen=True)
class LanguageData:
    """The first 90% of a text's characters to train on, the rest to validate.

    The vocabulary is that of the training part. While training goes on, the validation part is read in
    several streams of at least a thousand characters: much faster, and a little less exact at their starts.
    """

    vocabulary: Vocabulary
    train: StreamBatches
    validation: StreamBatches
    held_out: NDArray[np.int64]
    notes: tuple[str, ...]

    @classmethod
    def read(cls, path: Path, config: LanguageConfig, seed: int) -> "LanguageData":
        """Read a text; the seed is for tasks whose order is drawn.

        Raises InputError when the file cannot be used or nothing can be learned from so short a text.
        """
        text = read_text(path)
        cut = int(_TRAIN_SHARE * len(text))
        if cut < _FEWEST or len(text) - cut < _FEWEST:
            raise InputError(
                f"{path}: {len(text)} characters are too few: the first 90% train, the rest validates, "
                f"and each part needs {_FEWEST}"
            )
        vocabulary = Vocabulary.of(text[:cut])
        held_out = vocabulary.encode(text[cut:])
        asked = config.batch_size, config.sequence_length
        batch_size, length = fitting_batch(cut, *asked)
        notes = ()
        if (batch_size, length) != asked:
            notes = (
                f"{cut:,} characters to train on are fewer than one batch: "
                f"reading {batch_size} streams (not {asked[0]}), "
                f"{length} characters at a time (not {asked[1]})",
            )
        streams = max(1, min(config.batch_size, len(held_out) // _VALIDATION_STREAM))
        return cls(
            vocabulary,
            StreamBatches(vocabulary.encode(text[:cut]), batch_size, length),
            StreamBatches(held_out, streams, config.sequence_length),
            held_out,
            notes,
        )
