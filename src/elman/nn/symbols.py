"""Integers as the input of a recurrent layer.

Legend: N rows (one for each step of each sequence, step by step), I input size, V symbols.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from elman.run.tape import OneHot

MOST_SYMBOLS = 4096
"""Of which all 1-of-N vectors are written out."""


FEW = 256


@dataclass(frozen=True)
class Symbols:
    """indices (N,) into a table (V, I), or 1-of-N vectors of size V where there is no table."""

    indices: Tensor
    table: Tensor | None
    count: int

    @property
    def few(self) -> bool:
        """Whether each symbol stands for several rows: what depends on it alone is computed once, and looked
        up. In a trace the number of rows is not known, and the number of symbols decides.
        """
        if torch.compiler.is_compiling():
            return self.count <= FEW
        return self.count <= self.indices.shape[0]

    def vectors(self, dtype: torch.dtype) -> Tensor | None:
        """Returns the vectors of all symbols if they are few, else of each row; None where 1-of-N vectors
        would take too much memory.
        """
        table = self.table
        if table is None and self.count <= MOST_SYMBOLS:
            table = torch.eye(self.count, dtype=dtype, device=self.indices.device)
        return table if table is None or self.few else functional.embedding(self.indices, table)

    def operand(self) -> Tensor | OneHot:
        """Returns what `vectors` does, the 1-of-N vectors never written out."""
        if self.table is None:
            return OneHot(None if self.few else self.indices)
        return self.table if self.few else functional.embedding(self.indices, self.table)
