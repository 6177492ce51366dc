"""Compiled kernels, ready to be called on tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import torch
from torch import Tensor

from elman.core.ir import Node
from elman.core.passes.fuse import fuse
from elman.emit.llvm import emit, scratch_size
from elman.emit.outer import DEPTH, emit_outer, outer_scratch_size
from elman.emit.plan import Kernel, Row, describe, plan
from elman.emit.target import Target
from elman.run.buffers import empty_rows, pack, padded_size
from elman.run.library import Library, host_target, tiles
from elman.run.threads import run_parts
from elman.run.work import OPERATIONS_PER_CALL, Work, calls, even_bounds, row_cost

DTYPES = {torch.float32: "float", torch.float64: "double"}


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
        self._sizes = torch.tensor([sizes[name] for name in self.kernel.sizes] or [0], dtype=torch.int64)
        self._scratch = scratch_size(self.kernel, self.target, self._dtype)
        self._row_cost = row_cost(self.kernel, sizes)

    def compile(self) -> None:
        """Compiles the code now rather than on first use."""
        if self.stored:
            _library(self.kernel, self.target, self._dtype)

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
                buffers.append(
                    values.get(buffer.node, self._sizes)
                )  # a matrix is read through its panels only
            else:
                assert buffer.bundle is not None
                matrices = [params[term.args[0]] for term in buffer.bundle.terms[buffer.operand]]
                buffers.append(pack(buffer.bundle, buffer.operand, matrices, self.target, self.lanes))
        library = _library(self.kernel, self.target, self._dtype)
        for part in calls(work, self._row_cost):
            _call(library, buffers, self._sizes, part, self._scratch)


@lru_cache(maxsize=1024)
def _planned(name: str, outputs: tuple[Node, ...], leaves: tuple[tuple[Node, Row], ...]) -> Kernel:
    rows = dict(leaves)
    return plan(name, fuse(outputs, rows), rows)


@lru_cache(maxsize=1024)
def _library(kernel: Kernel, target: Target, dtype: str) -> Library:
    called = tiles(target, dtype) if kernel.fused.products else None
    return Library(f"{dtype} {describe(kernel)}", lambda: emit(kernel, target, dtype), target, called)


class OuterKernel:
    """Machine code for C = Aᵀ B."""

    def __init__(self, dtype: torch.dtype, target: Target) -> None:
        self.target = target
        self.lanes = self.target.lanes(DTYPES[dtype])
        called = tiles(self.target, DTYPES[dtype])
        self._library = Library(
            f"outer {dtype}", lambda: emit_outer(self.target, DTYPES[dtype]), self.target, called
        )
        self._scratch = outer_scratch_size(self.target, DTYPES[dtype])

    def __call__(self, a: Tensor, b: Tensor, rows: int, columns: int) -> Tensor:
        """Returns Σ_n a_n b_nᵀ, (rows, columns), from A (N, rows or more) and B (N, columns or more)."""
        width = self.target.vectors * self.lanes
        c = a.new_empty(rows, padded_size(columns, width))
        bounds = even_bounds(-(-rows // self.target.rows))
        blocks = max(1, OPERATIONS_PER_CALL // (2 * rows * columns * DEPTH))
        for before in range(0, len(a), blocks * DEPTH):
            terms = slice(before, before + blocks * DEPTH)
            sizes = torch.tensor([len(a[terms]), rows, columns, before], dtype=torch.int64)
            _call(self._library, [a[terms], b[terms], c], sizes, Work(sizes, bounds), self._scratch)
        return c if c.shape[1] == columns else c[:, :columns].contiguous()


@lru_cache(maxsize=8)
def outer_kernel(dtype: torch.dtype, target: Target) -> OuterKernel:
    """Returns the kernel for sums of outer products of a format."""
    return OuterKernel(dtype, target)


def _call(library: Library, buffers: Sequence[Tensor], sizes: Tensor, work: Work, scratch_size: int) -> None:
    parts = len(work.bounds) - 1
    scratch = buffers[-1].new_empty(parts * scratch_size) if buffers else work.bounds
    pointers = torch.tensor([tensor.data_ptr() for tensor in buffers], dtype=torch.int64)
    strides = torch.tensor(
        [tensor.stride(0) if tensor.dim() == 2 else 0 for tensor in buffers], dtype=torch.int64
    )
    words = [array.data_ptr() for array in (pointers, strides, sizes, work.segments)]
    words += [len(work.segments), work.bounds.data_ptr(), scratch_size, scratch.data_ptr()]
    memory = (library, buffers, scratch, pointers, strides, sizes, work)
    run_parts(library.address("elman_worker"), words, parts, scratch_size * scratch.element_size(), memory)
