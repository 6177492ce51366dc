"""Sampling one stream, a character at a time: by elman's language model, and by the usual loop in torch.

Legend: V symbols.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

import torch
from torch import Tensor, nn

from elman.bench.jobs import Job
from elman.bench.weights import torch_lstm
from elman.data.vocabulary import EOS, UNKNOWN, CharacterVocabulary
from elman.tasks.language.config import LanguageConfig
from elman.tasks.language.model import LanguageModel

Choice = Callable[[Tensor], Tensor]
"""From scores (V,) to a symbol."""
ENDLESS = 10**9
CHECKED = 32
"""Symbols that are compared: the likeliest ones, as what is drawn depends on more than the model."""
NEVER = -1e9
FIRST_CHARACTER = 0x4E00


def sampling(job: Job, by_elman: bool) -> tuple[Callable[[], object], Callable[[], Mapping[str, Tensor]]]:
    """Returns what takes as many more symbols of a stream as the job has steps, and what gives the likeliest
    ones.

    The stream goes on from run to run, so that what it costs to begin one is not measured.
    """
    model = _model(job)
    if by_elman:
        stream = model.stream(length=ENDLESS)
        return (
            lambda: "".join(islice(stream, job.steps)),
            lambda: {"symbols": _codes(model, model.sample(length=CHECKED, temperature=0.0))},
        )
    recurrent = model.recurrent
    assert recurrent.embedding is not None
    layers = recurrent.embedding, torch_lstm(recurrent), model.projection
    loop = sample(*layers, draw)
    return (
        lambda: list(islice(loop, job.steps)),
        lambda: {"symbols": torch.tensor(list(islice(sample(*layers, torch.argmax), CHECKED)))},
    )


@torch.inference_mode()
def sample(table: nn.Embedding, layer: nn.LSTM, projection: nn.Linear, choose: Choice) -> Iterator[int]:
    """Yields symbols, each chosen by the scores that follow from those before it."""
    symbol, state = torch.tensor([[EOS]]), None
    while True:
        output, state = layer(table(symbol), state)
        symbol = choose(projection(output[0, 0])).view(1, 1)
        yield int(symbol)


def draw(scores: Tensor) -> Tensor:
    """Draws a symbol by its probability."""
    return torch.multinomial(scores.softmax(-1), 1)


def _model(job: Job) -> LanguageModel:
    characters = "".join(chr(FIRST_CHARACTER + i) for i in range(job.symbols - 2))
    config = LanguageConfig(job.cell, job.hidden, layers=1, embedding_size=job.inputs, dropout=0.0)
    model = LanguageModel(config, CharacterVocabulary(characters)).eval()
    with torch.no_grad():
        model.projection.bias[[UNKNOWN, EOS]] = NEVER  # elman never writes them
    return model


def _codes(model: LanguageModel, text: str) -> Tensor:
    return torch.from_numpy(model.vocabulary.encode(text))
