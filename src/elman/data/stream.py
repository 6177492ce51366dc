"""Contiguous streams for truncated backpropagation through time.

The text is cut into B streams of equal length that are read side by side, T symbols at a time. The state at
the end of a window is the state at the start of the next; the gradient stops between them
(Williams & Peng 1990).

Legend of shapes: T time steps, B sequences.
"""

import copy
import math
from collections.abc import Iterator
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from elman.data.batch import SequenceBatch
from elman.data.symbols import Symbols
from elman.data.vocabulary import EOS

_SHORTEST, _LONGEST, _MULTIPLE = 32, 128, 8


class StreamBatches:
    """Windows of T symbols over B streams of a text; every symbol is a target exactly once an epoch.

    The first input of a stream is `<eos>`. The last window is as long as what remains; where the streams are
    not equally long, its lengths say so. symbols are int64, and read window by window.
    """

    def __init__(self, symbols: Symbols | NDArray[np.int64], batch_size: int, sequence_length: int) -> None:
        self.sequence_length = sequence_length
        self._symbols = symbols
        least, longer = divmod(len(symbols), batch_size)
        self._sizes_B = least + (np.arange(batch_size) < longer)
        self._starts_B = np.cumsum(self._sizes_B) - self._sizes_B
        self._longest = least + bool(longer)

    def __len__(self) -> int:
        return -(-self._longest // self.sequence_length)

    def epoch(self, number: int, start: int = 0) -> Iterator[SequenceBatch]:
        """The windows from number `start` on, in the order of the text; every epoch is the same."""
        return map(self._window, range(start, len(self)))

    def shard(self, rank: int, world: int) -> Self:
        """The streams that one of `world` processes reads, in as many windows as the others.

        The last window may count no symbol; where no stream is left for a process, none of its windows does.
        """
        part = copy.copy(self)
        if rank < len(self._sizes_B):
            part._sizes_B, part._starts_B = self._sizes_B[rank::world], self._starts_B[rank::world]
        else:
            part._sizes_B = part._starts_B = np.zeros(1, np.int64)
        return part

    def _window(self, number: int) -> SequenceBatch:
        start = number * self.sequence_length
        steps = min(self.sequence_length, self._longest - start)
        # One step more than the window has: its inputs begin with the last target before it.
        step_T1 = np.arange(start - 1, start + steps)[:, None]
        place_TB = np.clip(self._starts_B + step_T1, 0, len(self._symbols) - 1)
        outside_TB = (step_T1 < 0) | (step_T1 >= self._sizes_B)
        symbols_TB = torch.from_numpy(np.where(outside_TB, EOS, self._symbols[place_TB]))
        lengths_B = np.clip(self._sizes_B - start, 0, steps)
        uneven = bool((lengths_B < steps).any())
        lengths = torch.from_numpy(lengths_B) if uneven else None
        return SequenceBatch(symbols_TB[:-1], symbols_TB[1:], lengths, continues=number > 0)


def fitting_batch(symbols: int, batch_size: int, sequence_length: int) -> tuple[int, int]:
    """The batch size and window, no larger than asked, with which no stream is shorter than it must be.

    A text of fewer than batch_size · sequence_length symbols is read in one window.
    """
    sequence_length = min(sequence_length, symbols)
    return min(batch_size, -(-symbols // sequence_length)), sequence_length


def line_length(symbols: int, lines: int) -> int:
    """A window for a text of so many lines: their mean length, up to a multiple of 8, from 32 to 128."""
    mean = symbols / max(1, lines)
    return min(_LONGEST, max(_SHORTEST, _MULTIPLE * math.ceil(mean / _MULTIPLE)))
