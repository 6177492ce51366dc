"""Rows summed by the symbols they belong to."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from elman.emit.symbol_sums import emit_symbol_sums
from elman.run.call import DTYPES, call, words
from elman.run.layout import one_segment
from elman.run.library import Library, host_target
from elman.run.work import Work, even_bounds

_NUMBERS_PER_THREAD = 1 << 16


def symbol_sums(rows: Tensor, symbols: Tensor, count: int) -> Tensor:
    """Returns the sums, (V, ·), of rows (N, ·) that lie one after the other, by their symbols (N,), each from
    0 to below V = count.
    """
    columns = rows.shape[1]
    vectors = -(-columns // host_target().lanes(DTYPES[rows.dtype]))
    sums = rows.new_empty(count, columns)
    work = Work(one_segment(vectors), even_bounds(vectors, rows.numel() // _NUMBERS_PER_THREAD))
    sizes = words((len(rows), count, columns))
    buffers = (rows, sums, symbols.contiguous())
    call(_library(rows.dtype).address("elman_worker"), buffers, (rows.stride(0), columns), sizes, work, 0)
    return sums


@lru_cache(maxsize=len(DTYPES))
def _library(dtype: torch.dtype) -> Library:
    name, target = DTYPES[dtype], host_target()
    return Library(f"symbol sums {name}", lambda: emit_symbol_sums(target, name), target)
