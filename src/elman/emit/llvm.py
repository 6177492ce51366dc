"""A kernel as LLVM IR text: the stages of a step over some rows, and the loop over the steps around them.

    elman_run(buffers, strides, sizes, segments, count, first, last, scratch)

`segments` lists what happens in the order of time, five numbers each: the row of the step, the carried row,
the other row, the first sequence, and how many sequences follow it. A thread takes the sequences from `first`
to `last` of every segment, so threads never wait for each other, and the result of a sequence does not depend
on who computes it.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from llvmlite import ir

from elman.core.ir import Node
from elman.core.passes.fuse import Block, Bundle, Stage
from elman.emit.elementwise import OPERATIONS
from elman.emit.loops import I64, ceil_div, loop, maximum, minimum, number
from elman.emit.pairs import PAIRS, store_pairs
from elman.emit.plan import Kernel, Row, units_per_block
from elman.emit.reductions import emit_reduction
from elman.emit.target import Target
from elman.emit.tile import declare_tiles
from elman.emit.vector import PRECISIONS, Vectors
from elman.emit.worker import SEGMENT, emit_worker, run_type

Value = Any
ROWS = 96
"""At most so many rows go through a stage before the next: what they hold stays in the second cache."""


def emit(kernel: Kernel, target: Target, dtype: str) -> str:
    """Returns the LLVM IR text of a kernel; dtype: float or double."""
    return str(Emitter(kernel, target, dtype).module)


def scratch_size(kernel: Kernel, target: Target, dtype: str) -> int:
    """The numbers of scratch memory that one thread needs."""
    lanes = target.lanes(dtype)
    blocks = (block for stage in kernel.fused.stages for block in stage.blocks)
    return max((target.rows * lanes * sum(_columns(block, target)) for block in blocks), default=0) + lanes


def _block_units(block: Block, target: Target) -> int:
    return max((units_per_block(bundle, target.vectors) for bundle in block.bundles), default=1)


def _columns(block: Block, target: Target) -> list[int]:
    """The vectors that each bundle's results fill in the scratch of one row."""
    return [_block_units(block, target) * len(bundle.results) for bundle in block.bundles]


