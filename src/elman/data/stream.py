"""Contiguous streams for truncated backpropagation through time.

The text is cut into B streams of equal length that are read side by side, T symbols at a time. The state at
the end of a window is the state at the start of the next; the gradient stops between them
(Williams & Peng 1990).
"""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from elman.data.batch import SequenceBatch
from elman.data.vocabulary import EOS


class StreamBatches:
    """Windows of T symbols over B streams of a text; every symbol is a target exactly once an epoch.

    The first input of a stream is `<eos>`. The last window is as long as what remains; where the streams are
    not equally long, its lengths say so.
    """

    def __init__(self, symbols: NDArray[np.int64], batch_size: int, sequence_length: int) -> None:
        streams = np.array_split(symbols, batch_size)
        self.sequence_length = sequence_length
        self._lengths_B = torch.tensor([len(stream) for stream in streams])
        targets = np.full((len(streams[0]), batch_size), EOS, dtype=np.int64)
        for b, stream in enumerate(streams):
            targets[: len(stream), b] = stream
        self._targets = torch.from_numpy(targets)
        self._inputs = torch.cat([torch.full((1, batch_size), EOS), self._targets[:-1]])

    def __len__(self) -> int:
        return -(-len(self._targets) // self.sequence_length)

    def epoch(self, number: int) -> Iterator[SequenceBatch]:
        """The windows in the order of the text; every epoch is the same."""
        for start in range(0, len(self._targets), self.sequence_length):
            window = slice(start, start + self.sequence_length)
            targets = self._targets[window]
            lengths = (self._lengths_B - start).clamp(max=len(targets))
            uneven = bool((lengths < len(targets)).any())
            yield SequenceBatch(
                self._inputs[window], targets, lengths if uneven else None, continues=start > 0
            )


def fitting_batch(symbols: int, batch_size: int, sequence_length: int) -> tuple[int, int]:
    """The batch size and window, no larger than asked, with which no stream is shorter than it must be.

    A text of fewer than batch_size · sequence_length symbols is read in one window.
    """
    sequence_length = min(sequence_length, symbols)
    return min(batch_size, -(-symbols // sequence_length)), sequence_length
