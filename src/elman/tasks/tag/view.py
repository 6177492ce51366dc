"""A tagged text to look at: in a line, in the colours of a terminal, as columns, as HTML."""

from __future__ import annotations

import colorsys
import html
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elman.tasks.tag.predict import Reading, TagPrediction

_HUES, _SATURATION, _LIGHTNESS = 360, 80, 85
_BLANKS = re.compile(r"\s+")


def line(prediction: TagPrediction) -> str:
    """A line for each reading: phrases in brackets with their kind, or each token with its tag."""
    lines: list[str] = []
    for reading in prediction.readings:
        marked = "".join(
            text if kind is None else f"{text}/{kind}" if prediction.plain else f"[{text}: {kind}]"
            for text, kind in _parts(prediction, reading)
        )
        lines.append(f"{_before(prediction, reading)}{' '.join(marked.split())}")
    return "\n".join(lines)


def colors(prediction: TagPrediction) -> str:
    """`line`; but where standard output is a terminal with colours, each phrase or token stands on that of
    its kind. Nothing in the text is taken for markup.
    """
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    if console.color_system is None or console.no_color:
        return line(prediction)
    lines: list[Text] = []
    for reading in prediction.readings:
        shown = Text(_before(prediction, reading))
        for text, kind in _parts(prediction, reading):
            words = _BLANKS.sub(" ", text)
            if kind is None:
                shown.append(words)
            else:
                style = f"black on {_rgb(kind)}"
                shown.append(f" {words} ", style).append(f"{kind} ", f"bold {style}")
        lines.append(shown)
    with console.capture() as found:
        console.print(Text("\n").join(lines), soft_wrap=True, end="")
    return found.get()


def columns(prediction: TagPrediction) -> str:
    """A line for each token with its tag behind a tab, and an empty line at the end, as training reads it."""
    found: list[str] = []
    for reading in prediction.readings:
        pairs = zip(prediction.tokens, reading.tags, strict=True)
        found += [*(f"{token}\t{tag}" for token, tag in pairs), ""]
    return "\n".join(found)


def page(prediction: TagPrediction) -> str:
    """A paragraph of HTML for each reading. Of the text nothing is markup, and all of it is ASCII, so that a
    browser needs to know no encoding.
    """
    paragraphs: list[str] = []
    for reading in prediction.readings:
        marked = "".join(
            _ascii(text) if kind is None else _mark(text, kind) for text, kind in _parts(prediction, reading)
        )
        paragraphs.append(
            f'<p title="probability {reading.probability:.3f}">{_ascii(_intent(prediction))}{marked}</p>'
        )
    return "\n".join(paragraphs)


VIEWS: Mapping[str, Callable[[TagPrediction], str]] = {
    "auto": colors,
    "text": line,
    "columns": columns,
    "html": page,
}


def _parts(prediction: TagPrediction, reading: Reading) -> Iterator[tuple[str, str | None]]:
    """The text in parts, each with its kind of phrase or its tag; None for what stands between them."""
    if prediction.plain:
        parts = list(zip(prediction.places, reading.tags, strict=True))
    else:
        parts = [(prediction.place(phrase), phrase.kind) for phrase in reading.phrases]
    at = 0
    for (start, stop), kind in parts:
        yield prediction.source[at:start], None
        yield prediction.source[start:stop], kind
        at = stop
    yield prediction.source[at:], None


def _before(prediction: TagPrediction, reading: Reading) -> str:
    """What stands before a reading in its line: its probability if there are several, the intent."""
    several = f"{reading.probability:.3f}  " if len(prediction.readings) > 1 else ""
    return f"{several}{_intent(prediction)}"


def _intent(prediction: TagPrediction) -> str:
    if not prediction.intents:
        return ""
    name, probability = prediction.intents[0]
    return f"{name} ({probability:.2f}): "


def _mark(text: str, kind: str) -> str:
    color = f"hsl({_hue(kind)}, {_SATURATION}%, {_LIGHTNESS}%)"
    style = f"background: {color}; padding: 0 0.2em; border-radius: 0.2em"
    return f'<mark style="{style}">{_ascii(text)} <small>{_ascii(kind)}</small></mark>'


def _hue(kind: str) -> int:
    return zlib.crc32(kind.encode("utf-8", "surrogatepass")) % _HUES


def _rgb(kind: str) -> str:
    shares = colorsys.hls_to_rgb(_hue(kind) / _HUES, _LIGHTNESS / 100, _SATURATION / 100)
    return f"rgb({','.join(str(round(255 * share)) for share in shares)})"


def _ascii(text: str) -> str:
    return html.escape(text).encode("ascii", "xmlcharrefreplace").decode()
