"""The lines of a text, and batches of separate lines, each to be predicted symbol by symbol."""

from collections.abc import Sequence
from typing import overload

import numpy as np
import torch
from numpy.typing import NDArray

from elman.data.batch import SequenceBatch
from elman.data.buckets import LengthBatches, padded
from elman.data.symbols import Symbols
from elman.data.vocabulary import EOS, UNKNOWN, Vocabulary

_BLOCK = 1 << 20


class Lines(Sequence[NDArray[np.int64]]):
    """The lines of a text without their ends and without the empty ones, read when they are asked for.

    A line of more than `longest` symbols is cut into several.
    """

    def __init__(self, symbols: Symbols | NDArray[np.int64], vocabulary: Vocabulary, longest: int) -> None:
        self._symbols = symbols
        (end,) = vocabulary.encode("\n").tolist()
        found = [np.zeros(0, np.int64)]
        if end != UNKNOWN:
            found += [
                start + np.flatnonzero(symbols[start : start + _BLOCK] == end)
                for start in range(0, len(symbols), _BLOCK)
            ]
        ends = np.append(np.concatenate(found), len(symbols))
        starts = np.append(0, ends[:-1] + 1)
        parts = -(-(ends - starts) // longest)
        first = np.cumsum(parts) - parts
        within = np.arange(parts.sum()) - np.repeat(first, parts)
        self._starts = np.repeat(starts, parts) + within * longest
        self.sizes = np.minimum(np.repeat(ends, parts) - self._starts, longest)

    def __len__(self) -> int:
        return len(self.sizes)

    @overload
    def __getitem__(self, index: int) -> NDArray[np.int64]: ...
    @overload
    def __getitem__(self, index: slice) -> "list[NDArray[np.int64]]": ...
    def __getitem__(self, index: int | slice) -> "NDArray[np.int64] | list[NDArray[np.int64]]":
        if isinstance(index, slice):
            return [self[i] for i in range(len(self))[index]]
        return self._symbols[self._starts[index] : self._starts[index] + self.sizes[index]]


class LineBatches(LengthBatches[SequenceBatch]):
    """Lines in batches of B: inputs `<eos> n a m e`, targets `n a m e <eos>`, padded with `<eos>`.

    Seeded or not as all batches by length are.
    """

    def __init__(self, lines: Sequence[NDArray[np.int64]], batch_size: int, seed: int | None = None) -> None:
        sizes = lines.sizes if isinstance(lines, Lines) else np.array([len(line) for line in lines], np.int64)
        super().__init__(sizes + 1, batch_size, self._batch, seed)
        self._lines = lines

    def _batch(self, chosen: NDArray[np.intp]) -> SequenceBatch:
        if not len(chosen):
            nothing = torch.full((1, 1), EOS)
            return SequenceBatch(nothing, nothing, torch.zeros(1, dtype=torch.int64))
        lines = [self._lines[i] for i in chosen]
        framed = torch.from_numpy(padded([np.pad(line, 1, constant_values=EOS) for line in lines], EOS))
        lengths = torch.tensor([len(line) + 1 for line in lines])
        return SequenceBatch(framed[:-1], framed[1:], lengths)
