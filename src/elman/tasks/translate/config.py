"""The options of a translator."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

from elman.core.errors import InputError
from elman.data.pairs import beside
from elman.tasks.network import MAX_BATCH, MAX_SIZE, NetworkConfig
from elman.tasks.options import (
    require_boolean,
    require_choice,
    require_integer,
    require_number,
    require_share,
)

TRAINING = {"learning_rate": 0.002, "epochs": 40}
Level = Literal["subword", "word", "character"]
TargetLevel = Literal["same", "subword", "word", "character"]
Score = Literal["general", "additive", "dot"]
_LENGTHS = {"subword": 100, "word": 100, "character": 400}
_LARGEST_BEAM = 1024


@dataclass(frozen=True)
class TranslateConfig(NetworkConfig):
    """The network and its batches."""

    cell: str = "lstm"
    """The recurrent cell of encoder and decoder; `elman show` lists them all."""
    hidden_size: int = 256
    """Units in each layer, H; in the encoder, half of them read in each direction."""
    layers: int = 1
    """Recurrent layers on top of each other, in the encoder, and in the decoder above its attention."""
    embedding_size: int = 256
    """Numbers that stand for one symbol, I."""
    attention: Score = "additive"
    """How well a place of the source fits a step: additive (Bahdanau), general or dot (Luong)."""
    level: Level = "subword"
    """What is read and written: subwords, words with punctuation, or characters."""
    target_level: TargetLevel = "same"
    """What is written, if not the same as is read."""
    lower: bool = False
    """Whether all is read and written in small letters."""
    reverse: bool = False
    """Whether to translate the targets to the sources."""
    dropout: float = 0.3
    """Share of the activations between layers left out in training."""
    embedding_dropout: float = 0.0
    """Share of the symbols whose embedding is zero for a whole batch in training."""
    label_smoothing: float = 0.1
    """Share of the target's probability spread over all symbols in training."""
    scheduled_sampling: float = 0.0
    """Share of the symbols that the decoder reads in training which are its own choice, not the target's."""
    sequence_length: int | None = None
    """Symbols that either side may have, T; by itself 100, of characters 400. Longer pairs do not train."""
    batch_size: int = 64
    """Pairs read side by side, B."""
    vocabulary_size: int | None = None
    """Symbols that each vocabulary holds at most; by itself 8,000 subwords, or all."""
    min_count: int = 2
    """How often a symbol must occur in the training part to be in the vocabulary."""
    target_file: str | None = None
    """The translations, line by line, of data; by itself data is lines of source, tab, target."""
    validation_file: str | None = None
    """What to validate on, of the form of the data; its targets, if not in it, are in the file beside it."""
    validation_share: float = 0.05
    """The share of the sources that validate, where no file for it is given."""

    @property
    def other_files(self) -> tuple[str, ...]:
        """The files that training reads beside its data."""
        files = [self.target_file, self.validation_file]
        if self.target_file is not None and self.validation_file is not None:
            files.append(str(beside(Path(self.validation_file), Path(self.target_file))))
        return tuple(file for file in files if file is not None)

    @property
    def levels(self) -> tuple[Level, Level]:
        """What is read, and what is written."""
        return self.level, self.level if self.target_level == "same" else self.target_level

    @property
    def longest(self) -> int:
        """Symbols that either side may have."""
        return self.sequence_length or max(_LENGTHS[level] for level in self.levels)

    def resolved(self) -> Self:
        """The configuration with a value for each option that was left to its level."""
        return replace(self, target_level=self.levels[1], sequence_length=self.longest)

    def validate(self) -> None:
        """Raise InputError for a value that cannot work, naming the option and what it may be."""
        super().validate()
        require_integer("embedding_size", self.embedding_size, 1, MAX_SIZE)
        if self.hidden_size % 2:
            raise InputError(
                f"hidden_size is {self.hidden_size}; give an even number, half of it for each direction"
            )
        require_choice("attention", self.attention, Score)
        require_choice("level", self.level, Level)
        require_choice("target_level", self.target_level, TargetLevel)
        for name in ("lower", "reverse"):
            require_boolean(name, getattr(self, name))
        for name in ("dropout", "embedding_dropout", "label_smoothing", "scheduled_sampling"):
            require_share(name, getattr(self, name))
        if self.sequence_length is not None:
            require_integer("sequence_length", self.sequence_length, 1, MAX_BATCH)
        if not isinstance(self.target_file, str | None):
            raise InputError(f"target_file is {self.target_file!r}; give the path of a text")


@dataclass(frozen=True)
class PredictOptions:
    """How translations are looked for."""

    beam: int = 5
    """How many beginnings of a translation are kept; 1 takes the likeliest symbol at each step."""
    n_best: int = 1
    """How many translations of each text to give, the best first."""
    length_penalty: float = 0.6
    """How much longer translations are favoured; 0 judges by the probability alone."""
    block_ngram: int = 0
    """So many symbols in a row are never written twice; 0 for any."""
    copy_unknown: bool = True
    """Whether an unknown word is copied from where the attention is; else none is written."""
    picture: str | None = None
    """A PNG file for what the attention was at, of the last text."""

    def validate(self) -> None:
        """Raise InputError for a value that cannot work."""
        require_integer("beam", self.beam, 1, _LARGEST_BEAM)
        require_integer("n_best", self.n_best, 1, self.beam)
        if self.length_penalty != 0.0:
            require_number("length_penalty", self.length_penalty, 0.0, math.inf)
        require_integer("block_ngram", self.block_ngram, 0, _LARGEST_BEAM)
        require_boolean("copy_unknown", self.copy_unknown)
