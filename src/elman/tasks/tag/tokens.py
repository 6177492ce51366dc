"""Tokens as the network reads them: as words, as characters, and as letter trigrams in hashed buckets.

Legend of shapes: U different tokens, C characters, N trigrams of all tokens.
"""

import unicodedata
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from elman.data.buckets import padded
from elman.data.vocabulary import EOS
from elman.tasks.tag.config import TagConfig
from elman.tasks.tag.vocabulary import TagVocabulary

_HALF = 16
_BLANK = "_"


def spelling(token: str) -> str:
    """A token without blanks and full-width forms; of a long one its first and last 16 characters."""
    text = _BLANK.join(unicodedata.normalize("NFKC", token[:_HALF] + token[_HALF:][-_HALF:]).split())
    return text or _BLANK


def word(token: str, lower: bool) -> str:
    """What a token is in the vocabulary of words."""
    return spelling(token).lower() if lower else spelling(token)


def trigrams(token: str, buckets: int) -> NDArray[np.int64]:
    """The buckets of the letter trigrams of a token with a mark at either end (Huang et al. 2013): of cat
    #ca, cat, at#. A bucket is the CRC-32 of a trigram's UTF-8, modulo their number.
    """
    marked = f"#{spelling(token).lower()}#"
    found = (marked[i : i + 3] for i in range(len(marked) - 2))
    hashes = [zlib.crc32(trigram.encode("utf-8", "surrogatepass")) % buckets for trigram in found]
    return np.array(hashes, np.int64)


@dataclass(frozen=True)
class Spelled:
    """U tokens: characters (C, U), how many each has, trigrams (N,), where those of each begin in them."""

    characters: Tensor
    lengths: Tensor
    trigrams: Tensor
    starts: Tensor

    def to(self, device: torch.device | str) -> "Spelled":
        """The same tokens on another device."""
        return Spelled(*(getattr(self, name).to(device) for name in self.__dataclass_fields__))


@dataclass
class Lexicon:
    """Different tokens by number, each read once.

    counts: how often each word occurs in the training part, for its dropout; empty where nothing trains.
    """

    vocabulary: TagVocabulary
    config: TagConfig
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    _number_of: dict[str, int] = field(default_factory=dict[str, int])
    _words: list[int] = field(default_factory=list[int])
    _rarity: list[float] = field(default_factory=list[float])
    _characters: list[NDArray[np.int64]] = field(default_factory=list[Any])
    _trigrams: list[NDArray[np.int64]] = field(default_factory=list[Any])

    def numbers(self, tokens: Iterable[str]) -> NDArray[np.int64]:
        """The numbers of some tokens; those that are new are read."""
        return np.array([self._number(token) for token in tokens], np.int64)

    def words(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """The numbers in the vocabulary of some tokens."""
        return np.array([self._words[i] for i in numbers.flat], np.int64).reshape(numbers.shape)

    def rarity(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """The probability with which each of some tokens is read as unknown in training: a / (a + n)
        (Kiperwasser & Goldberg 2016).
        """
        return np.array([self._rarity[i] for i in numbers.flat], np.float32).reshape(numbers.shape)

    def spelled(self, numbers: NDArray[np.int64]) -> Spelled:
        """The characters and trigrams of some tokens."""
        characters = [self._characters[i] for i in numbers]
        found = [self._trigrams[i] for i in numbers]
        sizes = [len(one) for one in found]
        return Spelled(
            torch.from_numpy(padded(characters, EOS)),
            torch.tensor([len(one) for one in characters]),
            torch.from_numpy(np.concatenate(found)),
            torch.from_numpy(np.cumsum([0, *sizes[:-1]])),
        )

    def _number(self, token: str) -> int:
        if token not in self._number_of:
            self._number_of[token] = len(self._number_of)
            read = word(token, self.config.lower)
            share = self.config.word_dropout
            self._words.append(int(self.vocabulary.words.numbers([read])[0]))
            self._rarity.append(share / (share + self.counts[read]) if read in self.counts and share else 0.0)
            self._characters.append(self.vocabulary.characters.numbers(spelling(token)))
            self._trigrams.append(trigrams(token, self.config.trigram_buckets))
        return self._number_of[token]
