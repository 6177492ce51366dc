"""One sequence, step by step, with the states kept between calls: a whole stack in one call of machine code.

Legend: V symbols.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

from elman.core.ir import Node, Step
from elman.emit.generate import WORDS, emit_generate
from elman.emit.llvm import scratch_size
from elman.emit.passes import Pass
from elman.emit.plan import Buffer, Kernel, Row, describe
from elman.emit.target import Target
from elman.emit.team import SHARED_WORDS
from elman.run.buffers import empty_rows, padded_size, readable
from elman.run.kernel import DTYPES
from elman.run.library import Library, host_target, tiles
from elman.run.panels import pack
from elman.run.threads import give_way, own_threads
from elman.run.work import row_cost, team

OPERATIONS_PER_CALL = 200_000_000
"""Floating-point operations for one sequence, which reads all weights at each step: some 5 ms, or 50."""
TURNS = 2
"""Rows of a state: that of the last step, and that which this one writes, in turns."""


class CompiledStream:
    """A step with its weights, ready to be taken again and again for one sequence, by one thread at a time.

    step: without masks. sizes: of all that it names. params: its weights, in order; they are copied. inputs:
    for each input of the step a table (·, n), a row of which enters at a step. states: those before the first
    step, (1, n) each.
    """

    def __init__(
        self,
        step: Step,
        sizes: Mapping[str, int],
        params: Sequence[Tensor],
        inputs: Sequence[Tensor],
        states: Sequence[Tensor],
    ) -> None:
        like = states[0]
        self._target, dtype = host_target(), DTYPES[like.dtype]
        self._lanes = self._target.lanes(dtype)
        kernel = _kernel(step)
        self._library = _library(kernel, self._target, dtype)
        self._taken = 0
        self._states = [
            like.new_zeros(TURNS, padded_size(sizes[s.shape[1]], self._lanes)) for s in step.states
        ]
        self._widths = [sizes[state.shape[1]] for state in step.states]
        self.states = states
        self._inputs = [_own(readable(table, self._lanes), table) for table in inputs]
        weights = dict(zip(step.params, params, strict=True))
        values = {node: _own(readable(w, self._lanes), w) for node, w in weights.items() if w.dim() == 1}
        values.update(zip((*step.states, *step.inputs), (*self._states, *self._inputs), strict=True))
        *after, output = kernel.fused.outputs
        values.update(zip(after, self._states, strict=True))
        for node in kernel.fused.stored:
            values.setdefault(node, empty_rows(1, sizes.get(node.shape[-1], 1), self._lanes, like))
        self._output, self.size = values[output], sizes[step.output.shape[1]]
        self._buffers = [self._buffer(buffer, values, weights, like) for buffer in kernel.buffers]
        self._sizes = _words(sizes[name] for name in kernel.sizes)
        self._scratch_size = scratch_size(kernel, self._target, dtype)
        panels = zip(kernel.buffers, self._buffers, strict=True)
        self._bytes = sum(array.nbytes for buffer, array in panels if buffer.bundle is not None)
        self._strides = _words(b.stride(0) if b.dim() == 2 and len(b) > 1 else 0 for b in self._buffers)
        self.steps_per_call = max(1, OPERATIONS_PER_CALL // row_cost(kernel, sizes))

    @property
    def states(self) -> list[Tensor]:
        """The states after the last step, (1, n) each."""
        now = self._taken % TURNS
        return [
            rows[now : now + 1, :width].clone()
            for rows, width in zip(self._states, self._widths, strict=True)
        ]

    @states.setter
    def states(self, states: Sequence[Tensor]) -> None:
        now = self._taken % TURNS
        for rows, state, width in zip(self._states, states, self._widths, strict=True):
            rows[now, :width] = state[0]

    def step(self, row: int) -> Tensor:
        """Takes a step with that row of every table; returns its output, (n,)."""
        before, now = self._taken % TURNS, (self._taken + 1) % TURNS
        segments = _words((now, before, row, 0, 1))
        arrays = (_words(buffer.data_ptr() for buffer in self._buffers), self._strides, self._sizes, segments)
        run = _run(self._library.address("elman_run"))
        scratch = self._output.new_empty(self._scratch_size)
        run(*(array.data_ptr() for array in arrays), 1, 0, 1, scratch.data_ptr())
        self._taken += 1
        return self._output[now if len(self._output) > 1 else 0, : self.size].clone()

    def step_on(self, x: Tensor) -> Tensor:
        """Takes a step on a value x (n,), written to the one row of the one table."""
        (table,) = self._inputs
        table[0, : len(x)] = x
        return self.step(0)

    def generate(
        self, symbol: int, uniforms: Tensor, rule: Tensor, allowed: Tensor, closing: Tensor
    ) -> list[int]:
        """Returns the symbols that follow a symbol: one for each uniform number, fewer if one ends the text.

        The output of the step is the scores of symbols, (V,). rule: the numbers of `emit.choose.RULE`,
        double. allowed: (V,) double, 0.0 where a symbol is not to be written, else 1.0. closing: (V,) int64,
        not 0 where a symbol ends the text. The last one is NONE where the best score of those allowed is not
        a finite number.
        """
        symbols, taken = torch.empty(len(uniforms), dtype=torch.int64), torch.zeros(1, dtype=torch.int64)
        threads = self._threads()
        padding = padded_size(self.size, self._lanes) - self.size
        arrays = {
            "strides": self._strides,
            "sizes": self._sizes,
            "scratch": self._output.new_empty(threads, self._scratch_size),
            "shared": torch.zeros(SHARED_WORDS, dtype=torch.int64),
            "scores": self._output,
            "symbols": symbols,
            "uniforms": uniforms,
            "weights": allowed.new_empty(self.size + padding),
            "allowed": functional.pad(allowed, (0, padding)),
            "closing": closing,
            "rule": rule,
            "taken": taken,
        }
        numbers = {
            "turn": self._taken,
            "symbol": symbol,
            "count": len(uniforms),
            "vocabulary": self.size,
            "threads": threads,
            "give_way": give_way(),
        }
        _call(self._library, self._buffers, arrays, numbers)
        self._taken += int(taken)
        return symbols[: int(taken)].tolist()

    def _threads(self) -> int:
        """Among how many threads a step is shared: each has a good part of the weights to read."""
        return team(self._bytes)

    def _buffer(
        self, buffer: Buffer, values: Mapping[Node, Tensor], weights: Mapping[Node, Tensor], like: Tensor
    ) -> Tensor:
        if buffer.node is not None:
            return values.get(buffer.node, like)  # a matrix is read through its panels only
        assert buffer.bundle is not None
        matrices = [weights[term.args[0]] for term in buffer.bundle.terms[buffer.operand]]
        return pack([(buffer.bundle, buffer.operand, matrices)], self._target, self._lanes)[0]


@lru_cache(maxsize=64)
def _kernel(step: Step) -> Kernel:
    leaves = {
        **dict.fromkeys(step.inputs, Row.OTHER),
        **dict.fromkeys(step.states, Row.CARRIED),
        **dict.fromkeys(step.params, Row.NONE),
    }
    return Pass(f"{step.name}_stream", step.after, (step.output,), leaves).kernel


@lru_cache(maxsize=64)
def _library(kernel: Kernel, target: Target, dtype: str) -> Library:
    called = tiles(target, dtype) if kernel.fused.products else None
    return Library(
        f"generate {dtype} {describe(kernel)}", lambda: emit_generate(kernel, target, dtype), target, called
    )


def _call(
    library: Library,
    buffers: Sequence[Tensor],
    arrays: Mapping[str, Tensor],
    numbers: Mapping[str, int],
) -> None:
    everything = {"buffers": _words(buffer.data_ptr() for buffer in buffers), **arrays}
    words = {name: array.data_ptr() for name, array in everything.items()}
    words.update(numbers)
    scratch = arrays["scratch"]
    for thread in range(1, words["threads"]):
        task = _words({**words, "scratch": scratch[thread].data_ptr()}[name] for name in WORDS)
        # nobody waits for these: one that comes late finds the work over, and still has its memory
        own_threads().submit(_take, library.address("elman_help"), task, (library, buffers, everything))
    _take(library.address("elman_generate"), _words(words[name] for name in WORDS), everything)


def _take(function: int, task: Tensor, memory: object) -> None:
    ctypes.CFUNCTYPE(None, ctypes.c_void_p)(function)(task.data_ptr())  # lets go of the interpreter lock


_run = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4, *[ctypes.c_int64] * 3, ctypes.c_void_p)


def _words(numbers: Iterable[int]) -> Tensor:
    return torch.tensor([*numbers, 0], dtype=torch.int64)


def _own(value: Tensor, given: Tensor) -> Tensor:
    """A copy of what still shares the memory of what was given."""
    return value.clone() if value.data_ptr() == given.data_ptr() else value
