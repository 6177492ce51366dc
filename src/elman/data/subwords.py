"""Subwords: byte-pair encoding, learned from a text and kept as its merges (Sennrich et al. 2016).

A text is cut into pieces, words with the blank before them, which no subword reaches beyond. A subword is
some bytes of a piece (Radford et al. 2019), so that every text can be read and written.
"""

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elman.core.errors import InputError
from elman.data.segment import HAN

_LONGEST = 64
# At most _LONGEST characters of up to four bytes each, and a blank.
_LONGEST_BYTES = 4 * _LONGEST + 1
_PIECE = re.compile(
    rf" ?\w{{1,{_LONGEST}}}| ?[^\w\s]{{1,{_LONGEST}}}|\n|[^\S\n]{{1,{_LONGEST}}}(?!\S)|[^\S\n]"
)
_ALONE = re.compile(f"[{HAN}]|[^{HAN}]+")
_COUNTED = 20_000_000
_FEWEST = 2
_BYTES = 256
Merge = tuple[str, str]


def pieces(text: str) -> list[str]:
    """The pieces of a text, which joined are the text again: words and runs of signs with the blank before
    them, line breaks, other blanks, and characters of Chinese, Japanese and Korean, each alone.
    """
    return list(itertools.chain.from_iterable(map(_parts, _PIECE.findall(text))))


def pieces_of(texts: Iterable[str]) -> Iterator[list[str]]:
    """The pieces of a text that is given in parts cut anywhere, those of a part at a time."""
    rest = ""
    for text in texts:
        # What follows can change the last match alone.
        *whole, rest = _PIECE.findall(rest + text) or [""]
        yield list(itertools.chain.from_iterable(map(_parts, whole)))
    yield pieces(rest)


def _parts(piece: str) -> Sequence[str]:
    return (piece,) if piece.isascii() else _ALONE.findall(piece)


def _alphabet() -> Mapping[int, str]:
    """A visible character for every byte, GPT-2's, in which merges are written."""
    visible = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), _BYTES)]
    others = [byte for byte in range(_BYTES) if byte not in visible]
    return {byte: chr(byte) for byte in visible} | {byte: chr(_BYTES + n) for n, byte in enumerate(others)}


_CHARACTER_OF = MappingProxyType(dict(sorted(_alphabet().items())))
_BYTE_OF = MappingProxyType({character: byte for byte, character in _CHARACTER_OF.items()})


class BytePairs:
    """The subwords that merges make, in order: the 256 bytes, then what each merge joins of two before it.

    Raises InputError for merges that are not of this form.
    """

    def __init__(self, merges: Iterable[Merge]) -> None:
        self.merges = tuple(merges)
        number_of = {character: n for n, character in enumerate(_BYTE_OF)}
        for left, right in self.merges:
            if left not in number_of or right not in number_of:
                raise InputError(f"the merge of {left!r} and {right!r}: both are bytes or merged before it")
            if len(left) + len(right) > _LONGEST_BYTES:
                raise InputError(f"a merge makes a subword of more than {_LONGEST_BYTES} bytes")
            number_of.setdefault(left + right, len(number_of))
        self.subwords = [bytes(_BYTE_OF[character] for character in subword) for subword in number_of]
        self._encoder = _tokenizer(number_of, self.merges)

    def __len__(self) -> int:
        return len(self.subwords)

    def spellings(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        """The numbers of the subwords of each piece."""
        encoded = self._encoder.encode_batch_fast(list(texts), add_special_tokens=False)
        return [np.array(one.ids, np.int64) for one in encoded]


def learn(counts: Mapping[str, int], size: int, min_count: int = 1) -> BytePairs:
    """At most `size` subwords, of pieces that occur so often: bytes, and again and again what two neighbours
    make that stand side by side most often, and at least min_count times, 2 at the least.

    Of more than twenty million pieces, that many are counted, each in its proportion.
    Raises InputError where size leaves no room for bytes.
    """
    from tokenizers import pre_tokenizers, trainers

    if size < _BYTES:
        raise InputError(f"{size} subwords are too few: {_BYTES} bytes are there already")
    share = min(1.0, _COUNTED / max(1, sum(counts.values())))
    repeated = (itertools.repeat(piece, int(count * share)) for piece, count in counts.items())
    learner = _tokenizer()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=max(_FEWEST, min_count),
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    learner.train_from_iterator(itertools.chain.from_iterable(repeated), trainer)
    return BytePairs(_merges(learner))


def _merges(learner: Any) -> Iterator[Merge]:
    return (tuple(merge) for merge in json.loads(learner.to_str())["model"]["merges"])


def _tokenizer(number_of: Mapping[str, int] | None = None, merges: Sequence[Merge] = ()) -> Any:
    """The encoder of the library tokenizers, for whole pieces."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    encoder = Tokenizer(models.BPE(vocab=dict(number_of or {}), merges=list(merges)))
    encoder.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return encoder
