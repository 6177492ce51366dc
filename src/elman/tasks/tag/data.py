"""From tagged sentences to the two parts that a model is trained and validated on.

Legend of shapes: T tokens, B sentences, U different tokens of a batch.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from elman.core.errors import InputError
from elman.data.buckets import LengthBatches, padded
from elman.data.conll import Sentence, read_sentences
from elman.data.labels import Labels
from elman.data.phrases import Scheme, broken, phrases_of, scheme_of
from elman.data.text import Progress, unseen
from elman.data.vocabulary import CharacterVocabulary, WordVocabulary
from elman.tasks.pretrained import described, vectors_for
from elman.tasks.splitting import held_out
from elman.tasks.tag.config import TagConfig
from elman.tasks.tag.tokens import Lexicon, Spelled, spelling, word
from elman.tasks.tag.vocabulary import TagVocabulary

NO_INTENT = -100
"""The intent of what has none, as torch's losses take it."""
LONGEST = 4096


@dataclass(frozen=True)
class TagBatch:
    """Sentences side by side, with their lengths (B,).

    words (T, B): in the vocabulary. rarity (T, B): the probability with which each is read as unknown in
    training. forms (T, B): which of the different tokens each is; spelled: those. tags (T, B), intents (B,).
    """

    words: Tensor
    rarity: Tensor
    forms: Tensor
    spelled: Spelled
    lengths: Tensor
    tags: Tensor
    intents: Tensor
    continues: bool = False

    @property
    def symbols(self) -> int:
        """How many tokens there are."""
        return int(self.lengths.sum())

    def to(self, device: torch.device | str) -> "TagBatch":
        """The same batch on another device."""
        names = ("words", "rarity", "forms", "spelled", "lengths", "tags", "intents")
        return TagBatch(*(getattr(self, name).to(device) for name in names))


