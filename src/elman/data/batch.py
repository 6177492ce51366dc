"""The one type of a batch of sequences, and what hands batches to training.

Legend of shapes: T time steps, B sequences.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, Self

import torch
from torch import Tensor


class Batch(Protocol):
    """What training knows of a batch: how many targets count, whether the state before it is carried over."""

    @property
    def symbols(self) -> int: ...

    @property
    def continues(self) -> bool: ...

    def to(self, device: torch.device | str) -> "Batch": ...


@dataclass(frozen=True)
class SequenceBatch:
    """B sequences of at most T symbols, and the symbol to be predicted after each.

    inputs and targets are (T, B) int64. lengths (B,) says how many targets of each sequence count; None means
    all T. continues says that the state after the batch before is the state before this one.
    """

    inputs: Tensor
    targets: Tensor
    lengths: Tensor | None = None
    continues: bool = False

    @property
    def symbols(self) -> int:
        """How many targets count."""
        return self.targets.numel() if self.lengths is None else int(self.lengths.sum())

    def mask(self) -> Tensor:
        """True where a target counts: (T, B) bool."""
        steps, sequences = self.targets.shape
        if self.lengths is None:
            return self.targets.new_ones((steps, sequences), dtype=torch.bool)
        return torch.arange(steps, device=self.lengths.device)[:, None] < self.lengths

    def to(self, device: torch.device | str) -> "SequenceBatch":
        """The same batch on another device."""
        lengths = None if self.lengths is None else self.lengths.to(device)
        return SequenceBatch(self.inputs.to(device), self.targets.to(device), lengths, self.continues)


class Batches(Protocol):
    """A part of the data in batches: as many every epoch, in an order that depends on the epoch's number."""

    def __len__(self) -> int: ...

    def epoch(self, number: int, start: int = 0) -> Iterator[Any]:
        """The batches of an epoch from number `start` on, none before that being made."""
        ...

    def shard(self, rank: int, world: int) -> Self:
        """The part of every batch that one of several processes reads; all have as many batches."""
        ...
