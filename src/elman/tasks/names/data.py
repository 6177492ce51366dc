"""From a list of names to the two parts that a model of names is trained and validated on."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from elman.core.errors import InputError
from elman.data.lines import LineBatches
from elman.data.text import read_lines
from elman.data.vocabulary import Vocabulary
from elman.tasks.names.config import NamesConfig

_SPLIT_SEED = 0
_VALIDATION_SHARE = 0.1
_FEWEST = 2


@dataclass(frozen=True)
class NamesData:
    """Nine names in ten to train on, the others to validate, drawn the same way every time; each name once.

    The vocabulary is that of the training part.
    """

    vocabulary: Vocabulary
    train: LineBatches
    validation: LineBatches
    names: frozenset[str]
    notes: tuple[str, ...]

    @classmethod
    def read(cls, path: Path, config: NamesConfig, seed: int) -> "NamesData":
        """Read names; the seed determines their order in each epoch.

        Raises InputError when the file cannot be used, a name is too long, or there are fewer than two.
        """
        names = sorted(set(read_lines(path)))
        if len(names) < _FEWEST:
            raise InputError(f"{path}: one name teaches nothing; give at least {_FEWEST} different ones")
        longest = max(names, key=len)
        if len(longest) > config.sequence_length:
            raise InputError(
                f"{path}: the name {longest[:20]!r}… has {len(longest):,} characters and the limit is "
                f"{config.sequence_length:,}; raise sequence_length if it is meant"
            )
        order = np.random.default_rng(_SPLIT_SEED).permutation(len(names))
        cut = len(names) - max(1, round(_VALIDATION_SHARE * len(names)))
        train, validation = ([names[i] for i in part] for part in (order[:cut], order[cut:]))
        vocabulary = Vocabulary.of("".join(train))
        notes = ()
        if len(train) < config.batch_size:
            notes = (f"{len(train)} names to train on are fewer than one batch: reading all of them at once",)
        return cls(
            vocabulary,
            LineBatches([vocabulary.encode(name) for name in train], config.batch_size, seed),
            LineBatches([vocabulary.encode(name) for name in validation], config.batch_size),
            frozenset(names),
            notes,
        )
