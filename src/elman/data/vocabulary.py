"""The symbols that a model knows, characters, words or subwords, and their numbers."""

import codecs
import warnings
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from elman.core.errors import InputError
from elman.data.subwords import BytePairs, learn, pieces

UNKNOWN = 0
EOS = 1
UNKNOWN_WORD = "<unk>"
EOS_WORD = "<eos>"
_SPECIAL = 2
_REPLACEMENT = "\ufffd"
_SHOWN = 10
_PAIR = 2


class UnknownSymbolWarning(UserWarning):
    """A text holds characters or words that the model has never seen; they are read as `<unk>`."""


class Vocabulary(ABC):
    """Symbols numbered from 2 on, after `<unk>` (0) and `<eos>` (1)."""

    kind: ClassVar[str]
    # Symbols that no text is written with.
    unwritten: ClassVar[frozenset[int]]
    LIMIT: ClassVar[int]

    @abstractmethod
    def __init__(self, symbols: Iterable[str]) -> None: ...

    @abstractmethod
    def __len__(self) -> int: ...

    @staticmethod
    def of(
        text: str, level: str = "character", size: int | None = None, min_count: int = 1
    ) -> "AnyVocabulary":
        """The vocabulary of a text, at one of the LEVELS; raises InputError as `most_frequent` does."""
        counts = Counter(split(text, level))
        return LEVELS[level].most_frequent(list(counts), np.array(list(counts.values())), size, min_count)

    @classmethod
    def most_frequent(
        cls, symbols: Sequence[str], counts: NDArray[np.int64], size: int | None = None, min_count: int = 1
    ) -> Self:
        """Of symbols that occur so often, those with at least `min_count`; no more than make it of `size`.

        Raises InputError when none is left, and when there are more than LIMIT of them.
        """
        often = np.flatnonzero(counts >= max(1, min_count))
        often = often[np.argsort(-counts[often], kind="stable")]
        found = (str(symbols[i]) for i in often.tolist())
        chosen = [symbol for symbol in found if symbol not in (UNKNOWN_WORD, EOS_WORD)]
        chosen = chosen[: size - _SPECIAL] if size else chosen
        if not chosen:
            raise InputError(
                f"no {cls.kind} of the text occurs {min_count:,} times; give a smaller min_count"
            )
        if len(chosen) > cls.LIMIT:
            raise InputError(
                f"the text has {len(chosen):,} different {cls.kind}s and the limit is {cls.LIMIT:,}; check "
                "that it is text in one writing system, or leave out the rare: min_count, vocabulary_size"
            )
        return cls(chosen)

    @abstractmethod
    def numbers(self, symbols: Sequence[str]) -> NDArray[np.int64]:
        """The number of every symbol, `<unk>` where it is not in the vocabulary."""

    def encode(self, text: str) -> NDArray[np.int64]:
        """The number of every symbol of a text, `<unk>` where it is not in the vocabulary."""
        return self.numbers(split(text, self.kind))

    def encode_with_warning(self, text: str) -> NDArray[np.int64]:
        """As `encode`, with one UnknownSymbolWarning that names the symbols read as `<unk>`."""
        symbols = split(text, self.kind)
        ids = self.numbers(symbols)
        unknown = dict.fromkeys(symbols[place] for place in np.flatnonzero(ids == UNKNOWN).tolist())
        unknown.pop(UNKNOWN_WORD, None)
        if unknown:
            shown = " ".join(repr(symbol) for symbol in list(unknown)[:_SHOWN])
            rest = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
            message = f"not in the model's vocabulary, read as <unk>: {shown}{rest}"
            warnings.warn(message, UnknownSymbolWarning, stacklevel=3)
        return ids

    @abstractmethod
    def spell(self, ids: Iterable[int], before: int = EOS) -> Iterator[str]:
        """What each symbol adds to a text that ends with the symbol `before`."""

    def decode(self, ids: Iterable[int]) -> str:
        """The text of these numbers."""
        return "".join(self.spell(ids))

    @abstractmethod
    def to_dict(self) -> dict[str, object]:
        """The vocabulary as JSON can hold it."""

    def describe(self) -> str:
        """How many symbols of which kind it holds, `<unk>` and `<eos>` not counted."""
        return f"{len(self) - _SPECIAL:,} {self.kind}s"

    @staticmethod
    def from_dict(values: object) -> "AnyVocabulary":
        """The vocabulary of `to_dict`; raises InputError for anything that cannot come from there."""
        values = values if isinstance(values, Mapping) else {}
        kind = values.get("kind", CharacterVocabulary.kind)
        if kind == WordVocabulary.kind:
            return WordVocabulary.from_record(values.get("words"))
        if kind == CharacterVocabulary.kind:
            return CharacterVocabulary.from_record(values.get("characters"))
        if kind == SubwordVocabulary.kind:
            return SubwordVocabulary.from_record(values.get("merges"))
        raise InputError(f"a vocabulary is of kind {', '.join(LEVELS)}, not {kind!r}")


