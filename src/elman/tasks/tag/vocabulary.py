"""What a model that tags knows: words, their characters, tags, and what sentences are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self, get_args

from elman.core.errors import InputError
from elman.data.labels import Labels
from elman.data.phrases import Inner, Scheme, all_tags, phrases_of, tags_of
from elman.data.vectors import Vectors
from elman.data.vocabulary import CharacterVocabulary, Vocabulary, WordVocabulary


class TagVocabulary:
    """Words, characters, and the tags by number as the network marks phrases.

    scheme: that of the tags that are read and written; inner: that of the network. kinds: the kinds of
    phrases, or all tags where the scheme is plain. vectors: what words begin with before training, if given;
    no model file holds them. Raises InputError where a kind is there twice.
    """

    def __init__(
        self,
        words: WordVocabulary,
        characters: CharacterVocabulary,
        kinds: Sequence[str],
        scheme: Scheme,
        bioes: bool,
        intents: Labels | None = None,
        vectors: Vectors | None = None,
    ) -> None:
        self.words, self.characters, self.intents, self.vectors = words, characters, intents, vectors
        self.kinds = tuple(kinds)
        self.scheme: Scheme = scheme
        self.bioes = bioes
        self.inner: Inner = "plain" if scheme == "plain" else "bioes" if bioes else "iob2"
        self.tags = Labels(kinds if self.inner == "plain" else all_tags(kinds, self.inner))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TagVocabulary) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.words, self.kinds, self.scheme))

    def describe(self) -> str:
        """How many words, tags and intents there are."""
        shown = ", ".join(self.kinds[:10]) + (", …" if len(self.kinds) > 10 else "")
        what = "tags" if self.scheme == "plain" else f"kinds of phrases ({self.scheme})"
        intents = "" if self.intents is None else f", {len(self.intents)} intents"
        return f"{self.words.describe()}, {len(self.kinds)} {what}: {shown}{intents}"

    def read(self, tags: Sequence[str]) -> list[str]:
        """The tags of the network for those of a file."""
        return list(tags) if self.inner == "plain" else tags_of(phrases_of(tags), len(tags), self.inner)

    def written(self, tags: Sequence[str]) -> list[str]:
        """The tags of a file for those of the network."""
        return list(tags) if self.inner == "plain" else tags_of(phrases_of(tags), len(tags), self.scheme)

    def to_dict(self) -> dict[str, object]:
        """What it consists of, as JSON can hold it."""
        return {
            "words": self.words.to_dict(),
            "characters": self.characters.to_dict(),
            "kinds": list(self.kinds),
            "scheme": self.scheme,
            "bioes": self.bioes,
            "intents": None if self.intents is None else self.intents.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: object) -> Self:
        """The vocabulary of `to_dict`; raises InputError for anything that cannot come from there."""
        values = values if isinstance(values, Mapping) else {}
        words = Vocabulary.from_dict(values.get("words"))
        characters = Vocabulary.from_dict(values.get("characters"))
        if not isinstance(words, WordVocabulary) or not isinstance(characters, CharacterVocabulary):
            raise InputError("a vocabulary of tags has words and characters")
        kinds: Any = values.get("kinds")
        if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
            raise InputError("kinds of phrases are a list of texts")
        scheme: Any = values.get("scheme")
        bioes, intents = values.get("bioes"), values.get("intents")
        if scheme not in get_args(Scheme) or not isinstance(bioes, bool):
            raise InputError(f"a scheme of tags is one of {', '.join(get_args(Scheme))}, not {scheme!r}")
        named = None if intents is None else Labels.from_dict(intents)
        return cls(words, characters, kinds, scheme, bioes, named)
