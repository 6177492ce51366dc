"""Sums over all rows of what follows by element from values with rows, as LLVM IR text: the gradients of
vectors.

A part is a run of vectors of units, so that each sum is made by one thread, in the order of the rows. Rows
are added up in blocks, and then the blocks, which keeps rounding errors small over many rows.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from elman.core.ir import Node
from elman.core.passes.fuse import Block
from elman.emit.llvm import Emitter
from elman.emit.loops import I64, ceil_div, loop, minimum, number
from elman.emit.plan import Kernel
from elman.emit.target import Target
from elman.emit.worker import run_type

Value = Any
ROWS = 64
"""Rows in a block."""


def emit_sums(kernel: Kernel, target: Target, dtype: str) -> str:
    """Returns the LLVM IR text of a kernel whose outputs are summed over its rows, each into a row of zeros.

    segments: one, whose last number is how many rows there are.
    """
    return str(_SumEmitter(kernel, target, dtype).module)


class _SumEmitter(Emitter):
    def _step(self) -> ir.Function:
        function = self._begin("step", I64, I64)
        *_, first, last = function.args
        (stage,) = self.kernel.fused.stages
        b, total = self.builder, self.count
        with loop(b, ceil_div(b, total, ROWS), "rows") as index:
            start = b.mul(index, number(ROWS))
            here = minimum(b, number(ROWS), b.sub(total, start))
            for block in stage.blocks:
                end = minimum(b, last, ceil_div(b, self.sizes[block.size], self.lanes))
                self._block_of_rows(block, start, here, first, b.sub(end, first))
        b.ret_void()
        return function

    def _block_of_rows(self, block: Block, start: Value, rows: Value, first: Value, units: Value) -> None:
        b = self.builder
        summed = [node for node in block.nodes if node in self.kernel.fused.outputs]
        self.places = {node: i for i, node in enumerate(summed)}
        self.units, self.first = units, first
        with loop(b, b.mul(units, number(len(summed))), "zero") as i:
            b.store(
                self.vectors.constant(0.0), self._vector(b.gep(self.scratch, [b.mul(i, number(self.lanes))]))
            )
        with loop(b, rows, "row") as row, loop(b, units, "unit") as unit:
            self._elementwise(block, b.add(start, row), b.add(first, unit), {})
        for node in summed:
            with loop(b, units, "unit") as unit:
                place = self._vector(
                    b.gep(self.starts[node], [b.mul(b.add(first, unit), number(self.lanes))])
                )
                part = b.load(self._vector(self._partial(node, unit)), align=4)
                b.store(b.fadd(b.load(place, align=4), part), place, align=4)

    def _partial(self, node: Node, unit: Value) -> Value:
        """Where the sum of a block of rows stands."""
        b = self.builder
        index = b.add(b.mul(self.units, number(self.places[node])), unit)
        return b.gep(self.scratch, [b.mul(index, number(self.lanes))])

    def _store(self, node: Node, row: Value, unit: Value, value: Value) -> None:
        b = self.builder
        place = self._vector(self._partial(node, b.sub(unit, self.first)))
        b.store(b.fadd(b.load(place, align=4), value), place, align=4)

    def _vector(self, address: Value) -> Value:
        return self.builder.bitcast(address, self.vectors.type.as_pointer())

    def _run(self) -> ir.Function:
        function = ir.Function(self.module, run_type(self.precision), "elman_run")
        buffers, strides, sizes, segments, _, first, last, scratch = function.args
        b = ir.IRBuilder(function.append_basic_block("entry"))
        rows = b.load(b.gep(segments, [number(4)]))
        zero = number(0)
        b.call(self.step, [buffers, strides, sizes, zero, zero, zero, rows, scratch, first, last])
        b.ret_void()
        return function
