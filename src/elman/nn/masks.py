"""The masks of a step, drawn: zoneout, recurrent dropout, resets.

Legend: T steps, B sequences, N rows (one for each step of each sequence, step by step), H units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from elman.core.ir import Node
from elman.run.layout import Layout


@dataclass(frozen=True)
class Masks:
    """What masks are drawn from: the probabilities, whether the layer trains, where sequences begin anew."""

    zoneout: float
    dropout: float
    training: bool
    resets: Tensor | None
    """(N,) bool: the state is zero before this row."""

    def draw(
        self, nodes: tuple[Node, ...], layout: Layout, sizes: Mapping[str, int], like: Tensor
    ) -> tuple[Tensor, ...]:
        """Returns one mask (N, ·) for each mask of a step."""
        return tuple(
            self._draw(str(node.attribute("kind")), sizes.get(node.shape[1], 1), layout, like)
            for node in nodes
        )

    def _draw(self, kind: str, width: int, layout: Layout, like: Tensor) -> Tensor:
        rows = sum(layout.batch_sizes)
        if kind == "reset":
            assert self.resets is not None
            return self.resets.to(like.dtype).unsqueeze(1)
        if kind == "zoneout":
            if self.training and self.zoneout:
                return torch.empty(rows, width, dtype=like.dtype, device=like.device).bernoulli_(self.zoneout)
            return like.new_full((1, width), self.zoneout).expand(rows, width)
        keep = 1.0 - self.dropout if self.training else 1.0
        if keep == 1.0:
            return like.new_ones((1, width)).expand(rows, width)
        batch = max(layout.batch_sizes)
        once = torch.empty(batch, width, dtype=like.dtype, device=like.device).bernoulli_(keep) / keep
        return torch.cat([once[:size] for size in layout.batch_sizes])
