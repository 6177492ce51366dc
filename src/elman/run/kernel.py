"""Compiled kernels, ready to be called on tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache

import torch
from torch import Tensor

from elman.core.ir import Node
from elman.core.passes.fuse import fuse
from elman.emit.llvm import emit, scratch_size
from elman.emit.plan import Kernel, Row, describe, plan
from elman.emit.target import Target
from elman.run.buffers import empty_rows
from elman.run.call import DTYPES, call, words
from elman.run.library import Library, host_target, tiles
from elman.run.panels import pack, packer
from elman.run.work import Work, calls, row_cost

_NOTHING = torch.empty(0)


class CpuKernel:
    """Machine code for some values of a graph, on this processor, at given sizes; compiled on first use.

    outputs: the values to compute. leaves: those known, and by which row each is addressed.
    """

    def __init__(
        self,
        name: str,
        outputs: Sequence[Node],
        leaves: Mapping[Node, Row],
        sizes: Mapping[str, int],
        dtype: torch.dtype,
    ) -> None:
        self.target = host_target()
        self._dtype = DTYPES[dtype]
        self.lanes = self.target.lanes(self._dtype)
        self.kernel = _planned(name, tuple(outputs), tuple(leaves.items()))
        self.outputs = self.kernel.fused.outputs
        self.stored = self.kernel.fused.stored
        self._named_sizes = sizes
        self._sizes = words(sizes[name] for name in self.kernel.sizes)
        self._scratch = scratch_size(self.kernel, self.target, self._dtype)
        self._row_cost = row_cost(self.kernel, sizes)

    def compile(self) -> None:
        """Compiles the code now rather than on first use."""
        if self.stored:
            self._library  # noqa: B018
        if self.kernel.fused.products:
            packer(self.target, self._dtype)

    def size(self, node: Node) -> int:
        """The number of units of a value."""
        return self._named_sizes.get(node.shape[-1], 1)

    def empty(self, node: Node, rows: int, like: Tensor) -> Tensor:
        """Returns an array for the kernel to write a value to, (rows, padded size)."""
        return empty_rows(rows, self.size(node), self.lanes, like)

    def __call__(self, values: Mapping[Node, Tensor], params: Mapping[Node, Tensor], work: Work) -> None:
        """Runs the kernel.

        values: for every buffer of the graph its rows, padded; params: the matrices, to be packed.
        """
        if not self.stored:
            return
        buffers: list[Tensor] = []
        for buffer in self.kernel.buffers:
            if buffer.node is not None:
                buffers.append(values.get(buffer.node, _NOTHING))  # a matrix is read through its panels
            else:
                assert buffer.bundle is not None
                matrices = [params[term.args[0]] for term in buffer.bundle.terms[buffer.operand]]
                buffers.append(pack(buffer.bundle, buffer.operand, matrices, self.target, self.lanes))
        strides = [buffer.stride(0) if buffer.dim() == 2 else 0 for buffer in buffers]
        for part in calls(work, self._row_cost):
            call(self._library.address("elman_worker"), buffers, strides, self._sizes, part, self._scratch)

    @cached_property
    def _library(self) -> Library:
        return _library(self.kernel, self.target, self._dtype)


@lru_cache(maxsize=1024)
def _planned(name: str, outputs: tuple[Node, ...], leaves: tuple[tuple[Node, Row], ...]) -> Kernel:
    rows = dict(leaves)
    return plan(name, fuse(outputs, rows), rows)


@lru_cache(maxsize=1024)
def _library(kernel: Kernel, target: Target, dtype: str) -> Library:
    called = tiles(target, dtype) if kernel.fused.products else None
    return Library(f"{dtype} {describe(kernel)}", lambda: emit(kernel, target, dtype), target, called)
