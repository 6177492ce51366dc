"""A compiled kernel, ready to be called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from elman.core.ir import Node
from elman.emit.llvm import emit, scratch_size
from elman.emit.plan import Kernel
from elman.run.buffers import pack
from elman.run.library import Library, host_target
from elman.run.threads import run_parts, threads

DTYPES = {torch.float32: "float", torch.float64: "double"}
SEGMENTS_PER_CALL = 4096


@dataclass(frozen=True)
class Work:
    """What a kernel does in the order of time, (segments, 5) int64; and the sequences of each part, bounds (parts + 1,) int64."""

    segments: Tensor
    bounds: Tensor


class CpuKernel:
    """Machine code of a kernel for this processor, and how to call it on tensors."""

    def __init__(self, kernel: Kernel, dtype: torch.dtype, sizes: Mapping[str, int]) -> None:
        self.kernel = kernel
        self.target = host_target()
        self.lanes = self.target.lanes(DTYPES[dtype])
        self.sizes = torch.tensor([sizes[name] for name in kernel.sizes] or [0], dtype=torch.int64)
        self._library = Library(emit(kernel, self.target, DTYPES[dtype]), self.target)
        self._worker = self._library.address("elman_worker")
        self._scratch = scratch_size(kernel, self.target, DTYPES[dtype])

    def __call__(self, values: Mapping[Node, Tensor], params: Mapping[Node, Tensor], work: Work) -> None:
        """Runs the kernel. values: for every buffer of the graph its rows, padded; params: the matrices, to be packed."""
        tensors: list[Tensor] = []
        for buffer in self.kernel.buffers:
            if buffer.node is not None:
                tensors.append(values.get(buffer.node, self.sizes))  # a matrix is read through its panels only
            else:
                assert buffer.bundle is not None
                matrices = [params[term.args[0]] for term in buffer.bundle.terms[buffer.operand]]
                tensors.append(pack(buffer.bundle, buffer.operand, matrices, self.target, self.lanes))
        like = next(iter(values.values()))
        parts = len(work.bounds) - 1
        scratch = like.new_empty(parts * self._scratch)
        pointers = torch.tensor([tensor.data_ptr() for tensor in tensors], dtype=torch.int64)
        strides = torch.tensor([_row_stride(tensor) for tensor in tensors], dtype=torch.int64)
        for first in range(0, len(work.segments), SEGMENTS_PER_CALL):  # between calls Python looks at its signals
            segments = work.segments[first : first + SEGMENTS_PER_CALL]
            arrays = (pointers, strides, self.sizes, segments)
            words = [array.data_ptr() for array in arrays]
            words += [len(segments), work.bounds.data_ptr(), self._scratch, scratch.data_ptr()]
            run_parts(self._worker, words, parts, self._scratch * like.element_size())


def _row_stride(tensor: Tensor) -> int:
    return tensor.stride(0) if tensor.dim() == 2 else 0


def split_rows(steps: Sequence[int], rows_per_tile: int) -> Tensor:
    """Returns bounds that give every thread about as many steps; steps: how many each sequence takes, the longest first."""
    parts = max(1, min(threads(), -(-len(steps) // rows_per_tile)))
    total = torch.tensor([0, *steps], dtype=torch.int64).cumsum(0)
    wanted = torch.arange(parts + 1, dtype=torch.float64) * (float(total[-1]) / parts)
    bounds = torch.searchsorted(total.double(), wanted)
    bounds[0], bounds[-1] = 0, len(steps)
    return bounds