class Emitter:
    """The module of a kernel while it is written; `step` is the function of one step, for others to call."""

    def __init__(self, kernel: Kernel, target: Target, dtype: str) -> None:
        self.kernel = kernel
        self.target = target
        self.precision = PRECISIONS[dtype]
        self.lanes = target.lanes(dtype)
        self.module = ir.Module(kernel.name)
        self.module.triple = target.triple
        self.number = self.precision.type.as_pointer()
        self.reductions: dict[Any, ir.Function] = {}
        products, factors = bool(kernel.fused.products), PAIRS if kernel.pairs else dtype
        self.tiles = declare_tiles(self.module, target, factors) if products else None
        self.step = self._step()
        emit_worker(self.module, self._run())

    def _step(self) -> ir.Function:
        function = self._begin("step")
        for stage in self.kernel.fused.stages:
            self._stage(stage)
        self.builder.ret_void()
        return function

    def _begin(self, name: str, *more: Any) -> ir.Function:
        """Begins a function of what a step takes, then `more`; what is emitted from here on is its body."""
        numbers, words = self.number.as_pointer(), I64.as_pointer()
        kinds = [numbers, words, words, I64, I64, I64, I64, self.number]
        function = ir.Function(self.module, ir.FunctionType(ir.VoidType(), [*kinds, *more]), name)
        function.linkage = "internal"
        buffers, strides, sizes, *rows, self.count, self.scratch = function.args[: len(kinds)]
        self.builder = builder = ir.IRBuilder(function.append_basic_block("entry"))
        self.vectors = self._vectors(builder)
        self.sizes = {"1": number(1)}
        for index, name in enumerate(self.kernel.sizes):
            self.sizes[name] = builder.load(builder.gep(sizes, [number(index)]))
        self.starts: dict[Node, Value] = {}
        self.strides: dict[Node, Value] = {}
        self.pairs: dict[Node, tuple[Value, Value]] = {}
        self.panels: dict[tuple[Bundle, int], Value] = {}
        for index, buffer in enumerate(self.kernel.buffers):
            start = builder.load(builder.gep(buffers, [number(index)]))
            stride = builder.load(builder.gep(strides, [number(index)]))
            if buffer.node is None:
                assert buffer.bundle is not None
                self.panels[buffer.bundle, buffer.operand] = start
                continue
            if buffer.row is not Row.NONE:
                start = builder.gep(start, [builder.mul(stride, rows[buffer.row.value])])
            if buffer.pairs:
                self.pairs[buffer.node] = start, stride
            else:
                self.starts[buffer.node], self.strides[buffer.node] = start, stride
        return function

    def _vectors(self, builder: ir.IRBuilder) -> Vectors:
        return Vectors(builder, self.precision, self.lanes, self.target.scales)

    def _stage(self, stage: Stage) -> None:
        if stage.rows:
            with loop(self.builder, self.count, "row") as row:
                for node in stage.rows:
                    self._reduce(node, row)
        for block in stage.blocks:
            if block.bundles:
                self._product_block(block)
            else:
                vectors = ceil_div(self.builder, self.sizes[block.size], self.lanes)
                with (
                    loop(self.builder, self.count, "row") as row,
                    loop(self.builder, vectors, "unit") as unit,
                ):
                    self._elementwise(block, row, unit, {})

    def _reduce(self, node: Node, row: Value) -> None:
        """An operation over all units of a row, by a function that all rows of its kind call."""
        (operand,), kind = node.args, (node.op, node.attributes)
        if kind not in self.reductions:
            self.reductions[kind] = emit_reduction(self.module, self._vectors, *kind)
        places = [self._address(value, row, number(0)) for value in (operand, node)]
        self.builder.call(self.reductions[kind], [*places, self.sizes[operand.shape[-1]]])
        if node in self.pairs:
            vectors = ceil_div(self.builder, self.sizes[node.shape[-1]], self.lanes)
            with loop(self.builder, vectors, "unit") as unit:
                self._store_pairs(node, row, unit, self._load(node, row, unit))

    def _product_block(self, block: Block) -> None:
        """For each block of units and each tile of rows: the products into the scratch memory, then what
        follows from them.
        """
        builder, units = self.builder, _block_units(block, self.target)
        columns = _columns(block, self.target)
        blocks = self._block_count(block)
        vectors = ceil_div(builder, self.sizes[block.size], self.lanes)
        tiles = ceil_div(builder, self.count, self.target.rows)
        even = builder.udiv(self.count, tiles)
        longer = builder.urem(self.count, tiles)
        with self._blocks(blocks) as index, loop(builder, tiles, "tile") as tile:
            first = builder.add(builder.mul(tile, even), minimum(builder, tile, longer))
            height = builder.add(even, builder.zext(builder.icmp_signed("<", tile, longer), I64))
            self._tiles(block, columns, index, first, height)
            start = builder.mul(index, number(units))
            wide = minimum(builder, number(units), builder.sub(vectors, start))
            with loop(builder, height, "row") as row, loop(builder, wide, "unit") as unit:
                line = builder.mul(row, number(sum(columns)))
                values = {}
                offset = 0
                for bundle, width in zip(block.bundles, columns, strict=True):
                    for g, result in enumerate(bundle.results):
                        column = builder.add(
                            builder.mul(unit, number(len(bundle.results))), number(offset + g)
                        )
                        place = builder.mul(builder.add(line, column), number(self.lanes))
                        values[result] = self._load_at(builder.gep(self.scratch, [place]))
                    offset += width
                self._elementwise(block, builder.add(first, row), builder.add(start, unit), values)

    def _block_count(self, block: Block) -> Value:
        return ceil_div(self.builder, self.sizes[block.size], _block_units(block, self.target) * self.lanes)

    def _blocks(self, count: Value) -> AbstractContextManager[Value]:
        """The blocks of units that a function works on: all."""
        return loop(self.builder, count, "block")

    def _tiles(self, block: Block, columns: list[int], index: Value, first: Value, height: Value) -> None:
        """Calls the tile for the right number of rows, for all products of one block of units."""
        builder = self.builder
        tile = builder.load(builder.gep(self.tiles, [number(0), builder.sub(height, number(1))]))
        row_length = number(sum(columns) * self.lanes)
        offset = 0
        for bundle, width in zip(block.bundles, columns, strict=True):
            for o, operand in enumerate(bundle.operands):
                start, stride, depth = self._factors(operand)
                a = builder.gep(start, [builder.mul(first, stride)])
                panel = number(self.target.vectors * self.lanes)
                with loop(builder, number(width // self.target.vectors), "column") as column:
                    which = builder.add(builder.mul(index, number(width // self.target.vectors)), column)
                    w = builder.gep(self.panels[bundle, o], [builder.mul(builder.mul(which, panel), depth)])
                    place = builder.add(number(offset * self.lanes), builder.mul(column, panel))
                    c = builder.gep(self.scratch, [place])
                    builder.call(
                        tile, [a, stride, depth, w, c, row_length, ir.Constant(ir.IntType(1), int(o > 0))]
                    )
            offset += width

    def _factors(self, operand: Node) -> tuple[Value, Value, Value]:
        """What a tile reads of an operand: where its first row begins, from row to row, and the depth."""
        depth = self.sizes[operand.shape[-1]]
        if self.kernel.pairs:
            return *self.pairs[operand], ceil_div(self.builder, depth, 2)
        return self.starts[operand], self.strides[operand], depth

    def _elementwise(self, block: Block, row: Value, unit: Value, values: dict[Node, Value]) -> None:
        """The elementwise nodes of a block for one vector of units of one row; values: those that products
        left.
        """

        @cache
        def value(node: Node) -> Value:
            if node in values:
                return values[node]
            if node.op == "constant":
                return self.vectors.constant(node.value)
            if node in self.starts and node not in here:
                return self._load(node, row, unit)
            if node.op in ("broadcast", "spread"):
                return self._repeat(node, value(node.args[0]))
            return OPERATIONS[node.op](
                self.vectors, *(value(arg) for arg in node.args), **dict(node.attributes)
            )

        here = set(block.nodes)
        for node in (*values, *block.nodes):
            result = value(node)
            if node in self.starts:
                self._store(node, row, unit, result)

    def _repeat(self, node: Node, value: Value) -> Value:
        """A value of size 1 stands in every lane already."""
        if node.op == "broadcast":
            return value
        size = self.builder.sitofp(self.sizes[node.shape[-1]], self.precision.type)
        return self.builder.fdiv(value, self.vectors.splat(size))

    def _address(self, node: Node, row: Value, unit: Value) -> Value:
        """Where a vector of a value stands; values of size 1 fill one vector, which serves for all units."""
        offset = number(0) if node.shape[-1] == "1" else self.builder.mul(unit, number(self.lanes))
        if node.batched:
            offset = self.builder.add(offset, self.builder.mul(row, self.strides[node]))
        return self.builder.gep(self.starts[node], [offset])

    def _load(self, node: Node, row: Value, unit: Value) -> Value:
        return self._load_at(self._address(node, row, unit))

    def _load_at(self, address: Value) -> Value:
        return self.builder.load(self.builder.bitcast(address, self.vectors.type.as_pointer()), align=4)

    def _store(self, node: Node, row: Value, unit: Value, value: Value) -> None:
        address = self.builder.bitcast(self._address(node, row, unit), self.vectors.type.as_pointer())
        self.builder.store(value, address, align=4)
        if node in self.pairs:
            self._store_pairs(node, row, unit, value)

    def _store_pairs(self, node: Node, row: Value, unit: Value, value: Value) -> None:
        start, stride = self.pairs[node]
        start = self.builder.gep(start, [self.builder.mul(row, stride)])
        store_pairs(self.vectors, start, unit, self.sizes[node.shape[-1]], value)

    def _run(self) -> ir.Function:
        function = ir.Function(self.module, run_type(self.precision), "elman_run")
        buffers, strides, sizes, segments, count, first, last, scratch = function.args
        builder = ir.IRBuilder(function.append_basic_block("entry"))
        with loop(builder, count, "segment") as index:
            place = builder.mul(index, number(SEGMENT))
            now, carried, other, begin, width = (
                builder.load(builder.gep(segments, [builder.add(place, number(i))])) for i in range(SEGMENT)
            )
            low = maximum(builder, first, begin)
            high = minimum(builder, last, builder.add(begin, width))
            with builder.if_then(builder.icmp_signed("<", low, high)):
                mine = builder.sub(high, low)
                with loop(builder, ceil_div(builder, mine, ROWS), "rows") as chunk:
                    before = builder.mul(chunk, number(ROWS))
                    skipped = builder.add(builder.sub(low, begin), before)
                    rows = [builder.add(row, skipped) for row in (now, carried, other)]
                    some = minimum(builder, number(ROWS), builder.sub(mine, before))
                    builder.call(self.step, [buffers, strides, sizes, *rows, some, scratch])
        builder.ret_void()
        return function
