"""What vectors of words are asked, in a line each:

king                     the words most like it; of several words, like their mean
man : woman = king       what is to king as woman is to man
breakfast, lunch, cat    which of them fits least
a cat | the dog          how like two texts are
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from elman.core.errors import InputError
from elman.tasks.embed.config import PredictOptions
from elman.tasks.embed.metrics import Analogies, Pairs, spearman
from elman.tasks.embed.questions import Pair, Question, read_questions

if TYPE_CHECKING:
    from elman.tasks.embed.data import EmbedData
    from elman.tasks.embed.model import EmbedModel, Found

_AT_ONCE = 256
_SHOWN, _SHOWN_NEAREST = 5, 6
_OFTEN = slice(100, 1000)


@dataclass(frozen=True)
class WordsFound:
    """An answer in words, each with its likeness."""

    words: Found

    def to_dict(self) -> dict[str, object]:
        return {"words": [{"word": word, "likeness": likeness} for word, likeness in self.words]}

    def text(self) -> str:
        return "  ".join(f"{word} {likeness:.3f}" for word, likeness in self.words)


@dataclass(frozen=True)
class Likeness:
    """How like two texts are, from -1 to 1."""

    likeness: float

    def to_dict(self) -> dict[str, object]:
        return {"likeness": self.likeness}

    def text(self) -> str:
        return f"{self.likeness:.4f}"


def predictions(
    model: EmbedModel, texts: Iterable[str], options: PredictOptions
) -> Iterator[WordsFound | Likeness]:
    """The answer to each question; raises InputError for a word without a vector, and for half a question."""
    return (_answer(model, text, options.number) for text in texts)


def _answer(model: EmbedModel, text: str, number: int) -> WordsFound | Likeness:
    if "=" in text:
        parts = [part.strip() for part in re.split("[:=]", text)]
        if len(parts) != 3 or not all(parts):
            raise InputError(f"{text!r} is no question; an analogy is a : b = c")
        return WordsFound(model.analogy(parts[0], parts[1], parts[2], number))
    if "|" in text:
        first, _, second = text.partition("|")
        return Likeness(model.similarity(first, second))
    if "," in text and text.strip(" ,"):
        return WordsFound(model.odd_one_out([word.strip() for word in text.split(",") if word.strip()]))
    return WordsFound(model.nearest(text, number))


def evaluate_file(model: EmbedModel, path: Path) -> Analogies | Pairs:
    """How well the vectors answer a file of analogies, or how they agree with a file of pairs of words.

    Capital letters are read as small ones: of words that differ in nothing else the most frequent counts.
    Raises InputError for a file of neither form, and where all of it is about words without a vector.
    """
    rows: dict[str, int] = {}
    for row, word in enumerate(model.words):
        rows.setdefault(word.lower(), row)
    questions = read_questions(path)
    first = questions[0]
    known = [q for q in questions if all(word.lower() in rows for word in q.words)]
    if not known:
        raise InputError(f"{path}: each line has a word without a vector, such as {', '.join(first.words)}")
    unknown = len(questions) - len(known)
    if isinstance(first, Pair):
        return _pairs(model, [q for q in known if isinstance(q, Pair)], rows, unknown)
    return _analogies(model, [q for q in known if isinstance(q, Question)], rows, unknown)


def _pairs(model: EmbedModel, pairs: list[Pair], rows: dict[str, int], unknown: int) -> Pairs:
    places = np.array([[rows[word.lower()] for word in pair.words] for pair in pairs])
    likeness = np.einsum("nd,nd->n", *(model.directions[places[:, i]] for i in range(2)))
    judged = np.array([pair.judged for pair in pairs])
    return Pairs(spearman(likeness.astype(np.float64), judged), len(pairs), unknown)


def _analogies(model: EmbedModel, questions: list[Question], rows: dict[str, int], unknown: int) -> Analogies:
    """Words are compared as small letters; those that a question names are no answer to it."""
    directions = model.directions
    same = np.array([rows[word.lower()] for word in model.words])  # for each word, that which counts for it
    places = np.array([[rows[word.lower()] for word in question.words] for question in questions])
    right: list[bool] = []
    for start in range(0, len(places), _AT_ONCE):
        a, b, c, d = places[start : start + _AT_ONCE].T
        likeness = (directions[b] - directions[a] + directions[c]) @ directions.T
        for given in (a, b, c):
            likeness[same == given[:, None]] = -np.inf
        right += (same[likeness.argmax(axis=1)] == d).tolist()
    sections: dict[str, tuple[int, int]] = {}
    for question, is_right in zip(questions, right, strict=True):
        before, asked = sections.get(question.section, (0, 0))
        sections[question.section] = before + is_right, asked + 1
    return Analogies(sections, unknown)


def demonstrate(model: EmbedModel, data: EmbedData, seed: int) -> str:
    """What fresh vectors are shown off with: words that are neither rare nor everywhere, with the nearest."""
    words = model.words[_OFTEN] or model.words
    chosen = np.random.default_rng(seed).permutation(len(words))[:_SHOWN]
    lines = []
    for place in sorted(chosen.tolist()):
        near = model.nearest(words[place], _SHOWN_NEAREST)
        lines.append(f"  {words[place]}: {', '.join(word for word, _ in near)}")
    return "\n".join(["Words, each with those most like it:", *lines])
