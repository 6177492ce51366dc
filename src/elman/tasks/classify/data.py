"""From texts with labels to the two parts that a model is trained and validated on.

Legend of shapes: T symbols, B texts.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from elman.core.errors import InputError
from elman.data.buckets import LengthBatches, padded
from elman.data.labelled import LabelledText, read_labelled
from elman.data.labels import Labels
from elman.data.segment import segment
from elman.data.text import Progress, unseen
from elman.data.vocabulary import EOS, LEVELS
from elman.tasks.classify.config import ClassifyConfig
from elman.tasks.classify.vocabulary import ClassifyVocabulary
from elman.tasks.pretrained import described, vectors_for
from elman.tasks.splitting import held_out

NO_LABEL = -100
"""The label of what is no text, as torch's losses take it."""


@dataclass(frozen=True)
class TextBatch:
    """Texts side by side, (T, B) int64, with their lengths and the numbers of their labels, (B,)."""

    texts: Tensor
    lengths: Tensor
    labels: Tensor
    continues: bool = False

    @property
    def symbols(self) -> int:
        """How many texts there are."""
        return int((self.labels != NO_LABEL).sum())

    def to(self, device: torch.device | str) -> "TextBatch":
        """The same batch on another device."""
        return TextBatch(self.texts.to(device), self.lengths.to(device), self.labels.to(device))


class TextBatches(LengthBatches[TextBatch]):
    """Texts of about equal length in batches of B; seeded or not as all batches by length are."""

    def __init__(
        self,
        texts: Sequence[NDArray[np.int64]],
        labels: NDArray[np.int64],
        batch_size: int,
        seed: int | None = None,
    ) -> None:
        super().__init__([len(text) for text in texts], batch_size, self._batch, seed)
        self._texts, self._labels = texts, labels

    def _batch(self, chosen: NDArray[np.intp]) -> TextBatch:
        if not len(chosen):
            return side_by_side([np.array([EOS], np.int64)], np.array([NO_LABEL], np.int64))
        return side_by_side([self._texts[i] for i in chosen], self._labels[chosen])


def side_by_side(texts: Sequence[NDArray[np.int64]], labels: NDArray[np.int64]) -> TextBatch:
    """The batch of some encoded texts with the numbers of their labels."""
    lengths = torch.tensor([len(text) for text in texts])
    return TextBatch(torch.from_numpy(padded(texts, EOS)), lengths, torch.from_numpy(labels))


@dataclass(frozen=True)
class ClassifyData:
    """Texts to train on, the others, drawn by a hash, or a file of their own, to validate.

    The vocabulary is that of the training part. A text that validates does not train, whatever its label.
    """

    vocabulary: ClassifyVocabulary
    train: TextBatches
    validation: TextBatches
    examples: tuple[LabelledText, ...]
    """What validates, as it stands in the file."""
    notes: tuple[str, ...]

    @classmethod
    def read(
        cls, path: Path, config: ClassifyConfig, seed: int, progress: Progress = unseen
    ) -> "ClassifyData":
        """Read labelled texts; the seed determines their order in each epoch; progress is told of bytes read.

        Raises InputError where they cannot be used: as `read_labelled` does, and where there is one label
        alone, or one that only occurs where it validates, or vectors of another size than asked for.
        """
        found = read_labelled(path, config.text_column, config.label_column, progress)
        train, validation = _parts(path, found.examples, config)
        symbols = [symbols_of(example.text, config) for example in train]
        vocabulary = _vocabulary(path, train, symbols, config)
        notes = list(found.notes)
        cut = sum(len(text) > config.sequence_length for text in symbols)
        if cut:
            limit = f"{config.sequence_length:,} symbols (sequence_length): their beginnings are read"
            notes.append(f"{cut:,} of {len(train):,} texts to train on are longer than {limit}")
        if vocabulary.vectors is not None:
            total = len(vocabulary.symbols)
            notes.append(described(vocabulary.vectors, config.vectors, total, "symbols"))
        return cls(
            vocabulary,
            TextBatches(
                [encode(text, vocabulary, config) for text in symbols],
                numbers_of(train, vocabulary.labels),
                config.batch_size,
                seed,
            ),
            batches_of(validation, vocabulary, config),
            tuple(validation),
            tuple(notes),
        )


def symbols_of(text: str, config: ClassifyConfig) -> list[str]:
    """The symbols of a text. Equal ones are one object, so that a text costs eight bytes a symbol."""
    return [sys.intern(symbol) for symbol in segment(text, config.segments, config.lower)]


def encode(
    symbols: Sequence[str], vocabulary: ClassifyVocabulary, config: ClassifyConfig
) -> NDArray[np.int64]:
    """The numbers of the first symbols of a text, as many as are read at once; a text of none is `<eos>`."""
    found = vocabulary.symbols.numbers(symbols[: config.sequence_length])
    return found if len(found) else np.array([EOS], np.int64)


def batches_of(
    examples: Sequence[LabelledText], vocabulary: ClassifyVocabulary, config: ClassifyConfig
) -> TextBatches:
    """Examples in batches that are the same every time; raises InputError for a label not trained on."""
    texts = [encode(symbols_of(example.text, config), vocabulary, config) for example in examples]
    return TextBatches(texts, numbers_of(examples, vocabulary.labels), config.batch_size)


def numbers_of(examples: Sequence[LabelledText], labels: Labels) -> NDArray[np.int64]:
    """The numbers of the labels of examples; raises InputError, with its place, for one not trained on."""
    for example in examples:
        if example.label not in labels:
            known = ", ".join(labels.names[:20])
            raise InputError(f"{example.place}: the label {example.label!r} is not one trained on: {known}")
    return labels.numbers([example.label for example in examples])


def _parts(
    path: Path, examples: Sequence[LabelledText], config: ClassifyConfig
) -> tuple[list[LabelledText], list[LabelledText]]:
    """What trains and what validates; the few texts of a label that would all validate train instead."""
    if config.validation_file is None:
        held = held_out([example.text for example in examples], config.validation_share)
        labels = {example.label for example, out in zip(examples, held, strict=True) if not out}
        pairs = zip(examples, held, strict=True)
        validation = [example for example, out in pairs if out and example.label in labels]
        if not validation:
            raise InputError(f"{path}: {len(examples):,} texts are too few: some train, others validate")
    else:
        file = read_labelled(config.validation_file, config.text_column, config.label_column)
        validation = list(file.examples)
    texts = {example.text for example in validation}
    train = [example for example in examples if example.text not in texts]
    if not train:
        raise InputError(f"{path}: all of its texts are in {config.validation_file}: none trains")
    return train, validation


def _vocabulary(
    path: Path, train: Sequence[LabelledText], symbols: Sequence[Sequence[str]], config: ClassifyConfig
) -> ClassifyVocabulary:
    texts = Counter(example.label for example in train)
    try:
        labels = Labels.of(texts)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    counts = Counter(chain.from_iterable(symbols))
    vectors = vectors_for(config.vectors, counts, config.embedding_size)
    if vectors is not None:
        # A vector tells more of a rare symbol than the texts do.
        counts.update(dict.fromkeys(vectors.words, config.min_count))
    kind: Any = LEVELS["character" if config.segments == "character" else "word"]
    known = kind.most_frequent(
        list(counts), np.array(list(counts.values())), config.vocabulary_size, config.min_count
    )
    return ClassifyVocabulary(known, labels, [texts[name] for name in labels.names], vectors)
