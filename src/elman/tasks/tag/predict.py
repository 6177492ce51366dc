"""What a trained model that tags is asked: the tags of a text, the phrases in it, its intent; how good is it.

Legend of shapes: T tokens, B pieces of a text, K tags, N readings.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from elman.core.errors import InputError
from elman.data.conll import read_sentences
from elman.data.phrases import Phrase, phrases_of
from elman.data.places import places
from elman.data.segment import segment
from elman.tasks.tag.config import Format, PredictOptions
from elman.tasks.tag.data import NO_INTENT, TagBatch, batches_of, require_known, require_usable, side_by_side
from elman.tasks.tag.metrics import PhraseCounts, TagScore
from elman.tasks.tag.tokens import Lexicon
from elman.tasks.tag.view import VIEWS

if TYPE_CHECKING:
    from elman.tasks.tag.data import TagBatches, TagData
    from elman.tasks.tag.model import TagModel

_PIECE = 1024
_SHOWN = 5


@dataclass(frozen=True)
class Reading:
    """The tags of all tokens, p(tags | text), and the phrases that they mark, by tokens."""

    tags: tuple[str, ...]
    probability: float
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True)
class TagPrediction:
    """What a model makes of a text: its tokens, where each stands in it, readings from the most probable on,
    and the probability of each intent, from the highest on; none where the model knows no intents.
    """

    source: str
    tokens: tuple[str, ...]
    places: tuple[tuple[int, int], ...]
    readings: tuple[Reading, ...]
    intents: tuple[tuple[str, float], ...] = ()
    plain: bool = False
    """Whether tags mark no phrases."""
    format: Format = "text"

    @property
    def tags(self) -> tuple[str, ...]:
        """The most probable tags."""
        return self.readings[0].tags

    def place(self, phrase: Phrase) -> tuple[int, int]:
        """The first character of a phrase, and the one behind its last."""
        return self.places[phrase.start][0], self.places[phrase.stop - 1][1]

    def to_dict(self) -> dict[str, object]:
        """The prediction as JSON can hold it; start and stop count the characters of the text from 0."""
        found: dict[str, object] = {
            "tokens": list(self.tokens),
            "places": [list(place) for place in self.places],
            **self._read(self.readings[0]),
        }
        if self.intents:
            found |= {"intent": self.intents[0][0], "intents": dict(self.intents)}
        if len(self.readings) > 1:
            found["readings"] = [self._read(reading) for reading in self.readings]
        return found

    def text(self) -> str:
        """The prediction in the format that was asked for."""
        return VIEWS[self.format](self)

    def _read(self, reading: Reading) -> dict[str, object]:
        phrases = [(phrase, *self.place(phrase)) for phrase in reading.phrases]
        return {
            "tags": list(reading.tags),
            "probability": reading.probability,
            "phrases": [
                {"kind": phrase.kind, "text": self.source[start:stop], "start": start, "stop": stop}
                for phrase, start, stop in phrases
            ],
        }


def predictions(model: TagModel, texts: Iterable[str], options: PredictOptions) -> Iterator[TagPrediction]:
    """The readings of each raw text; raises InputError for one without a token."""
    return (tagged(model, text, options.n_best, options.format) for text in texts)


def tagged(
    model: TagModel, text: str | Sequence[str], n_best: int = 1, shown: Format = "text"
) -> TagPrediction:
    """The `n_best` most probable readings of a raw text, or of tokens as they are, and its intents.

    A text of more than 1,024 tokens is read in pieces of so many: memory does not grow with it. Its intent is
    that of the mean of what the pieces say. Raises InputError for a text without a token.
    """
    segments = model.config.segments
    if isinstance(text, str):
        source = text
        tokens = [token for token in segment(text, segments) if token.strip()]
        found = places(text, tokens, normalized=segments != "blank")
    else:
        source, tokens = " ".join(text), list(text)
        stops = np.cumsum([len(token) + 1 for token in tokens]) - 1
        found = [(int(stop) - len(token), int(stop)) for token, stop in zip(tokens, stops, strict=True)]
    if not tokens:
        raise InputError("an empty text has no tokens to tag")
    pieces = [
        _piece(model, tokens[start : start + _PIECE], n_best) for start in range(0, len(tokens), _PIECE)
    ]
    readings = [(log_p, model.vocabulary.written(tags)) for log_p, tags in _joined(pieces, n_best)]
    return TagPrediction(
        source,
        tuple(tokens),
        tuple(found),
        tuple(
            Reading(tuple(tags), math.exp(min(0.0, log_p)), _phrases(model, tags)) for log_p, tags in readings
        ),
        _intents(model, [piece.intents for piece in pieces]),
        model.vocabulary.scheme == "plain",
        shown,
    )


def evaluate(model: TagModel, data: TagData) -> TagScore:
    """The score of all validation sentences."""
    return _score(model, data.validation)


def evaluate_file(model: TagModel, path: Path) -> TagScore:
    """The score of tagged sentences; raises InputError where they cannot be read, where tags break the scheme
    of the model, and for a tag or an intent that training did not see.
    """
    config, vocabulary = model.config, model.vocabulary
    sentences = read_sentences(path, config.token_column, config.tag_column)
    require_usable(path, sentences, vocabulary.scheme, config.repair)
    require_known(path, sentences, vocabulary)
    return _score(model, batches_of(sentences, vocabulary, config))


def demonstrate(model: TagModel, data: TagData, seed: int) -> str:
    """What a fresh model is shown off with: sentences that it was not trained on, tagged."""
    order = np.random.default_rng(seed).permutation(len(data.examples))[:_SHOWN]
    shown = (tagged(model, data.examples[i].tokens).text() for i in order)
    return "\n".join(["Sentences that were not trained on:", "", *shown])


@dataclass(frozen=True)
class _Piece:
    """Readings of some tokens, each with ln p, in the tags of the network; ln p of the intents."""

    readings: list[tuple[float, list[str]]]
    intents: list[float]


@torch.inference_mode()
def _piece(model: TagModel, tokens: Sequence[str], n_best: int) -> _Piece:
    lexicon = Lexicon(model.vocabulary, model.config)
    numbers = lexicon.numbers(tokens)
    batch = side_by_side(lexicon, [numbers], [np.zeros_like(numbers)], [NO_INTENT]).to(model.device)
    with _evaluating(model):
        scores_TBK, intents = model(batch)
    paths_NTB, log_p_NB = model.crf.best(scores_TBK, batch.lengths, n_best)
    names = model.vocabulary.tags.names
    readings = [
        (log_p, [names[k] for k in path])
        for log_p, path in zip(log_p_NB[:, 0].tolist(), paths_NTB[:, :, 0].tolist(), strict=True)
        if log_p > -math.inf
    ]
    return _Piece(readings, [] if intents is None else intents[0].log_softmax(-1).tolist())


def _joined(pieces: Sequence[_Piece], n_best: int) -> list[tuple[float, list[str]]]:
    """The best readings of pieces side by side, which do not depend on each other."""
    best: list[tuple[float, list[str]]] = [(0.0, [])]
    for piece in pieces:
        both = ((log_p + more, [*tags, *next]) for log_p, tags in best for more, next in piece.readings)
        best = heapq.nlargest(n_best, both, key=lambda reading: reading[0])
    return best


@contextmanager
def _evaluating(model: TagModel) -> Iterator[None]:
    """Without dropout, whatever mode the model is in."""
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)


def _phrases(model: TagModel, tags: Sequence[str]) -> tuple[Phrase, ...]:
    return () if model.vocabulary.scheme == "plain" else tuple(phrases_of(tags))


def _intents(model: TagModel, log_p: Sequence[Sequence[float]]) -> tuple[tuple[str, float], ...]:
    """The probabilities of the intents, from the highest on."""
    if model.vocabulary.intents is None:
        return ()
    mean = torch.tensor(log_p).mean(0).softmax(-1).tolist()
    return tuple(sorted(zip(model.vocabulary.intents.names, mean, strict=True), key=lambda named: -named[1]))


@torch.inference_mode()
def _score(model: TagModel, batches: TagBatches) -> TagScore:
    vocabulary = model.vocabulary
    phrases = None if vocabulary.scheme == "plain" else PhraseCounts()
    score = TagScore(phrases, vocabulary.intents is not None)
    with _evaluating(model):
        for batch in batches.epoch(0):
            _add(model, batch.to(model.device), score)
    return score


def _add(model: TagModel, batch: TagBatch, score: TagScore) -> None:
    scores_TBK, intents = model(batch)
    score.nats += float(model.nats(scores_TBK, intents, batch))
    paths_TB = model.crf.best(scores_TBK, batch.lengths)[0][0]
    names = model.vocabulary.tags.names
    for b, length in enumerate(batch.lengths.tolist()):
        own, found = (
            model.vocabulary.written([names[k] for k in tags_TB[:length, b].tolist()])
            for tags_TB in (batch.tags, paths_TB)
        )
        score.add(own, found)
    if intents is not None:
        score.right_intents += int((intents.argmax(-1) == batch.intents).sum())
