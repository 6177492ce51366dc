"""What one process computes: a cell at given sizes, and how much work that is.

Legend: T steps, B sequences, I input size, H hidden size, V symbols, N rows (each step of each sequence).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from math import prod

from elman.cells import CELLS

TORCH_LAYERS = {"LSTM": "lstm", "GRU": "gru", "RNN": "simple"}
"""The layers of torch.nn, and the cells whose equations they have."""
FLOAT = 4
"""Bytes of a float32."""


@dataclass(frozen=True)
class Job:
    """A computation. kind: forward (no gradients), training (forward and backward) or sampling.

    side: who does it, one of `sides.SIDES`. cell: the name of a cell, or of a layer of torch.nn. symbols: V,
    where the input is symbols. varied: lengths uniform in [T/4, T] and packed, else all are T. dtype: of the
    layer and its input, the name of torch's, or tf32, float32 whose products round to TF32.
    """

    cell: str
    kind: str = "training"
    side: str = "elman"
    steps: int = 128
    batch: int = 64
    inputs: int = 512
    hidden: int = 512
    symbols: int = 0
    varied: bool = False
    dtype: str = "float32"
    device: str = "cpu"

    def by(self, side: str) -> Job:
        """Returns the same computation, done by another side."""
        return replace(self, side=side)

    @property
    def lengths(self) -> list[int]:
        """The steps of each sequence, the same for every side."""
        if not self.varied:
            return [self.steps] * self.batch
        draw = random.Random(0)
        return [draw.randint(-(-self.steps // 4), self.steps) for _ in range(self.batch)]

    @property
    def rows(self) -> int:
        """N, the steps that exist."""
        return sum(self.lengths)

    @property
    def flop(self) -> float:
        """The floating-point operations of all products by matrices; 0 for sampling, where none are counted.

        2 a number of the matrix and row: the input's products once a row, or once a symbol where there are
        fewer, the state's once a row. Backward has two products for each one forward: that of the error,
        and that of the weight's gradient. Everything else is left out.
        """
        if self.kind == "sampling":
            return 0.0
        of_input, of_state = self._entries()
        entries = min(self.symbols, self.rows) if self.symbols else self.rows
        forward = 2.0 * (entries * of_input + self.rows * of_state)
        return 3.0 * forward if self.kind == "training" else forward

    @property
    def bytes_read(self) -> int:
        """What must be read to sample a symbol: the matrices of the state and the projection to symbols.

        The input's products are not among it: they can be computed once a symbol, and then looked up.
        """
        _, of_state = self._entries()
        return FLOAT * (of_state + self.symbols * self.hidden)

    def _entries(self) -> tuple[int, int]:
        """The numbers in the matrices that meet the input, and in those that meet a state."""
        sizes = {"I": self.inputs, "H": self.hidden}
        parameters = CELLS[TORCH_LAYERS.get(self.cell, self.cell)].parameters
        matrices = [shape for shape in parameters.values() if len(shape) == 2]
        totals = {
            met: sum(prod(sizes[size] for size in shape) for shape in matrices if ("I" in shape) is met)
            for met in (True, False)
        }
        return totals[True], totals[False]
