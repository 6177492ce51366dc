"""Sequences in the forms that a layer takes, and the one form in which it runs: rows, step by step, the
longest sequence first.

Legend: T steps, B sequences, N = Σ_t B_t rows, I size of a value. Forms: (T, B, I), (B, T, I) where
batch_first, unbatched (T, I), PackedSequence, padded with lengths; integers without the I are symbols.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from elman.core.errors import InputError


@dataclass(frozen=True)
class Rows:
    """The rows of a batch, and what it takes to give results the form that the input had."""

    data: Tensor
    """(N, I) values or (N,) symbols."""
    batch_sizes: tuple[int, ...]
    order: Tensor | None
    """The sequence at each place, where they were put in another order, the longest first."""
    packed: PackedSequence | None
    steps: int
    unbatched: bool
    batch_first: bool
    padded: bool

    @property
    def batch(self) -> int:
        """The number of sequences."""
        return self.batch_sizes[0]

    def restore(self, rows: Tensor) -> Tensor | PackedSequence:
        """Returns rows (N, ·) in the form of the input; padding is zero."""
        if self.packed is not None and not self.padded:
            return repacked(self.packed, rows)
        if self.packed is not None:
            return pad_packed_sequence(
                repacked(self.packed, rows), self.batch_first, total_length=self.steps
            )[0]
        value = rows.unflatten(0, (self.steps, self.batch))
        if self.unbatched:
            return value.squeeze(1)
        return value.transpose(0, 1) if self.batch_first else value

    def rows_of(self, values: Tensor) -> Tensor:
        """Returns values (T, B), or (B, T) where batch_first, as rows (N,)."""
        if self.unbatched:
            values = values.unsqueeze(1)
        elif self.batch_first:
            values = values.transpose(0, 1)
        if tuple(values.shape[:2]) != (self.steps, self.batch):
            raise InputError(
                f"resets must have a flag for every step of every sequence, ({self.steps}, {self.batch}), "
                f"not {tuple(values.shape)}"
            )
        if self.order is not None:
            values = values.index_select(1, self.order)
        return torch.cat([values[t, :size] for t, size in enumerate(self.batch_sizes)])

    def sorted(self, states: Tensor) -> Tensor:
        """Returns states (·, B, H) with the sequences in the order of the rows."""
        return states if self.order is None else states.index_select(-2, self.order)

    def unsorted(self, states: Tensor) -> Tensor:
        """Returns states (·, B, H) with the sequences in their own order again."""
        return states if self.order is None else states.index_select(-2, self.order.argsort())


def rows_of(x: Tensor | PackedSequence, batch_first: bool, lengths: Tensor | Sequence[int] | None) -> Rows:
    """Returns the rows of an input; InputError where its form is none that a layer takes."""
    if isinstance(x, PackedSequence):
        if lengths is not None:
            raise InputError("a PackedSequence has its own lengths: leave lengths out")
        sizes = tuple(x.batch_sizes.tolist())
        return Rows(x.data, sizes, x.sorted_indices, x, len(sizes), False, batch_first, False)
    symbols = not x.is_floating_point()
    dimensions = x.dim() + symbols
    if dimensions not in (2, 3):
        raise InputError(
            f"an input has the shape {'(T, B)' if symbols else '(T, B, I)'}, or without B; "
            f"not {tuple(x.shape)}"
        )
    unbatched = dimensions == 2
    batch_first = batch_first and not unbatched
    if unbatched:
        x = x.unsqueeze(1)
    if x.shape[1 if batch_first else 0] == 0:
        raise InputError("an input must have at least one step")
    if lengths is not None:
        return _padded(
            x, batch_first, unbatched, torch.as_tensor(lengths, dtype=torch.int64).reshape(-1).cpu()
        )
    if batch_first:
        x = x.transpose(0, 1)
    steps, batch = x.shape[:2]
    return Rows(x.flatten(0, 1), (batch,) * steps, None, None, steps, unbatched, batch_first, False)


def repacked(packed: PackedSequence, rows: Tensor) -> PackedSequence:
    """Returns a packed sequence with other values."""
    # traced, a PackedSequence comes back empty
    run: Any = torch.compiler.disable(_repacked) if torch.compiler.is_compiling() else _repacked
    return run(packed, rows)


def _repacked(packed: PackedSequence, rows: Tensor) -> PackedSequence:
    return packed._replace(data=rows)


def _padded(x: Tensor, batch_first: bool, unbatched: bool, lengths: Tensor) -> Rows:
    batch, steps = (x.shape[0], x.shape[1]) if batch_first else (x.shape[1], x.shape[0])
    if unbatched:
        raise InputError("lengths are for a batch of sequences: cut an unbatched input to its length instead")
    if len(lengths) != batch or int(lengths.min()) < 1 or int(lengths.max()) > steps:
        raise InputError(f"lengths must be {batch} numbers from 1 to {steps}, not {lengths.tolist()}")
    packed = pack_padded_sequence(x, lengths, batch_first, enforce_sorted=False)
    return Rows(
        packed.data,
        tuple(packed.batch_sizes.tolist()),
        packed.sorted_indices,
        packed,
        steps,
        False,
        batch_first,
        True,
    )
