"""From a list of names to the two parts that a model of names is trained and validated on."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from elman.core.errors import InputError
from elman.data.lines import LineBatches
from elman.data.text import Progress, read_lines, unseen
from elman.data.vocabulary import Vocabulary
from elman.tasks.names.config import NamesConfig

_SPLIT_SEED = 0
_FEWEST = 2


@dataclass(frozen=True)
class NamesData:
    """Nine names in ten to train on, the others to validate, drawn the same way every time; each name once.

    Where a file of its own validates, all names train but those in it.

    The vocabulary is that of the training part.
    """

    vocabulary: Vocabulary
    train: LineBatches
    validation: LineBatches
    names: frozenset[str]
    notes: tuple[str, ...]

    @classmethod
    def read(
        cls,
        path: Path,
        config: NamesConfig,
        seed: int,
        progress: Progress = unseen,
    ) -> "NamesData":
        """Read names; the seed determines their order in each epoch; progress is told of bytes read.

        Raises InputError when the file cannot be used, a name is too long, or there are fewer than two.
        """
        names = _names(path, config, progress)
        if config.validation_file is None:
            if len(names) < _FEWEST:
                raise InputError(f"{path}: one name teaches nothing; give at least {_FEWEST} different ones")
            order = np.random.default_rng(_SPLIT_SEED).permutation(len(names))
            held_out = min(len(names) - 1, max(1, round(config.validation_share * len(names))))
            cut = len(names) - held_out
            train, validation = ([names[i] for i in part] for part in (order[:cut], order[cut:]))
        else:
            validation = _names(Path(config.validation_file), config, progress)
            train = sorted(set(names).difference(validation))
            if not train:
                raise InputError(
                    f"{path}: all of its names are in {config.validation_file}: none is left to train on"
                )
        vocabulary = Vocabulary.of("".join(train), config.level, config.vocabulary_size, config.min_count)
        notes = ()
        if len(train) < config.batch_size:
            notes = (f"{len(train)} names to train on are fewer than one batch: reading all of them at once",)
        return cls(
            vocabulary,
            LineBatches([vocabulary.encode(name) for name in train], config.batch_size, seed),
            LineBatches([vocabulary.encode(name) for name in validation], config.batch_size),
            frozenset(train).union(validation),
            notes,
        )


def _names(path: Path, config: NamesConfig, progress: Progress) -> list[str]:
    """The different names of a file, by code point; raises InputError when one is too long."""
    names = sorted(set(read_lines(path, progress)))
    longest = max(names, key=len)
    if len(longest) > config.sequence_length:
        raise InputError(
            f"{path}: the name {longest[:20]!r}… has {len(longest):,} characters and the limit is "
            f"{config.sequence_length:,}; raise sequence_length if it is meant"
        )
    return names
