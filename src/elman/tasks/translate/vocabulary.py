"""Both vocabularies of a translator: how texts of either side become numbers, and numbers texts."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from elman.core.errors import InputError
from elman.data.segment import segment
from elman.data.spacing import joined
from elman.data.vocabulary import EOS, EOS_WORD, LEVELS, AnyVocabulary, Vocabulary, split

_WORD = "word"
PARTS = "\t"
"""What separates the parts of a source."""


class Side:
    """The vocabulary of one side."""

    def __init__(self, vocabulary: AnyVocabulary, lower: bool) -> None:
        self.vocabulary = vocabulary
        self.lower = lower

    @classmethod
    def of(cls, texts: Iterable[str], level: str, size: int | None, min_count: int, lower: bool) -> Self:
        """The most frequent symbols of some texts; raises InputError as `Vocabulary.most_frequent` does."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(split(_prepared(text, level, lower), level))
        numbers = np.array(list(counts.values()), np.int64)
        return cls(LEVELS[level].most_frequent(list(counts), numbers, size, min_count), lower)

    def __len__(self) -> int:
        return len(self.vocabulary)

    @property
    def writes_unknown(self) -> bool:
        """Whether a symbol of a text can be `<unk>`."""
        return self.vocabulary.kind != "subword"

    def encode(self, text: str) -> NDArray[np.int64]:
        """The numbers of the symbols of a text."""
        return self.vocabulary.encode(self.prepared(text))

    def prepared(self, text: str) -> str:
        """A text as it is read."""
        return _prepared(text, self.vocabulary.kind, self.lower)

    def symbols(self, text: str) -> list[str]:
        """The symbols of a text as they are written in it, those unknown too, one for each of its numbers."""
        if self.writes_unknown:
            return list(split(self.prepared(text), self.vocabulary.kind))
        return self.spelled(self.encode(text).tolist())

    def spelled(self, ids: Sequence[int]) -> list[str]:
        """The symbols of some numbers; for subwords, the characters that end with each."""
        if self.vocabulary.kind == _WORD:
            return [word.strip() for word in self.vocabulary.spell(ids)]
        return list(self.vocabulary.spell(ids))[: len(ids)]

    def text(self, symbols: Iterable[str]) -> str:
        """The text of spelled symbols."""
        return joined(symbols) if self.vocabulary.kind == _WORD else "".join(symbols).strip()


def _prepared(text: str, level: str, lower: bool) -> str:
    if level == _WORD:
        return " ".join(segment(text, _WORD, lower))
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return text.lower() if lower else text


class PairVocabulary:
    """The vocabularies of what is read and of what is written."""

    def __init__(self, source: Side, target: Side) -> None:
        self.source = source
        self.target = target

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PairVocabulary) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.source.vocabulary, self.target.vocabulary))

    def read(self, text: str) -> NDArray[np.int64]:
        """The numbers of a source: those of each of the parts that tabs separate, and `<eos>` behind it."""
        return np.concatenate([np.append(self.source.encode(part), EOS) for part in text.split(PARTS)])

    def read_symbols(self, text: str) -> list[str]:
        """What each number of `read` stands for."""
        return [symbol for part in text.split(PARTS) for symbol in (*self.source.symbols(part), EOS_WORD)]

    def to_dict(self) -> dict[str, object]:
        """Both as JSON can hold them."""
        sides = {"source": self.source, "target": self.target}
        return {name: {"lower": side.lower, **side.vocabulary.to_dict()} for name, side in sides.items()}

    @classmethod
    def from_dict(cls, values: object) -> Self:
        """The vocabularies of `to_dict`; raises InputError for anything that cannot come from there."""
        if not isinstance(values, Mapping):
            raise InputError("the vocabulary of a translator is one for each side")
        return cls(*(_side(values.get(name), name) for name in ("source", "target")))

    def describe(self) -> str:
        """How many symbols of which kind each side holds."""
        return f"{self.source.vocabulary.describe()}, {self.target.vocabulary.describe()} of the target"


def _side(values: object, name: str) -> Side:
    lower = values.get("lower") if isinstance(values, Mapping) else None
    if not isinstance(lower, bool):
        raise InputError(f"the vocabulary of the {name} does not say whether it is in small letters")
    return Side(Vocabulary.from_dict(values), lower)