class CharacterVocabulary(Vocabulary):
    """Characters, by code point.

    Raises InputError when a character is there twice, when there is none, and for lone surrogates, which no
    text file can hold.
    """

    kind = "character"
    unwritten = frozenset({UNKNOWN, EOS})
    LIMIT = 20_000

    def __init__(self, symbols: Iterable[str]) -> None:
        given = "".join(symbols)
        self.characters = "".join(sorted(set(given)))
        if len(self.characters) != len(given) or not given:
            raise InputError("a vocabulary needs at least one character, and each only once")
        codes = code_points(self.characters)
        if ((codes >= 0xD800) & (codes <= 0xDFFF)).any():
            raise InputError("a vocabulary cannot hold lone surrogates")
        # One entry more than the largest code point: where all larger ones are sent, to be unknown.
        self._id_of_code = np.full(int(codes[-1]) + 2, UNKNOWN, dtype=np.int64)
        self._id_of_code[codes] = np.arange(_SPECIAL, _SPECIAL + len(codes))
        self._text_of_id = [_REPLACEMENT, "", *self.characters]

    def __len__(self) -> int:
        return len(self._text_of_id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CharacterVocabulary) and self.characters == other.characters

    def __hash__(self) -> int:
        return hash(self.characters)

    def numbers(self, symbols: Sequence[str]) -> NDArray[np.int64]:
        codes = code_points(symbols if isinstance(symbols, str) else "".join(symbols))
        return self._id_of_code[np.minimum(codes, len(self._id_of_code) - 1)]

    def spell(self, ids: Iterable[int], before: int = EOS) -> Iterator[str]:
        """The character: U+FFFD for `<unk>`, nothing for `<eos>`."""
        return (self._text_of_id[i] for i in ids)

    def to_dict(self) -> dict[str, object]:
        return {"kind": self.kind, "characters": self.characters}

    @classmethod
    def from_record(cls, characters: object) -> "CharacterVocabulary":
        """The vocabulary of what a file says are its characters; raises InputError unless they can be."""
        if not isinstance(characters, str) or len(characters) > cls.LIMIT:
            raise InputError(f"a vocabulary is a text of at most {cls.LIMIT:,} characters")
        return cls(characters)


class WordVocabulary(Vocabulary):
    """Words in the order given, which is the most frequent first; `<eos>` is the end of a line.

    Raises InputError when a word is there twice or is none, and when there is no word.
    """

    kind = "word"
    unwritten = frozenset({UNKNOWN})
    LIMIT = 1_000_000

    def __init__(self, symbols: Iterable[str]) -> None:
        self.words = (UNKNOWN_WORD, EOS_WORD, *symbols)
        self._id_of_word = {word: i for i, word in enumerate(self.words)}
        if len(self._id_of_word) != len(self.words) or len(self.words) == _SPECIAL:
            raise InputError("a vocabulary needs at least one word, and each only once")
        joined = " ".join(self.words)
        if joined.split() != list(self.words):
            raise InputError("a word of a vocabulary is not empty and holds no blank")
        if any(0xD800 <= code <= 0xDFFF for code in map(ord, set(joined))):
            raise InputError("a vocabulary cannot hold lone surrogates")

    def __len__(self) -> int:
        return len(self.words)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WordVocabulary) and self.words == other.words

    def __hash__(self) -> int:
        return hash(self.words)

    def numbers(self, symbols: Sequence[str]) -> NDArray[np.int64]:
        known = self._id_of_word
        return np.fromiter((known.get(word, UNKNOWN) for word in symbols), np.int64, len(symbols))

    def spell(self, ids: Iterable[int], before: int = EOS) -> Iterator[str]:
        """The word, after a blank where it does not begin a line; a line break for `<eos>`."""
        for i in ids:
            yield "\n" if i == EOS else self.words[i] if before == EOS else f" {self.words[i]}"
            before = i

    def to_dict(self) -> dict[str, object]:
        return {"kind": self.kind, "words": list(self.words[_SPECIAL:])}

    @classmethod
    def from_record(cls, words: object) -> "WordVocabulary":
        """The vocabulary of what a file says are its words; raises InputError unless they can be."""
        if (
            not isinstance(words, list)
            or len(words) > cls.LIMIT
            or not all(isinstance(w, str) for w in words)
        ):
            raise InputError(f"a vocabulary is a list of at most {cls.LIMIT:,} words")
        return cls(words)