class TagBatches(LengthBatches[TagBatch]):
    """Sentences of about equal length in batches of B; seeded or not as all batches by length are.

    tokens: by their numbers in the lexicon; tags: by those of the vocabulary.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        tokens: Sequence[NDArray[np.int64]],
        tags: Sequence[NDArray[np.int64]],
        intents: Sequence[int],
        batch_size: int,
        seed: int | None = None,
    ) -> None:
        super().__init__([len(sentence) for sentence in tokens], batch_size, self._batch, seed)
        self._lexicon, self._tokens, self._tags, self._intents = lexicon, tokens, tags, intents

    def _batch(self, chosen: NDArray[np.intp]) -> TagBatch:
        if not len(chosen):
            nothing = side_by_side(self._lexicon, [self._tokens[0][:1]], [self._tags[0][:1]], [NO_INTENT])
            return TagBatch(**{**vars(nothing), "lengths": torch.zeros(1, dtype=torch.int64)})
        parts = ([column[i] for i in chosen] for column in (self._tokens, self._tags, self._intents))
        return side_by_side(self._lexicon, *parts)


def side_by_side(
    lexicon: Lexicon,
    tokens: Sequence[NDArray[np.int64]],
    tags: Sequence[NDArray[np.int64]],
    intents: Sequence[int],
) -> TagBatch:
    """The batch of some sentences."""
    numbers_TB = padded(tokens, int(tokens[0][0]))
    different, forms = np.unique(numbers_TB, return_inverse=True)
    return TagBatch(
        torch.from_numpy(lexicon.words(numbers_TB)),
        torch.from_numpy(lexicon.rarity(numbers_TB)),
        torch.from_numpy(forms.reshape(numbers_TB.shape)),
        lexicon.spelled(different),
        torch.tensor([len(sentence) for sentence in tokens]),
        torch.from_numpy(padded(tags, 0)),
        torch.tensor(intents),
    )


@dataclass(frozen=True)
class TagData:
    """Sentences to train on, the others, drawn by a hash, or a file of their own, to validate.

    The words are those of the training part, the tags those of both. No sentence is in both.
    """

    vocabulary: TagVocabulary
    train: TagBatches
    validation: TagBatches
    examples: tuple[Sentence, ...]
    """What validates, as it stands in the file."""
    notes: tuple[str, ...]

    @classmethod
    def read(cls, path: Path, config: TagConfig, seed: int, progress: Progress = unseen) -> "TagData":
        """Read sentences; the seed determines their order in each epoch; progress is told of bytes read.

        Raises InputError where they cannot be used: as `read_sentences` does, where tags break their scheme
        or there is but one, where nothing is left to train on.
        """
        found = read_sentences(path, config.token_column, config.tag_column, progress)
        scheme = scheme_of(sentence.tags for sentence in found) if config.scheme == "auto" else config.scheme
        require_usable(path, found, scheme, config.repair)
        train, validation = _parts(path, found, scheme, config)
        counts = Counter(word(token, config.lower) for sentence in train for token in sentence.tokens)
        vocabulary = _vocabulary(path, [*train, *validation], counts, scheme, config)
        notes = [] if scheme == "plain" else [f"phrases marked by {scheme}: {', '.join(vocabulary.kinds)}"]
        if vocabulary.vectors is not None:
            notes.append(described(vocabulary.vectors, config.vectors, len(counts), "words"))
        return cls(
            vocabulary,
            _encoded(train, vocabulary, Lexicon(vocabulary, config, counts), seed),
            batches_of(validation, vocabulary, config),
            tuple(validation),
            tuple(notes),
        )


def batches_of(sentences: Sequence[Sentence], vocabulary: TagVocabulary, config: TagConfig) -> TagBatches:
    """Sentences in batches that are the same every time; their tags and intents must be known."""
    return _encoded(sentences, vocabulary, Lexicon(vocabulary, config), None)


def require_usable(path: Path, sentences: Sequence[Sentence], scheme: Scheme, repair: bool) -> None:
    """Raise InputError, with the line, for tags that break their scheme, a sentence that is too long, and
    where some sentences have an intent and others have none.
    """
    for sentence in sentences:
        if len(sentence.tokens) > LONGEST:
            raise InputError(
                f"{path}, line {sentence.lines[0]}: a sentence of {len(sentence.tokens):,} tokens, and the "
                f"limit is {LONGEST:,}; end sentences by an empty line, or in parallel files by a line break"
            )
        wrong = None if repair else broken(sentence.tags, scheme)
        if wrong is not None:
            place, right = wrong
            raise InputError(
                f"{path}, line {sentence.lines[place]}: the tag {sentence.tags[place]!r} of "
                f"{sentence.tokens[place][:40]!r} breaks {scheme}: right would be {right!r}; mend it, or "
                "give repair, or scheme plain if tags mark no phrases"
            )


def require_known(path: Path, sentences: Sequence[Sentence], vocabulary: TagVocabulary) -> None:
    """Raise InputError, with the line, for a tag or an intent that training did not see."""
    intents = vocabulary.intents
    for sentence in sentences:
        for tag, line in zip(vocabulary.read(sentence.tags), sentence.lines, strict=True):
            if tag not in vocabulary.tags:
                known = ", ".join(vocabulary.kinds[:20])
                raise InputError(f"{path}, line {line}: the tag {tag!r} is of none trained on: {known}")
        if intents is not None and sentence.label not in intents:
            known = ", ".join(intents.names[:20])
            raise InputError(
                f"{path}, line {sentence.lines[0]}: the intent {sentence.label!r} is none trained on: {known}"
            )


def _encoded(
    sentences: Sequence[Sentence], vocabulary: TagVocabulary, lexicon: Lexicon, seed: int | None
) -> TagBatches:
    intents = vocabulary.intents
    return TagBatches(
        lexicon,
        [lexicon.numbers(sentence.tokens) for sentence in sentences],
        [vocabulary.tags.numbers(vocabulary.read(sentence.tags)) for sentence in sentences],
        [NO_INTENT if intents is None else intents.number(str(sentence.label)) for sentence in sentences],
        lexicon.config.batch_size,
        seed,
    )


def _parts(
    path: Path, found: list[Sentence], scheme: Scheme, config: TagConfig
) -> tuple[list[Sentence], list[Sentence]]:
    """What trains and what validates."""
    if config.validation_file is None:
        validates = held_out([sentence.text for sentence in found], config.validation_share)
        validation = [sentence for sentence, held in zip(found, validates, strict=True) if held]
    else:
        other = Path(config.validation_file)
        validation = read_sentences(other, config.token_column, config.tag_column)
        require_usable(other, validation, scheme, config.repair)
        if (validation[0].label is None) != (found[0].label is None):
            raise InputError(f"{other} and {path}: one has labels of sentences and the other has none")
    texts = {sentence.text for sentence in validation}
    train = [sentence for sentence in found if sentence.text not in texts]
    if not train:
        raise InputError(f"{path}: all of its sentences validate: none is left to train on")
    return train, validation


def _vocabulary(
    path: Path, sentences: Sequence[Sentence], counts: Counter[str], scheme: Scheme, config: TagConfig
) -> TagVocabulary:
    words = WordVocabulary.most_frequent(
        list(counts), np.array(list(counts.values())), config.vocabulary_size, config.min_count
    )
    letters = Counter("".join(spelling(token) for sentence in sentences for token in sentence.tokens))
    characters = CharacterVocabulary.most_frequent(list(letters), np.array(list(letters.values())))
    if scheme == "plain":
        kinds = {tag for sentence in sentences for tag in sentence.tags}
    else:
        kinds = {phrase.kind for sentence in sentences for phrase in phrases_of(sentence.tags)}
    vectors = vectors_for(config.vectors, counts, config.embedding_size)
    named = None
    try:
        if sentences[0].label is not None:
            named = Labels.of(str(sentence.label) for sentence in sentences)
        return TagVocabulary(words, characters, sorted(kinds), scheme, config.bioes, named, vectors)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
