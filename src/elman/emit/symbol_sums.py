"""Rows summed by the symbols they belong to, as LLVM IR text: S_v = Σ_{n: s_n = v} d_n.

    elman_run(buffers, strides, sizes, segments, count, first, last, scratch)

does the columns of the vectors from `first` to `last`: threads share columns, so that each sum is made by one
of them, in the order of the rows.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from elman.emit.loops import I64, loop, minimum, number
from elman.emit.target import Target
from elman.emit.vector import PRECISIONS
from elman.emit.worker import emit_worker, run_type

Value = Any
BUFFERS = ("rows", "sums", "symbols")
"""The arrays: d (N, ·), S (V, ·), both with a stride, and s (N,), int64."""
SIZES = ("count", "symbols", "columns")
"""The words of `sizes`: N, V, and the numbers of a row."""


def emit_symbol_sums(target: Target, dtype: str) -> str:
    """Returns the LLVM IR text; dtype: float or double."""
    return str(_SymbolSums(target, dtype).module)


class _SymbolSums:
    def __init__(self, target: Target, dtype: str) -> None:
        self.module = ir.Module("symbol_sums")
        self.module.triple = target.triple
        self._type, self._bytes = PRECISIONS[dtype].type, 4 if dtype == "float" else 8
        self._lanes = target.lanes(dtype)
        run = ir.Function(self.module, run_type(PRECISIONS[dtype]), "elman_run")
        self._builder = build = ir.IRBuilder(run.append_basic_block("entry"))
        buffers, strides, sizes, _, _, first, last, _ = run.args
        self._rows, self._sums, symbols = (build.load(build.gep(buffers, [number(i)])) for i in range(3))
        self._strides = [build.load(build.gep(strides, [number(i)])) for i in range(2)]
        count, table, columns = (build.load(build.gep(sizes, [number(i)])) for i in range(len(SIZES)))
        symbols = build.bitcast(symbols, I64.as_pointer())
        whole = build.udiv(columns, number(self._lanes))
        begin, end = (build.mul(edge, number(self._lanes)) for edge in (first, minimum(build, last, whole)))
        # the numbers behind the last whole vector go to whoever has the last vector
        rest = build.select(build.icmp_signed(">", last, whole), columns, end)
        with loop(build, table, "symbol") as symbol:
            self._each(begin, end, rest, lambda column, lanes: self._clear(symbol, column, lanes))
        with loop(build, count, "row") as row:
            symbol = build.load(build.gep(symbols, [row]))
            self._each(begin, end, rest, lambda column, lanes: self._add(row, symbol, column, lanes))
        build.ret_void()
        emit_worker(self.module, run)

    def _each(self, begin: Value, end: Value, rest: Value, do: Any) -> None:
        """Do something with every vector from one column to another, then with the numbers up to the rest."""
        build = self._builder
        with loop(build, build.udiv(build.sub(end, begin), number(self._lanes)), "vector") as turn:
            do(build.add(begin, build.mul(turn, number(self._lanes))), self._lanes)
        with loop(build, build.sub(rest, end), "rest") as turn:
            do(build.add(end, turn), 1)

    def _at(self, array: int, row: Value, column: Value, lanes: int) -> Value:
        build, start = self._builder, (self._rows, self._sums)[array]
        place = build.add(build.mul(row, self._strides[array]), column)
        return build.bitcast(build.gep(start, [place]), ir.VectorType(self._type, lanes).as_pointer())

    def _clear(self, symbol: Value, column: Value, lanes: int) -> None:
        zeros = ir.Constant(ir.VectorType(self._type, lanes), [0.0] * lanes)
        self._builder.store(zeros, self._at(1, symbol, column, lanes), align=self._bytes)

    def _add(self, row: Value, symbol: Value, column: Value, lanes: int) -> None:
        build, at = self._builder, self._at(1, symbol, column, lanes)
        found = build.load(self._at(0, row, column, lanes), align=self._bytes)
        build.store(build.fadd(build.load(at, align=self._bytes), found), at, align=self._bytes)
