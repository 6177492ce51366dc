"""What a trained model of dialogues is asked: answers, drawn from what it finds probable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import torch

from elman.data.vocabulary import EOS
from elman.nn.attention_decoder import Written
from elman.nn.beam import Hypothesis, Step, rows
from elman.nn.decode import Decoding
from elman.nn.sampling import sample
from elman.tasks.chat.config import PredictOptions
from elman.tasks.translate.predict import Search, Translation, evaluate, evaluate_file, translated
from elman.tasks.translate.vocabulary import PARTS

if TYPE_CHECKING:
    from elman.tasks.chat.data import ChatData
    from elman.tasks.chat.model import ChatModel

__all__ = ["demonstrate", "evaluate", "evaluate_file", "predictions", "together"]
_TRIES = 5
_EXCHANGES = 5


def together(turns: Iterable[str]) -> str:
    """Turns as one text."""
    return PARTS.join(turns)


def predictions(model: ChatModel, texts: Iterable[str], options: PredictOptions) -> Iterator[Translation]:
    """Answers to each text, whose turns are between tabs; of many, the last ones are read.

    Raises InputError for a blank text, or a very long one, and for an option out of range.
    """
    options.validate()
    last = (together(text.split(PARTS)[-model.config.context :]) for text in texts)
    yield from translated(model, last, drawing(options))


def drawing(options: PredictOptions) -> Search:
    """Answers drawn by the options of a prediction, the likeliest of them first, each once."""
    decoding = Decoding(options.temperature, options.top_k, options.top_p)
    draws = 1 if options.n_best == 1 or options.temperature == 0.0 else _TRIES * options.n_best

    def search(
        step: Step, state: Written, limits: list[int], forbidden: frozenset[int]
    ) -> list[list[Hypothesis]]:
        generator = torch.Generator().manual_seed(options.seed)
        each = torch.arange(len(limits)).repeat_interleave(draws)
        longest = [limit for limit in limits for _ in range(draws)]
        drawn = sample(step, rows(state, each), EOS, EOS, longest, decoding, generator, forbidden)
        # By symbols: the same ones in another row can differ in the last bits of their probability.
        several = ({one.symbols: one for one in drawn[b * draws :][:draws]} for b in range(len(limits)))
        return [sorted(some.values(), key=lambda one: -one.score)[: options.n_best] for some in several]

    return search


def demonstrate(model: ChatModel, data: ChatData, seed: int) -> str:
    """What a fresh model is shown off with: answers to held-out turns."""
    pairs = data.held_out[:_EXCHANGES]
    found = translated(model, [pair.source for pair in pairs], drawing(PredictOptions(seed=seed)))
    lines = ["Held-out turns, and what is answered:"]
    for pair, one in zip(pairs, found, strict=True):
        lines += ["", *(f"  – {turn}" for turn in pair.source.split(PARTS)), f"  → {one.candidates[0].text}"]
    return "\n".join(lines)
