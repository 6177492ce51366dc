"""What a trained model of names is asked: how good is it, and which names does it invent."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from elman.data.lines import LineBatches
from elman.data.text import read_lines
from elman.tasks.language.metrics import Score, negative_log_likelihood
from elman.tasks.language.predict import read

if TYPE_CHECKING:
    from elman.tasks.names.data import NamesData
    from elman.tasks.names.model import NamesModel

SAMPLES = 10
_TRIES_PER_NAME = 100


def evaluate(model: NamesModel, data: NamesData) -> Score:
    """The score of all validation names together, each with its `<eos>`."""
    return _score(model, data.validation)


def evaluate_file(model: NamesModel, path: Path) -> Score:
    """The score of all names of a file, a line each; raises InputError when it cannot be read."""
    names = [model.vocabulary.encode_with_warning(name) for name in sorted(set(read_lines(path)))]
    return _score(model, LineBatches(names, model.config.batch_size))


@torch.inference_mode()
def _score(model: NamesModel, names: LineBatches) -> Score:
    log_prob = 0.0
    symbols = 0
    for batch in names.epoch(0):
        batch = batch.to(model.device)
        scores_TBV, _ = read(model, batch.inputs)
        log_prob -= float(negative_log_likelihood(scores_TBV, batch))
        symbols += batch.symbols
    return Score(log_prob, symbols, model.vocabulary.kind, symbols)


def invent(model: NamesModel, known: Collection[str], number: int, seed: int) -> list[str]:
    """Up to `number` different names that are not among the known; fewer when the model finds no more."""
    names: list[str] = []
    for attempt in range(number * _TRIES_PER_NAME):
        name = model.sample(seed=seed + attempt)
        if name and name not in known and name not in names:
            names.append(name)
        if len(names) == number:
            break
    return names


def demonstrate(model: NamesModel, data: NamesData, seed: int) -> str:
    """What a fresh model is shown off with: names that it invents."""
    names = invent(model, data.names, SAMPLES, seed)
    return "\n".join([f"{len(names)} invented names, none of them in the list:", *(f"  {n}" for n in names)])
