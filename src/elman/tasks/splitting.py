"""Which examples of a file validate a model: a share of them, drawn by what they say."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_BYTES = 8


def held_out(texts: Sequence[str], share: float) -> NDArray[np.bool_]:
    """True for the texts that validate, about a share of them: those whose hash is small.

    Equal texts are on the same side, on every machine and in every order; if two texts differ, each side has
    one at least.
    """
    hashes = np.array([_hash(text) for text in texts], np.uint64)
    chosen = hashes < share * 2.0 ** (8 * _BYTES)
    if chosen.all():
        return hashes < hashes.max(initial=0)
    return chosen if chosen.any() else hashes == hashes.min(initial=2 ** (8 * _BYTES) - 1)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=_BYTES).digest(), "big")
