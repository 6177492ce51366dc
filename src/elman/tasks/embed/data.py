"""From a text to the numbers of its words, some of them at a time."""

import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from elman.core.errors import InputError
from elman.data.encode import encode
from elman.data.segment import segment
from elman.data.source import Source
from elman.data.symbols import Mapped, Tokens
from elman.data.text import Progress, lines_of, unseen
from elman.data.tokens import read_tokens
from elman.data.vocabulary import EOS, UNKNOWN, WordVocabulary
from elman.tasks.embed.config import EmbedConfig
from elman.tasks.embed.phrases import joined

SENTENCE_END = -1
_LEFT_OUT = -2
_CHUNK = 1 << 18
SPECIAL = 2
"""Symbols of a vocabulary that have no vector: `<unk>` and `<eos>`, which come first."""


@dataclass(frozen=True)
class EmbedData:
    """A text, the words of it that have a vector, most frequent first, and how often each occurs."""

    text: Tokens
    vocabulary: WordVocabulary
    counts: NDArray[np.int64]
    notes: tuple[str, ...]

    @classmethod
    def read(cls, path: Path, config: EmbedConfig, seed: int, progress: Progress = unseen) -> "EmbedData":
        """Read a text; progress is told of bytes read; nothing depends on the seed.

        Raises InputError when the text cannot be read, and when fewer than two words have a vector.
        """
        text = _tokens(Source.of(path), config, progress)
        for _ in range(config.phrases):
            text = joined(text, config.phrase_threshold, config.phrase_discount, config.min_count)
        vocabulary = WordVocabulary.most_frequent(
            text.symbols, text.counts, config.vocabulary_size, config.min_count
        )
        numbers = vocabulary.numbers(text.symbols)
        counts = np.bincount(numbers, text.counts, len(vocabulary)).astype(np.int64)[SPECIAL:]
        if len(counts) < SPECIAL:
            raise InputError(
                f"{path}: only {vocabulary.words[SPECIAL]!r} occurs {config.min_count:,} times, and words "
                "are told from others; give a longer text or a smaller min_count"
            )
        note = f"{counts.sum():,} words, {len(counts):,} of them different"
        return cls(text, vocabulary, counts, (note,))

    @property
    def chunks(self) -> int:
        """Into how many parts of the text it is read."""
        return -(-len(self.text) // _CHUNK)

    def share_before(self, number: int) -> float:
        """The share of the text that stands before a part of it; the last part may be short."""
        return number * _CHUNK / len(self.text)

    def chunk(self, number: int) -> NDArray[np.int32]:
        """Words of a part of the text by their place in the vocabulary, SENTENCE_END between lines; words
        without a vector are left out.
        """
        words = self._number_of[self.text.numbers[number * _CHUNK : (number + 1) * _CHUNK]]
        return words[words != _LEFT_OUT]

    @cached_property
    def _number_of(self) -> NDArray[np.int32]:
        numbers = self.vocabulary.numbers(self.text.symbols)
        found = (numbers - SPECIAL).astype(np.int32)
        found[numbers == EOS], found[numbers == UNKNOWN] = SENTENCE_END, _LEFT_OUT
        return found


def _tokens(source: Source, config: EmbedConfig, progress: Progress) -> Tokens:
    """The words of a text; where they are more than what blanks separate, encoded into a file of no name."""
    if config.segments == "blank" and not config.lower:
        return read_tokens(source, WordVocabulary.kind, progress)
    lines = (
        f"{' '.join(segment(line, config.segments, config.lower))}\n" for line in lines_of(source, progress)
    )
    with tempfile.TemporaryFile() as file:
        encoded = encode(lines, WordVocabulary.kind, file)
        file.flush()
        numbers = Mapped(file.fileno(), encoded.dtype, encoded.length)
    return Tokens(WordVocabulary.kind, numbers, encoded.symbols, encoded.counts)
