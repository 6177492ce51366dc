"""What a time loop takes and leaves, whoever runs it.

Legend: B sequences, N rows: one for each step of each sequence, step by step.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Operands:
    """What a loop reads: values computed before it (N, ·), first states (B, ·), masks (N, ·), weights."""

    inputs: tuple[Tensor, ...]
    states: tuple[Tensor, ...]
    masks: tuple[Tensor, ...]
    params: tuple[Tensor, ...]


@dataclass(frozen=True)
class Results:
    """What a loop leaves: output (N, ·), last states (B, ·), the states after every step (N, ·) if asked for.

    saved: what the backward pass of the same loop takes, in its own form.
    """

    output: Tensor
    final: tuple[Tensor, ...]
    every: tuple[Tensor, ...]
    saved: tuple[Tensor, ...]

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """All that the caller of a loop sees."""
        return self.output, *self.final, *self.every

    def to(self, dtype: torch.dtype) -> Results:
        """All that the caller sees in a format."""
        final, every = (tuple(value.to(dtype) for value in some) for some in (self.final, self.every))
        return Results(self.output.to(dtype), final, every, self.saved)


@dataclass(frozen=True)
class OperandGradients:
    """∂E/∂ of each operand; None where it is zero."""

    inputs: tuple[Tensor | None, ...]
    states: tuple[Tensor, ...]
    params: tuple[Tensor | None, ...]
