"""Batches of separate lines, each to be predicted symbol by symbol."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from elman.data.batch import SequenceBatch
from elman.data.buckets import LengthBatches, padded
from elman.data.vocabulary import EOS


class LineBatches(LengthBatches[SequenceBatch]):
    """Lines in batches of B: inputs `<eos> n a m e`, targets `n a m e <eos>`, padded with `<eos>`.

    Seeded or not as all batches by length are.
    """

    def __init__(self, lines: Sequence[NDArray[np.int64]], batch_size: int, seed: int | None = None) -> None:
        super().__init__([len(line) for line in lines], batch_size, self._batch, seed)
        self._lines = lines

    def _batch(self, chosen: NDArray[np.intp]) -> SequenceBatch:
        if not len(chosen):
            nothing = torch.full((1, 1), EOS)
            return SequenceBatch(nothing, nothing, torch.zeros(1, dtype=torch.int64))
        lines = [self._lines[i] for i in chosen]
        framed = torch.from_numpy(padded([np.pad(line, 1, constant_values=EOS) for line in lines], EOS))
        lengths = torch.tensor([len(line) + 1 for line in lines])
        return SequenceBatch(framed[:-1], framed[1:], lengths)
