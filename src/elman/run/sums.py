"""Sums over all rows of what follows by element from values that have rows.

Legend: N rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import torch
from torch import Tensor

from elman.core.ir import Node, constant
from elman.core.ops import mul
from elman.core.passes.fuse import PRODUCTS, ROW_OPERATIONS, fuse
from elman.emit.plan import Kernel, Row, describe, plan
from elman.emit.sums import emit_sums
from elman.emit.target import Target
from elman.run.buffers import padded_size
from elman.run.call import DTYPES, call, words
from elman.run.layout import one_segment
from elman.run.library import Library, host_target
from elman.run.work import OPERATIONS_PER_THREAD, OPERATIONS_PER_VALUE, Work, even_bounds


def by_element(nodes: Sequence[Node]) -> bool:
    """Whether values follow from those known by element alone."""
    return not any(node.op in (*PRODUCTS, *ROW_OPERATIONS) for node in nodes)


class SumKernel:
    """Machine code for Σ_n v_n of some values v, which follow by element from the leaves."""

    def __init__(
        self,
        values: Sequence[Node],
        leaves: Mapping[Node, Row],
        sizes: Mapping[str, int],
        dtype: torch.dtype,
    ) -> None:
        self._target, self._format, self._dtype = host_target(), dtype, DTYPES[dtype]
        self._lanes = self._target.lanes(self._dtype)
        self._values = tuple(values)
        self._kernel = _planned(self._values, tuple(leaves.items()))
        self._widths = [sizes.get(node.shape[-1], 1) for node in self._values]
        self._padded = [padded_size(width, self._lanes) for width in self._widths]
        self._sizes = words(sizes[name] for name in self._kernel.sizes)

    def compile(self) -> None:
        """Compiles the code now rather than on first use."""
        if self._values:
            _library(self._kernel, self._target, self._dtype)

    def __call__(self, values: Mapping[Node, Tensor], rows: int) -> dict[Node, Tensor]:
        """Returns the sums; values: for every leaf that is read its rows, padded, or a padded vector."""
        if not self._values:
            return {}
        sums = [torch.zeros(1, size, dtype=self._format) for size in self._padded]
        known = {**values, **dict(zip(self._kernel.fused.outputs, sums, strict=True))}
        nothing = sums[0]
        buffers = [nothing if b.node is None else known.get(b.node, nothing) for b in self._kernel.buffers]
        strides = [buffer.stride(0) if buffer.dim() == 2 else 0 for buffer in buffers]
        worker = _library(self._kernel, self._target, self._dtype).address("elman_worker")
        numbers = sum(self._padded)
        most = OPERATIONS_PER_VALUE * numbers * rows // OPERATIONS_PER_THREAD
        work = Work(one_segment(rows), even_bounds(max(self._padded) // self._lanes, most))
        call(worker, buffers, strides, self._sizes, work, scratch_size=numbers)
        return {
            node: found[0, :width]
            for node, found, width in zip(self._values, sums, self._widths, strict=True)
        }


@lru_cache(maxsize=1024)
def _planned(values: tuple[Node, ...], leaves: tuple[tuple[Node, Row], ...]) -> Kernel:
    rows = dict(leaves)
    outputs = [mul(node, constant(1.0)) if node in rows else node for node in values]
    return plan("sums", fuse(outputs, rows), rows)


@lru_cache(maxsize=1024)
def _library(kernel: Kernel, target: Target, dtype: str) -> Library:
    return Library(f"sums {dtype} {describe(kernel)}", lambda: emit_sums(kernel, target, dtype), target)
