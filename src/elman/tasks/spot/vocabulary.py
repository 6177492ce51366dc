"""Characters as a stream of them is read: one number each, so that places stay what they are."""

import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from elman.data.vocabulary import CharacterVocabulary


class FoldedVocabulary(CharacterVocabulary):
    """Characters, of which the full-width form is the same as that of ASCII: Ａ is A.

    That is NFKC where it makes one character of one; any other is read as it stands.
    """

    def numbers(self, symbols: Sequence[str]) -> NDArray[np.int64]:
        return super().numbers(folded("".join(symbols)))

    @staticmethod
    def from_dict(values: object) -> "FoldedVocabulary":
        """The vocabulary of `to_dict`; raises InputError for anything that cannot come from there."""
        characters = values.get("characters") if isinstance(values, Mapping) else None
        return FoldedVocabulary(FoldedVocabulary.from_record(characters).characters)


def folded(text: str) -> str:
    """A text of as many characters, each in the form that `FoldedVocabulary` holds."""
    return text.translate(_FORMS)


class _Forms(dict[int, str]):
    def __missing__(self, code: int) -> str:
        form = unicodedata.normalize("NFKC", chr(code))
        self[code] = form = form if len(form) == 1 else chr(code)
        return form


_FORMS = _Forms()
