"""The masks of a step, drawn: zoneout, recurrent dropout, resets.

Legend: T steps, B sequences, N rows (one for each step of each sequence, step by step), H units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from elman.nn.dropout import drawn
from elman.nn.locked import locked


@dataclass(frozen=True)
class Masks:
    """What masks are drawn from: the probabilities, whether the layer trains, where sequences begin anew."""

    zoneout: float
    dropout: float
    training: bool
    resets: Tensor | None
    """(N,) bool: the state is zero before this row."""

    def draw(
        self, kinds: Sequence[tuple[str, int]], batch_sizes: tuple[int, ...], like: Tensor
    ) -> tuple[Tensor, ...]:
        """Returns one mask (N, ·) for each mask of a step, given by its kind and its size."""
        return tuple(self._draw(kind, width, batch_sizes, like) for kind, width in kinds)

    def _draw(self, kind: str, width: int, batch_sizes: tuple[int, ...], like: Tensor) -> Tensor:
        rows = sum(batch_sizes)
        if kind == "reset":
            assert self.resets is not None
            return self.resets.to(like.dtype).unsqueeze(1)
        if kind == "zoneout":
            if self.training and self.zoneout:
                return drawn((rows, width), self.zoneout, like.device)[0].to(like.dtype)
            return like.new_full((1, width), self.zoneout).expand(rows, width)
        if not self.training or not self.dropout:
            return like.new_ones((1, width)).expand(rows, width)
        return locked(self.dropout, width, batch_sizes, like)
