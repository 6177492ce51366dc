"""Words back to a text: what `segment` took apart, put together as it is written."""

import re
from collections.abc import Iterable

from elman.data.segment import HAN

_NONE_BEFORE = re.compile(rf"[.,;:!?%)\]}}…’”»{HAN}]")
_NONE_BEHIND = re.compile(rf"[(\[{{¿¡“«{HAN}]")
_HAN = re.compile(f"[{HAN}]")
_FULL_WIDTH = str.maketrans(",;:!?", "，；：！？")


def joined(words: Iterable[str]) -> str:
    """A text of words and punctuation: a blank between words, none before a point or within brackets, none at
    characters of Chinese, Japanese and Korean, behind which punctuation is full-width.
    """
    text = ""
    for word in words:
        if text and _HAN.match(text[-1]):
            text += word.translate(_FULL_WIDTH) if len(word) == 1 else word
        elif not text or _NONE_BEFORE.fullmatch(word) or _NONE_BEHIND.fullmatch(text[-1]):
            text += word
        else:
            text += f" {word}"
    return text
