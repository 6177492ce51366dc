"""What a trained translator is asked: translations, and how good they are.

Legend of shapes: T steps of a target, S places of a source, N rows (beginnings of targets), V symbols.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from elman.core.errors import InputError
from elman.data.buckets import padded
from elman.data.vocabulary import EOS, EOS_WORD, UNKNOWN
from elman.nn.attention_decoder import Written
from elman.nn.beam import Beam, Hypothesis, Step, rows
from elman.tasks.translate.config import PredictOptions
from elman.tasks.translate.data import PairBatches, TranslateData, normal
from elman.tasks.translate.metrics import Score, score
from elman.tasks.translate.picture import draw_attention

if TYPE_CHECKING:
    from elman.data.pairs import Pair
    from elman.tasks.translate.model import TranslateModel

_LONGEST = 2_000
_TOGETHER = 64
_SHOWN = 3
_EXCERPT = 30
Search = Callable[[Step, Written, list[int], frozenset[int]], list[list[Hypothesis]]]
"""From a step, the state before the first, the longest length for each source and the symbols that are never
written, to the hypotheses of each source.
"""


@dataclass(frozen=True)
class Candidate:
    """A translation, Σ ln p of its symbols and its end, and by what it is judged."""

    text: str
    log_prob: float
    score: float


@dataclass(frozen=True)
class Translation:
    """The best candidates, the best first; and of that one its symbols, those of the source, and what
    attention was at as each was written: weights (T, S).
    """

    candidates: tuple[Candidate, ...]
    source: tuple[str, ...]
    target: tuple[str, ...]
    attention: NDArray[np.float32]

    @property
    def alignment(self) -> list[int]:
        """For each symbol of the best candidate, the place in the source with most attention."""
        return self.attention[: len(self.target)].argmax(1).tolist()

    def to_dict(self) -> dict[str, object]:
        """The translations as JSON can hold them."""
        return {
            "text": self.candidates[0].text,
            "n_best": [
                {"text": one.text, "log_prob": one.log_prob, "score": one.score} for one in self.candidates
            ],
            "source": list(self.source),
            "target": list(self.target),
            "alignment": self.alignment,
        }

    def text(self) -> str:
        """The best; of several, each in a line, behind its score."""
        if len(self.candidates) == 1:
            return self.candidates[0].text
        return "\n".join(f"{one.score:.4f}\t{one.text}" for one in self.candidates)

    def draw(self, path: str | Path) -> None:
        """Write a PNG of the attention; raises InputError when that fails."""
        draw_attention(Path(path), self.source, (*self.target, EOS_WORD), self.attention)


def predictions(
    model: TranslateModel, texts: Iterable[str], options: PredictOptions
) -> Iterator[Translation]:
    """The translation of each text, some texts at a time.

    Raises InputError for a blank text, or a very long one, and for an option out of range.
    """
    options.validate()
    for found in translated(model, texts, searching(options), options.copy_unknown):
        if options.picture is not None:
            found.draw(options.picture)
        yield found


def searching(options: PredictOptions) -> Search:
    """Beam search by the options of a prediction."""
    beam = Beam(options.beam, options.n_best, options.length_penalty, options.block_ngram)
    return lambda step, state, limits, forbidden: beam.search(step, state, EOS, EOS, limits, forbidden)


def translated(
    model: TranslateModel, texts: Iterable[str], search: Search, copy_unknown: bool = True
) -> Iterator[Translation]:
    """What a search makes of each text, some texts at a time; raises InputError as `predictions` does."""
    remaining = iter(texts)
    while some := tuple(itertools.islice(remaining, _TOGETHER)):
        yield from _together(model, some, search, copy_unknown)


@torch.inference_mode()
def _together(
    model: TranslateModel, texts: Sequence[str], search: Search, copy_unknown: bool
) -> list[Translation]:
    texts = [normal(text) for text in texts]
    sources = [_read(model, text) for text in texts]
    start = _start(model, sources)
    side = model.vocabulary.target
    copies = copy_unknown and side.writes_unknown
    limits = [model.longest_target(len(source)) for source in sources]
    found = search(_step(model), start, limits, frozenset(() if copies else (UNKNOWN,)))
    owners = [b for b, several in enumerate(found) for _ in several]
    attention_NTS = _attention(model, start, owners, [one for several in found for one in several])
    made: list[Translation] = []
    attentions = iter(attention_NTS)
    for text, source, several in zip(texts, sources, found, strict=True):
        read = model.vocabulary.read_symbols(text)
        spelled = [
            (_spelled(model, one.symbols, read, weights), weights[: len(one.symbols) + 1, : len(source)])
            for one, weights in zip(several, attentions, strict=False)
        ]
        candidates = [
            Candidate(side.text(symbols), one.log_prob, one.score)
            for one, (symbols, _) in zip(several, spelled, strict=True)
        ]
        best, weights = spelled[0]
        made.append(Translation(tuple(candidates), tuple(read), tuple(best), weights))
    return made


def _spelled(
    model: TranslateModel, ids: Sequence[int], read: Sequence[str], weights_TS: NDArray[np.float32]
) -> list[str]:
    """The symbols of some numbers; for an unknown one, that of the source with most attention."""
    ends = np.array([symbol == EOS_WORD for symbol in read])
    words = model.vocabulary.target.spelled(ids)
    if ends.all():
        return words
    places: list[int] = np.where(ends, -1.0, weights_TS[:, : len(read)]).argmax(1).tolist()
    return [
        read[places[t]] if symbol == UNKNOWN else word
        for t, (symbol, word) in enumerate(zip(ids, words, strict=True))
    ]


def _read(model: TranslateModel, text: str) -> NDArray[np.int64]:
    """The numbers of a text; raises InputError when it is blank or very long."""
    if not text.strip():
        raise InputError("a blank text: there is nothing to answer to; give at least one symbol")
    numbers = model.vocabulary.read(text)
    if len(numbers) > _LONGEST:
        raise InputError(
            f"the text {text[:_EXCERPT]!r}… has {len(numbers):,} symbols and the limit is {_LONGEST:,}; "
            "give it sentence by sentence"
        )
    return numbers


def _start(model: TranslateModel, sources: Sequence[NDArray[np.int64]]) -> Written:
    lengths = torch.tensor([len(source) for source in sources])
    sources_SB = torch.from_numpy(padded(sources, EOS))
    return model.encode(sources_SB.to(model.device), lengths.to(model.device))


def _step(model: TranslateModel) -> Step:
    def step(symbols_N: Tensor, state: Any) -> tuple[Tensor, Any]:
        output_1NE, _, after = model.decoder(symbols_N[None].to(model.device), Written(*state))
        return model.projection(output_1NE[0]), after

    return step


def _attention(
    model: TranslateModel, start: Written, owners: Sequence[int], found: Sequence[Hypothesis]
) -> NDArray[np.float32]:
    """The attention of each hypothesis of each source as it is written, the end included: (N, T, S)."""
    inputs_TN = torch.from_numpy(padded([np.array([EOS, *one.symbols]) for one in found], EOS))
    state = Written(*rows(start, torch.tensor(owners)))
    _, weights_TNS, _ = model.decoder(inputs_TN.to(model.device), state)
    return weights_TNS.transpose(0, 1).float().cpu().numpy()


def evaluate(model: TranslateModel, data: TranslateData) -> Score:
    """The score of the whole validation part, translated by beam search."""
    return _score(model, data.held_out)


def evaluate_file(model: TranslateModel, path: Path) -> Score:
    """The score of a file of pairs; where the model was trained on two files, the targets are in the one
    beside it (`elman.data.pairs.beside`). Raises InputError when it cannot be read.
    """
    return _score(model, model.data_class.other_pairs(path, model.config))


def _score(model: TranslateModel, pairs: Sequence[Pair]) -> Score:
    # By length, so that texts that are translated together need about as many steps.
    pairs = sorted(pairs, key=lambda pair: len(pair.source))
    found = translated(model, [pair.source for pair in pairs], searching(PredictOptions()))
    references = [pair.target for pair in pairs]
    texts = [one.candidates[0].text for one in found]
    nats, symbols = _nats(model, pairs)
    return score(texts, references, nats, symbols, model.config.lower)


@torch.inference_mode()
def _nats(model: TranslateModel, pairs: Sequence[Pair]) -> tuple[float, int]:
    """-Σ ln p of the targets and their ends, and how many these are."""
    sources = [model.vocabulary.read(pair.source) for pair in pairs]
    targets = [model.vocabulary.target.encode(pair.target) for pair in pairs]
    nats, symbols = 0.0, 0
    for batch in PairBatches(sources, targets, model.config.batch_size).epoch(0):
        nats += float(model.loss(batch.to(model.device))[0])
        symbols += batch.symbols
    return nats, symbols


def demonstrate(model: TranslateModel, data: TranslateData, seed: int) -> str:
    """What a fresh model is shown off with: translations of held-out texts, beside those of people."""
    order = np.random.default_rng(seed).permutation(len(data.held_out))[:_SHOWN]
    pairs = [data.held_out[i] for i in order]
    found = translated(model, [pair.source for pair in pairs], searching(PredictOptions()))
    lines = ["Held-out texts, what is found for them, and what it was to be:"]
    for pair, one in zip(pairs, found, strict=True):
        lines += ["", f"  {pair.source}", f"  → {one.candidates[0].text}", f"  = {pair.target}"]
    return "\n".join(lines)
