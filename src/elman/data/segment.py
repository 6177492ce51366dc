"""Raw text to words or characters, the same way in training and in prediction.

A word of a writing with blanks is letters, digits and marks with apostrophes and hyphens within; punctuation
stands alone. Chinese, Japanese and Korean characters are one symbol each, or words where jieba segments them.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Literal

from elman.core.errors import InputError

Segments = Literal["word", "character", "blank", "jieba"]
HAN = "\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{HAN}]|(?:(?![{HAN}])\w)+(?:['’\-.,](?:(?![{HAN}])\w)+)*|[^\w\s]")

_PIECE, _SEARCHED = 1 << 15, 1 << 10
_IDEOGRAPH = "\u4e00-\u9fff"
_BETWEEN = {
    "word": re.compile(rf"(?<=\s)|(?=[{_IDEOGRAPH}])"),
    "character": re.compile(rf"(?<=[!-~{_IDEOGRAPH}])(?=[!-~{_IDEOGRAPH}])"),
    "blank": re.compile(r"(?<=\s)"),
    "jieba": re.compile(r"(?<=[\s\u3001\u3002])"),
}
"""Where a text can be cut so that its parts have the symbols of the whole."""


def segment(text: str, segments: Segments = "word", lower: bool = False) -> list[str]:
    """The symbols of a text.

    word: words, punctuation, and characters of Chinese, Japanese and Korean; character: all characters but
    blanks at both ends, runs of blanks as one; blank: what blanks separate, as it is; jieba: Chinese words by
    that library. Full-width forms become those of ASCII (NFKC) but with blank; lower: small letters.

    Raises InputError where jieba is asked for and not installed.
    """
    if segments != "blank":
        text = unicodedata.normalize("NFKC", text)
    if lower:
        text = text.lower()
    return _SPLITTERS[segments](text)


def stream(text: str, segments: Segments = "word", lower: bool = False) -> Iterator[str]:
    """The symbols that `segment` finds, of a text of any size, of which a piece at a time is segmented.

    A piece ends between two symbols: at the last such place among the last 1,024 of 32,768 characters; where
    there is none, it has all of them.
    """
    start = 0
    while start < len(text):
        stop = start + _PIECE
        if stop < len(text):
            places = _BETWEEN[segments].finditer(text, max(start + 1, stop - _SEARCHED), stop)
            stop = max((place.start() for place in places), default=stop)
        yield from segment(text[start:stop], segments, lower)
        start = stop


def _characters(text: str) -> list[str]:
    return list(" ".join(text.split()))


def _jieba(text: str) -> list[str]:
    return [word for word in _jieba_module().lcut(text) if word.strip()]


@lru_cache(maxsize=1)
def _jieba_module() -> Any:
    try:
        import jieba
    except ImportError as error:
        raise InputError(
            "segments is 'jieba', which is not installed: pip install 'elman[chinese]', or give segments word"
        ) from error
    jieba.setLogLevel("ERROR")
    return jieba


_SPLITTERS: dict[str, Callable[[str], list[str]]] = {
    "word": _WORD.findall,
    "character": _characters,
    "blank": str.split,
    "jieba": _jieba,
}
