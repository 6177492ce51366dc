"""Compiled kernels, ready to be called on tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import zip_longest

import torch
from torch import Tensor

from elman.core.ir import Node
from elman.core.passes.fuse import fuse
from elman.emit.llvm import emit, scratch_size
from elman.emit.pairs import PAIRS
from elman.emit.plan import Kernel, Row, describe, plan, rounded
from elman.emit.target import Target
from elman.emit.together import emit_together
from elman.run.buffers import padded_size, readable
from elman.run.call import DTYPES, Call, Words, call, call_at_once, sum_dtype, words
from elman.run.layout import Layout
from elman.run.library import Library, host_target, tiles
from elman.run.memory import empty
from elman.run.pairs import empty_pairs, paired
from elman.run.panels import pack, packer
from elman.run.threads import lent_threads
from elman.run.work import Work, calls, leaves_half_idle, row_cost, team, weights

_NOTHING = torch.empty(0)


class CpuKernel:
    """Machine code for some values of a graph, on this processor, at given sizes; compiled on first use.

    outputs: the values to compute. leaves: those known, and by which row each is addressed. dtype: with
    bfloat16 the operands of products are rounded to it; all else is float32. states: leaves that the first
    outputs follow in the next step.
    """

    def __init__(
        self,
        name: str,
        outputs: Sequence[Node],
        leaves: Mapping[Node, Row],
        sizes: Mapping[str, int],
        dtype: torch.dtype,
        states: Sequence[Node] = (),
    ) -> None:
        self.target = host_target()
        self._format = sum_dtype(dtype)
        self._dtype = DTYPES[self._format]
        self.lanes = self.target.lanes(self._dtype)
        rounds = dtype != self._format
        self.kernel = _planned(name, tuple(outputs), tuple(leaves.items()), rounds, tuple(states))
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

    def empty(self, node: Node, rows: int) -> Tensor:
        """Returns an array for the kernel to write a value to, (rows, padded size)."""
        return empty(rows, padded_size(self.size(node), self.lanes), self._format)

    def readable(self, node: Node, value: Tensor) -> Tensor:
        """Returns rows (N, n) or a vector (n,) that are known as the kernel reads them: padded and in its own
        numbers; as they are where it reads them in pairs alone.
        """
        if self.kernel.pairs and node not in self.kernel.read_by_element:
            return value
        return readable(value.to(self._format), self.lanes)

    def __call__(
        self,
        values: Mapping[Node, Tensor],
        params: Mapping[Node, Tensor],
        work: Work,
        pairs: Mapping[Node, Tensor] | None = None,
    ) -> None:
        """Runs the kernel on what `ready` takes."""
        run_calls([self.ready(values, params, work, pairs)])

    def ready(
        self,
        values: Mapping[Node, Tensor],
        params: Mapping[Node, Tensor],
        work: Work,
        pairs: Mapping[Node, Tensor] | None = None,
    ) -> KernelCall:
        """Returns a call of the kernel, to be made.

        values: for every buffer of the graph its rows, padded; params: the matrices, to be packed; pairs: the
        rounded rows of some values, those of the others are made.
        """
        if not self.stored:
            return nothing_to_run()
        sets = [
            (bundle, b.operand, [params[term.args[0]] for term in bundle.terms[b.operand]])
            for b in self.kernel.buffers
            if (bundle := b.bundle) is not None
        ]
        panels = iter(pack(sets, self.target, self.lanes, bool(self.kernel.pairs)))
        buffers: list[Tensor] = []
        for buffer in self.kernel.buffers:
            if buffer.node is None:
                buffers.append(next(panels))
            elif buffer.pairs:
                given = (pairs or {}).get(buffer.node)
                buffers.append(self._pairs(buffer.node, values) if given is None else given)
            else:
                buffers.append(values.get(buffer.node, _NOTHING))  # a matrix is read through its panels
        strides = [buffer.stride(0) if buffer.dim() == 2 else 0 for buffer in buffers]
        threads = self._team(buffers) if work.single else 1
        library, name = (self._library, "elman_worker") if threads == 1 else (self._shared, "elman_together")
        pieces = calls(work, self._row_cost)
        return KernelCall(
            library.address(name), buffers, strides, self._sizes, pieces, self._scratch, threads
        )

    def leaves_half_idle(self, layout: Layout) -> bool:
        """Whether a loop keeps no more than half of the threads busy, neither with its sequences nor, where
        there is but one, with shares of its steps.
        """
        size = weights(self.kernel, self._named_sizes) * self._format.itemsize
        shared = layout.batch == 1 and min(team(size), lent_threads()) > 1
        return not shared and leaves_half_idle(layout, self.target.rows, self._row_cost)

    def _team(self, buffers: Sequence[Tensor]) -> int:
        """How many threads share each step."""
        panels = zip(self.kernel.buffers, buffers, strict=True)
        size = sum(array.nbytes for buffer, array in panels if buffer.bundle is not None)
        return min(team(size), lent_threads())

    def _pairs(self, node: Node, values: Mapping[Node, Tensor]) -> Tensor:
        value, size = values[node], self.size(node)
        return empty_pairs(len(value), size, self.lanes) if node in self.stored else paired(value[..., :size])

    @cached_property
    def _library(self) -> Library:
        return _library(emit, self.kernel, self.target, self._dtype)

    @cached_property
    def _shared(self) -> Library:
        """The code for one sequence, made when one comes."""
        return _library(emit_together, self.kernel, self.target, self._dtype)


@dataclass(frozen=True, eq=False)
class KernelCall:
    """A kernel with all that it works on; pieces: what is to be done, in order."""

    worker: int
    buffers: Sequence[Tensor]
    strides: Sequence[int]
    sizes: Words
    pieces: Sequence[Work]
    scratch_size: int
    team: int

    def piece(self, work: Work) -> Call:
        """Returns the call for one piece."""
        return Call(self.worker, self.buffers, self.strides, self.sizes, work, self.scratch_size)


def nothing_to_run() -> KernelCall:
    """Returns a call that does nothing."""
    return KernelCall(0, (), (), words(()), (), 0, 1)


def run_calls(made: Sequence[KernelCall]) -> None:
    """Makes calls: one, or several at the same time, none of which has a team."""
    for pieces in zip_longest(*(one.pieces for one in made)):
        now = [one.piece(work) for one, work in zip(made, pieces, strict=True) if work is not None]
        if len(now) == 1:
            call(*now[0], made[0].team)
        else:
            call_at_once(now)


@lru_cache(maxsize=1024)
def _planned(
    name: str,
    outputs: tuple[Node, ...],
    leaves: tuple[tuple[Node, Row], ...],
    rounds: bool,
    states: tuple[Node, ...],
) -> Kernel:
    rows = dict(leaves)
    fused = fuse(outputs, rows)
    return plan(name, fused, rows, rounded(fused, states) if rounds else ())


@lru_cache(maxsize=1024)
def _library(
    emitter: Callable[[Kernel, Target, str], str], kernel: Kernel, target: Target, dtype: str
) -> Library:
    called = tiles(target, PAIRS if kernel.pairs else dtype) if kernel.fused.products else None
    key = f"{emitter.__name__} {dtype} {describe(kernel)}"
    return Library(key, lambda: emitter(kernel, target, dtype), target, called)
