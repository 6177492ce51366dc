"""Pairs of words that stand together more often than by chance, joined to one word: New_York.

    score(a, b) = (c(a b) - δ) N / (c(a) c(b)),   c: how often it occurs, N: the words of the text

(Mikolov, Sutskever, Chen, Corrado & Dean 2013, with N as in their program).
"""

import tempfile
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from elman.data.symbols import Mapped, Tokens
from elman.data.vocabulary import EOS_WORD, UNKNOWN_WORD

JOINT = "_"
_BLOCK = 1 << 20
_DTYPE = np.dtype(np.uint32)
Pairs = NDArray[np.int64]
"""Pairs as a V + b, sorted."""


def joined(text: Tokens, threshold: float, discount: float, min_count: int) -> Tokens:
    """A text in which pairs of words of a score above the threshold are one word, from left to right.

    Words that occur less than min_count times are in no pair; nor are ends of lines and `<unk>`.
    """
    pairs = _above(text, threshold, discount, min_count)
    size = len(text.symbols)
    first, second = np.divmod(pairs, size)
    names = [f"{text.symbols[a]}{JOINT}{text.symbols[b]}" for a, b in zip(first, second, strict=True)]
    counts, length = np.zeros(size + len(pairs), np.int64), 0
    with tempfile.TemporaryFile() as file:
        for numbers in _rewritten(text, pairs):
            file.write(numbers.astype(_DTYPE).data)
            length += len(numbers)
            counts += np.bincount(numbers, minlength=len(counts))
        file.flush()
        return Tokens(text.level, Mapped(file.fileno(), _DTYPE, length), [*text.symbols, *names], counts)


def _above(text: Tokens, threshold: float, discount: float, min_count: int) -> Pairs:
    size = len(text.symbols)
    often = text.counts >= min_count
    often[[symbol in (EOS_WORD, UNKNOWN_WORD) for symbol in text.symbols]] = False
    pairs, counts = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for numbers in _blocks(text):
        both = often[numbers[:-1]] & often[numbers[1:]]
        new, new_counts = np.unique(_keys(numbers, size)[both], return_counts=True)
        pairs, place = np.unique(np.concatenate([pairs, new]), return_inverse=True)
        counts = np.bincount(place, np.concatenate([counts, new_counts]), len(pairs)).astype(np.int64)
    first, second = np.divmod(pairs, size)
    words = int(text.counts[[symbol != EOS_WORD for symbol in text.symbols]].sum())
    score = (counts - discount) * words / (text.counts[first] * text.counts[second])
    return pairs[score > threshold]


def _rewritten(text: Tokens, pairs: Pairs) -> Iterator[NDArray[np.int64]]:
    """The text with pairs as words V, V + 1, …; of words that are in two pairs the left one is taken."""
    size, taken = len(text.symbols), False
    for numbers in _blocks(text):
        keys = _keys(numbers, size)
        place = np.searchsorted(pairs, keys)
        is_pair = np.append(pairs, -1)[place] == keys
        # where the first word is the second of a pair of the block before
        is_pair[0] &= not taken
        index = np.arange(len(keys))
        begins = is_pair & ~np.append(False, is_pair[:-1])
        run = np.maximum.accumulate(np.where(begins, index, 0))
        joins = is_pair & ((index - run) % 2 == 0)
        words = np.where(joins, size + place, numbers[:-1])
        yield words[~np.append(taken, joins[:-1])]
        taken = bool(joins[-1])


def _blocks(text: Tokens) -> Iterator[NDArray[np.int64]]:
    """The numbers of a text, each block with the first number of the next; after the last, which ends a line
    and is in no pair, comes any.
    """
    for start in range(0, len(text), _BLOCK):
        block = text.numbers[start : start + _BLOCK + 1].astype(np.int64)
        yield block if len(block) > _BLOCK else np.append(block, 0)


def _keys(numbers: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    return numbers[:-1] * size + numbers[1:]