class SubwordVocabulary(Vocabulary):
    """Subwords, by the merges that make them; nothing is unknown, because every byte is a subword."""

    kind = "subword"
    unwritten = frozenset({UNKNOWN, EOS})
    LIMIT = 1_000_000
    SIZE = 8_000

    def __init__(self, symbols: BytePairs) -> None:
        self._subwords = symbols
        self._bytes_of_id = [_REPLACEMENT.encode(), b"", *symbols.subwords]

    @classmethod
    def most_frequent(
        cls, symbols: Sequence[str], counts: NDArray[np.int64], size: int | None = None, min_count: int = 1
    ) -> Self:
        """The subwords of pieces that occur so often, SIZE or `size` with `<unk>` and `<eos>`.

        min_count is how often the two that a merge joins must stand side by side, 2 at least. Raises
        InputError where the size leaves no room for bytes.
        """
        present = np.flatnonzero(counts).tolist()
        return cls(
            learn({symbols[i]: int(counts[i]) for i in present}, (size or cls.SIZE) - _SPECIAL, min_count)
        )

    def __len__(self) -> int:
        return len(self._bytes_of_id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SubwordVocabulary) and self._subwords.merges == other._subwords.merges

    def __hash__(self) -> int:
        return hash(self._subwords.merges)

    def numbers(self, symbols: Sequence[str]) -> NDArray[np.int64]:
        """The numbers of the subwords of some pieces, one piece after the other."""
        return np.concatenate([np.zeros(0, np.int64), *self.spellings(symbols)])

    def spellings(self, symbols: Sequence[str]) -> list[NDArray[np.int64]]:
        """The numbers of the subwords of each piece."""
        # Lone surrogates, as arguments hold that are not UTF-8, are no text.
        known = [symbol.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for symbol in symbols]
        return [ids + _SPECIAL for ids in self._subwords.spellings(known)]

    def encode_with_warning(self, text: str) -> NDArray[np.int64]:
        """As `encode`, because nothing is unknown."""
        return self.encode(text)

    def spell(self, ids: Iterable[int], before: int = EOS) -> Iterator[str]:
        """The characters that end with each subword: none while the bytes of one are incomplete."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        for i in ids:
            yield decoder.decode(self._bytes_of_id[i])
        if rest := decoder.decode(b"", final=True):
            yield rest

    def to_dict(self) -> dict[str, object]:
        return {"kind": self.kind, "merges": [list(merge) for merge in self._subwords.merges]}

    @classmethod
    def from_record(cls, merges: object) -> "SubwordVocabulary":
        """The vocabulary of what a file says are its merges; raises InputError unless they can be."""
        if not isinstance(merges, list) or len(merges) > cls.LIMIT or not all(map(_is_merge, merges)):
            raise InputError(f"a vocabulary of subwords is a list of at most {cls.LIMIT:,} pairs of texts")
        return cls(BytePairs((left, right) for left, right in merges))


def _is_merge(value: object) -> bool:
    return isinstance(value, list) and len(value) == _PAIR and all(isinstance(part, str) for part in value)


AnyVocabulary = CharacterVocabulary | WordVocabulary | SubwordVocabulary
LEVELS: Mapping[str, type[AnyVocabulary]] = {
    kind.kind: kind for kind in (CharacterVocabulary, WordVocabulary, SubwordVocabulary)
}


def split(text: str, level: str) -> Sequence[str]:
    """The symbols of a text: its characters; or what blanks separate, with `<eos>` for every line break; or
    the pieces that subwords are made of.
    """
    if level == SubwordVocabulary.kind:
        return pieces(text)
    return text if level == CharacterVocabulary.kind else text.replace("\n", f" {EOS_WORD} ").split()


def code_points(text: str) -> NDArray[np.uint32]:
    """The code point of every character, a lone surrogate included, as arguments hold that are not UTF-8."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
