"""From a text to the two parts that a language model is trained and validated on."""

from dataclasses import dataclass
from pathlib import Path

from elman.core.errors import InputError
from elman.data.source import Source
from elman.data.stream import StreamBatches, fitting_batch, line_length
from elman.data.symbols import Symbols
from elman.data.text import Progress, unseen
from elman.data.tokens import read_tokens
from elman.data.vocabulary import EOS_WORD, LEVELS, Vocabulary
from elman.tasks.language.config import LanguageConfig

_FEWEST = 2
_VALIDATION_STREAM = 1000
_LINE_ENDS = ("\n", EOS_WORD)


@dataclass(frozen=True)
class TextParts:
    """A text in the part that trains, whose vocabulary it has, and the part that validates.

    These are the first 90% of its symbols and the rest, or a file of its own. lines is how many lines train.
    """

    vocabulary: Vocabulary
    train: Symbols
    held_out: Symbols
    lines: int

    @classmethod
    def read(cls, path: Path, config: LanguageConfig, progress: Progress = unseen) -> "TextParts":
        """Read a text; progress is told of bytes done and in all.

        Raises InputError when the text cannot be used or nothing can be learned from so short a one.
        """
        text = read_tokens(Source.of(path), config.level, progress)
        if config.validation_file is None:
            cut = int((1.0 - config.validation_share) * len(text))
            other, start = text, cut
        else:
            cut = len(text)
            other, start = read_tokens(Source.of(config.validation_file), config.level, progress), 0
        _require_enough(path, config, cut, len(other) - start)
        counts = text.counts_before(cut)
        vocabulary = LEVELS[config.level].most_frequent(
            text.symbols, counts, config.vocabulary_size, config.min_count
        )
        lines = int(counts[[symbol in _LINE_ENDS for symbol in text.symbols]].sum())
        return cls(vocabulary, Symbols(text, vocabulary, 0, cut), Symbols(other, vocabulary, start), lines)


@dataclass(frozen=True)
class LanguageData:
    """A text in contiguous streams: `TextParts` to train on and to validate.

    While training goes on, the validation part is read in several streams of at least a thousand symbols:
    much faster, and a little less exact at their starts.
    """

    vocabulary: Vocabulary
    train: StreamBatches
    validation: StreamBatches
    held_out: Symbols
    notes: tuple[str, ...]

    @classmethod
    def read(
        cls,
        path: Path,
        config: LanguageConfig,
        seed: int,
        progress: Progress = unseen,
    ) -> "LanguageData":
        """Read a text; the seed is for tasks whose order is drawn, progress is told of bytes done and in all.

        Raises InputError as `TextParts.read` does.
        """
        parts = TextParts.read(path, config, progress)
        size = len(parts.train)
        window, notes = config.sequence_length, []
        if window is None:
            window = line_length(size, parts.lines)
            mean = size / max(1, parts.lines)
            notes.append(f"reading {window} {config.level}s at a time: a line has {mean:.1f} on average")
        batch_size, length = fitting_batch(size, config.batch_size, window)
        if (batch_size, length) != (config.batch_size, window):
            notes.append(
                f"{size:,} {config.level}s to train on are fewer than one batch: "
                f"reading {batch_size} streams (not {config.batch_size}), "
                f"{length} {config.level}s at a time (not {window})"
            )
        streams = max(1, min(config.batch_size, len(parts.held_out) // _VALIDATION_STREAM))
        return cls(
            parts.vocabulary,
            StreamBatches(parts.train, batch_size, length),
            StreamBatches(parts.held_out, streams, window),
            parts.held_out,
            tuple(notes),
        )


def _require_enough(path: Path, config: LanguageConfig, train: int, held_out: int) -> None:
    """Raise InputError unless something can be learned, and judged."""
    if min(train, held_out) >= _FEWEST:
        return
    symbols = f"{config.level}s"
    if config.validation_file is None:
        raise InputError(
            f"{path}: {train + held_out} {symbols} are too few: the first "
            f"{1.0 - config.validation_share:.0%} train, the rest validates, and each part needs {_FEWEST}"
        )
    short, number = (path, train) if train < _FEWEST else (config.validation_file, held_out)
    raise InputError(f"{short}: {number} {symbols} are too few: a text needs {_FEWEST}")
