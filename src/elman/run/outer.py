"""Sums of outer products over all rows: what weight gradients are made of.

Legend: N rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from elman.emit.outer import DEPTH, emit_outer, outer_scratch_size
from elman.emit.target import Target
from elman.emit.worker import SEGMENT
from elman.run.buffers import padded_size
from elman.run.call import DTYPES, call, words
from elman.run.library import Library, tiles
from elman.run.memory import empty
from elman.run.work import OPERATIONS_PER_CALL, OPERATIONS_PER_THREAD, Work, even_bounds


class Product(NamedTuple):
    """Σ_n a_n b_nᵀ, (rows, columns), of A (N, rows or more) and B (N, columns or more)."""

    a: Tensor
    b: Tensor
    rows: int
    columns: int


class OuterKernel:
    """Machine code for C = Aᵀ B, several at once."""

    def __init__(self, dtype: torch.dtype, target: Target) -> None:
        self._target, name = target, DTYPES[dtype]
        self._width = target.vectors * target.lanes(name)
        self._library = Library(
            f"outer {name}", lambda: emit_outer(target, name), target, tiles(target, name)
        )
        self._worker = self._library.address("elman_worker")
        self._scratch = outer_scratch_size(target, name)

    def __call__(self, products: Sequence[Product]) -> list[Tensor]:
        """Returns the sums; all have the same N."""
        if not products:
            return []
        made = [empty(p.rows, padded_size(p.columns, self._width), p.a.dtype) for p in products]
        segments = torch.zeros(len(products), SEGMENT, dtype=torch.int64)
        tiles = 0
        for segment, product in zip(segments.numpy(), products, strict=True):
            segment[:3] = product.rows, product.columns, tiles
            tiles += -(-product.rows // self._target.rows)
        numbers = sum(product.rows * product.columns for product in products)
        terms = max(1, OPERATIONS_PER_CALL // (2 * numbers * DEPTH)) * DEPTH
        count = len(products[0].a)
        work = Work(segments, even_bounds(tiles, 2 * numbers * min(terms, count) // OPERATIONS_PER_THREAD))
        for before in range(0, count, terms):
            some = slice(before, before + terms)
            buffers = [
                array for p, c in zip(products, made, strict=True) for array in (p.a[some], p.b[some], c)
            ]
            sizes = words((min(terms, count - before), before))
            strides = [buffer.stride(0) for buffer in buffers]
            call(self._worker, buffers, strides, sizes, work, self._scratch)
        return [
            c if c.shape[1] == p.columns else c[:, : p.columns].contiguous()
            for p, c in zip(products, made, strict=True)
        ]


@lru_cache(maxsize=8)
def outer_kernel(dtype: torch.dtype, target: Target) -> OuterKernel:
    """Returns the kernel for sums of outer products of a format."""
    return OuterKernel(dtype, target)
