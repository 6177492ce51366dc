"""Dropout by machine code."""

from __future__ import annotations

import torch
from torch import Tensor

from elman.emit.dropout import emit_dropout
from elman.run import memory
from elman.run.call import DTYPES, call, words
from elman.run.layout import one_segment
from elman.run.library import Library, host_target
from elman.run.work import Work, even_bounds

STEPS = 1 << 32
"""Probabilities are multiples of one in so many."""
_NUMBERS_PER_THREAD = 1 << 16
_KEY = (1 << 32) - 1


class CpuDropout:
    """y_i = x_i / p where chance, with probability p, keeps a number, else 0.

    The same seed, a whole number of 64 bits, keeps the same numbers of any x of that size.
    """

    def __init__(self, dtype: torch.dtype) -> None:
        self._lanes = host_target().lanes(DTYPES[dtype])
        key = f"dropout {DTYPES[dtype]}"
        self._library = Library(key, lambda: emit_dropout(host_target(), DTYPES[dtype]), host_target())

    def __call__(self, x: Tensor, keep: float, seed: int) -> Tensor:
        """Returns y for x, contiguous, of less than 2³² numbers; keep: p, rounded to 2⁻³²."""
        limit = min(max(round(keep * STEPS), 1), STEPS - 1)
        y = memory.empty(1, x.numel(), x.dtype).view(x.shape)
        scale = torch.tensor([STEPS / limit], dtype=x.dtype)
        sizes = words((x.numel(), seed & _KEY, seed >> 32 & _KEY, limit))
        vectors = -(-x.numel() // self._lanes)
        work = Work(one_segment(vectors), even_bounds(vectors, x.numel() // _NUMBERS_PER_THREAD))
        call(self._library.address("elman_worker"), (x, y, scale), (), sizes, work, 0)
        return y
