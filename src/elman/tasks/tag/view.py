"""A tagged text to look at: in a line of a terminal, as columns, as HTML."""

from __future__ import annotations

import html
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elman.tasks.tag.predict import Reading, TagPrediction

_HUES = 360


def line(prediction: TagPrediction) -> str:
    """A line for each reading: phrases in brackets with their kind, or each token with its tag."""
    lines: list[str] = []
    for reading in prediction.readings:
        marked = "".join(
            text if kind is None else f"{text}/{kind}" if prediction.plain else f"[{text}: {kind}]"
            for text, kind in _parts(prediction, reading)
        )
        several = f"{reading.probability:.3f}  " if len(prediction.readings) > 1 else ""
        lines.append(f"{several}{_intent(prediction)}{' '.join(marked.split())}")
    return "\n".join(lines)


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


VIEWS: Mapping[str, Callable[[TagPrediction], str]] = {"text": line, "columns": columns, "html": page}


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


def _intent(prediction: TagPrediction) -> str:
    if not prediction.intents:
        return ""
    name, probability = prediction.intents[0]
    return f"{name} ({probability:.2f}): "


def _mark(text: str, kind: str) -> str:
    hue = zlib.crc32(kind.encode("utf-8", "surrogatepass")) % _HUES
    style = f"background: hsl({hue}, 80%, 85%); padding: 0 0.2em; border-radius: 0.2em"
    return f'<mark style="{style}">{_ascii(text)} <small>{_ascii(kind)}</small></mark>'


def _ascii(text: str) -> str:
    return html.escape(text).encode("ascii", "xmlcharrefreplace").decode()
