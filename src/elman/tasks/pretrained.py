"""Symbols that begin with vectors from a file: word2vec, GloVe or fastText."""

from collections.abc import Collection
from pathlib import Path

import torch
from torch import Tensor, nn

from elman.core.errors import InputError
from elman.data.vectors import Vectors, read_vectors
from elman.data.vocabulary import EOS, Vocabulary

_SMALLEST = 1e-6


def vectors_for(path: str | None, symbols: Collection[str], size: int | None) -> Vectors | None:
    """The vectors that a file has for some symbols; None without a file.

    Raises InputError as `read_vectors` does, and for vectors of another size than asked for.
    """
    if path is None:
        return None
    vectors = read_vectors(path, symbols)
    if size not in (None, vectors.size):
        raise InputError(
            f"{path}: its vectors have {vectors.size} numbers and embedding_size is {size}; "
            f"give embedding_size {vectors.size}"
        )
    return vectors


def described(vectors: Vectors, path: str | None, total: int, unit: str) -> str:
    """How many of all symbols begin with a vector."""
    return f"{len(vectors):,} of {total:,} {unit} begin with a vector of {Path(path or '').name}"


@torch.no_grad()
def begin(rows: Tensor, std: float, symbols: Vocabulary, vectors: Vectors | None) -> None:
    """Set the rows (V, D) of symbols: drawn with a standard deviation, and of those that have a vector, that,
    all of them scaled so that the root of their mean square is the same.
    """
    nn.init.normal_(rows, std=std)
    if vectors is None or not len(vectors):
        return
    numbers = torch.from_numpy(symbols.numbers(vectors.words))
    known = numbers > EOS
    given = torch.from_numpy(vectors.matrix)
    scale = std / max(float(given.square().mean().sqrt()), _SMALLEST)
    rows[numbers[known]] = given[known].to(rows) * scale
