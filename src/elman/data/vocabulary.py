"""The characters that a model knows, and their numbers."""

import warnings
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from elman.core.errors import InputError

UNKNOWN = 0
EOS = 1
_SPECIAL = 2
_REPLACEMENT = "\ufffd"
_SHOWN = 10


class UnknownCharacterWarning(UserWarning):
    """A text holds characters that the model has never seen; they are read as `<unk>`."""


class Vocabulary:
    """Characters numbered by code point from 2 on, after `<unk>` (0) and `<eos>` (1).

    Raises InputError when a character is there twice, when there is none, and for lone surrogates, which no
    text file can hold.
    """

    LIMIT = 20_000

    def __init__(self, characters: str) -> None:
        self.characters = "".join(sorted(set(characters)))
        if len(self.characters) != len(characters) or not characters:
            raise InputError("a vocabulary needs at least one character, and each only once")
        codes = _code_points(self.characters)
        if ((codes >= 0xD800) & (codes <= 0xDFFF)).any():
            raise InputError("a vocabulary cannot hold lone surrogates")
        # One entry more than the largest code point: where all larger ones are sent, to be unknown.
        self._id_of_code = np.full(int(codes[-1]) + 2, UNKNOWN, dtype=np.int64)
        self._id_of_code[codes] = np.arange(_SPECIAL, _SPECIAL + len(codes))
        self._code_of_id = np.concatenate([_code_points(_REPLACEMENT), _code_points(_REPLACEMENT), codes])

    @classmethod
    def of(cls, text: str, min_count: int = 1, limit: int = LIMIT) -> "Vocabulary":
        """The characters that occur at least `min_count` times in a text.

        Raises InputError when there are more than `limit` of them, or none.
        """
        counts = np.bincount(_code_points(text))
        codes = np.flatnonzero(counts >= min_count)
        if len(codes) > limit:
            raise InputError(
                f"the text has {len(codes):,} different characters and the limit is {limit:,}; "
                "check that it is text in one writing system, or leave out the rare characters"
            )
        return cls(_text(codes))

    def __len__(self) -> int:
        return _SPECIAL + len(self.characters)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.characters == other.characters

    def __hash__(self) -> int:
        return hash(self.characters)

    def encode(self, text: str) -> NDArray[np.int64]:
        """The number of every character, `<unk>` where it is not in the vocabulary."""
        codes = _code_points(text)
        return self._id_of_code[np.minimum(codes, len(self._id_of_code) - 1)]

    def encode_with_warning(self, text: str) -> NDArray[np.int64]:
        """As `encode`, with one UnknownCharacterWarning that names the characters read as `<unk>`."""
        ids = self.encode(text)
        unknown = dict.fromkeys(text[place] for place in np.flatnonzero(ids == UNKNOWN))
        if unknown:
            shown = " ".join(repr(c) for c in list(unknown)[:_SHOWN])
            rest = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
            message = f"not in the model's vocabulary, read as <unk>: {shown}{rest}"
            warnings.warn(message, UnknownCharacterWarning, stacklevel=3)
        return ids

    def decode(self, ids: Iterable[int] | NDArray[np.int64]) -> str:
        """The text of these numbers: U+FFFD for `<unk>`, nothing for `<eos>`."""
        numbers = np.asarray(ids if isinstance(ids, np.ndarray) else list(ids), dtype=np.int64)
        return _text(self._code_of_id[numbers[numbers != EOS]])

    def to_dict(self) -> dict[str, str]:
        """The vocabulary as JSON can hold it."""
        return {"characters": self.characters}

    @classmethod
    def from_dict(cls, values: object) -> "Vocabulary":
        """The vocabulary of `to_dict`; raises InputError for anything that cannot come from there."""
        characters = values.get("characters") if isinstance(values, Mapping) else None
        if not isinstance(characters, str) or len(characters) > cls.LIMIT:
            raise InputError(f"a vocabulary is a text of at most {cls.LIMIT:,} characters")
        return cls(characters)


def _code_points(text: str) -> NDArray[np.uint32]:
    # Lone surrogates come in with file names and arguments that are not UTF-8; they are unknown, not errors.
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _text(codes: NDArray[np.integer]) -> str:
    return codes.astype(np.uint32).tobytes().decode("utf-32-le")
