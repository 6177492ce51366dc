"""Weights as panels, for the register tile to read straight through, as LLVM IR text.

A column holds one vector of units of one of R matrices; columns are numbered so that the matrices alternate,
and `vectors` columns stand side by side in a panel:

    panel[column // vectors][k][column % vectors][lane] = matrix[column % R][unit, k],
    unit = column // R · lanes + lane; zero behind the last unit
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from elman.emit.loops import I64, loop, maximum, minimum, number
from elman.emit.target import Target
from elman.emit.vector import PRECISIONS, Vectors
from elman.emit.worker import SEGMENT, emit_worker, run_type

Value = Any


def emit_pack(target: Target, dtype: str) -> str:
    """Returns the LLVM IR text of the kernel, which packs several sets of matrices. A part is a run of
    columns, counted through all sets.

    buffers: for each set the panels, then its matrices; strides: for each buffer from unit to unit, then from
    k to k; segments: units, depth, R, the first of its buffers, and the columns of the sets before it, for
    each set; sizes: its columns.
    """
    precision = PRECISIONS[dtype]
    module = ir.Module("pack")
    module.triple = target.triple
    one = _emit_set(module, target, dtype)
    function = ir.Function(module, run_type(precision), "elman_run")
    buffers, strides, sizes, segments, sets, first, last, _ = function.args
    b = ir.IRBuilder(function.append_basic_block("entry"))
    with loop(b, sets, "set") as which:
        places = [b.add(b.mul(which, number(SEGMENT)), number(i)) for i in range(SEGMENT)]
        units, depth, count, base, others = (b.load(b.gep(segments, [place])) for place in places)
        low = maximum(b, b.sub(first, others), number(0))
        high = minimum(b, b.sub(last, others), b.load(b.gep(sizes, [which])))
        with b.if_then(b.icmp_signed("<", low, high)):
            arrays = b.gep(buffers, [base]), b.gep(strides, [b.mul(base, number(2))])
            b.call(one, [*arrays, units, depth, count, low, high])
    b.ret_void()
    emit_worker(module, function)
    return str(module)


def _emit_set(module: ir.Module, target: Target, dtype: str) -> ir.Function:
    """Emits the columns `low` to `high` of one set."""
    precision, lanes = PRECISIONS[dtype], target.lanes(dtype)
    arrays, words = precision.type.as_pointer().as_pointer(), I64.as_pointer()
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [arrays, words, *[I64] * 5]), "set")
    function.linkage = "internal"
    buffers, strides, units, depth, count, low, high = function.args
    b = ir.IRBuilder(function.append_basic_block("entry"))
    v = Vectors(b, precision, lanes)
    pointer = v.type.as_pointer()
    done = b.alloca(I64)

    def vector(address: Value) -> Value:
        return b.bitcast(address, pointer)

    with loop(b, b.sub(high, low), "column") as i:
        column = b.add(low, i)
        which = b.urem(column, count)
        pair = b.mul(b.add(which, number(1)), number(2))
        by_unit, by_depth = (b.load(b.gep(strides, [b.add(pair, number(i))])) for i in range(2))
        unit = b.mul(b.udiv(column, count), number(lanes))
        here = minimum(b, number(lanes), b.sub(units, unit))
        source = b.gep(b.load(b.gep(buffers, [b.add(which, number(1))])), [b.mul(unit, by_unit)])
        panel = b.mul(b.mul(b.udiv(column, number(target.vectors)), depth), number(target.vectors))
        place = b.mul(b.add(panel, b.urem(column, number(target.vectors))), number(lanes))
        into = b.gep(b.load(buffers), [place])

        def out(k: Value, into: Value = into) -> Value:
            return b.gep(into, [b.mul(k, number(target.vectors * lanes))])

        b.store(number(0), done)
        whole = b.icmp_signed("==", here, number(lanes))
        with b.if_then(b.and_(whole, b.icmp_signed("==", by_depth, number(1)))):
            blocks = b.udiv(depth, number(lanes))
            with loop(b, blocks, "block") as block:
                k = b.mul(block, number(lanes))
                starts = [b.gep(source, [b.add(k, b.mul(by_unit, number(lane)))]) for lane in range(lanes)]
                rows = [b.load(vector(start), align=4) for start in starts]
                for lane, row in enumerate(_transposed(b, rows)):
                    b.store(row, vector(out(b.add(k, number(lane)))), align=4)
            b.store(b.mul(blocks, number(lanes)), done)
        with b.if_then(b.and_(whole, b.icmp_signed("==", by_unit, number(1)))):
            with loop(b, depth, "k") as k:
                b.store(b.load(vector(b.gep(source, [b.mul(k, by_depth)])), align=4), vector(out(k)), align=4)
            b.store(depth, done)
        before = b.load(done)
        with loop(b, b.sub(depth, before), "k") as more, loop(b, number(lanes), "lane") as lane:
            k = b.add(before, more)
            at = b.gep(out(k), [lane])
            with b.if_else(b.icmp_signed("<", lane, here)) as (inside, behind):
                with inside:
                    b.store(b.load(b.gep(source, [b.add(b.mul(lane, by_unit), b.mul(k, by_depth))])), at)
                with behind:
                    b.store(ir.Constant(precision.type, 0.0), at)
    b.ret_void()
    return function


def _transposed(builder: ir.IRBuilder, rows: list[Value]) -> list[Value]:
    """Transposes a square of vectors: halves change places across the diagonal, then halves of those
    (Eklundh 1972).
    """
    rows, lanes = list(rows), len(rows)
    half = lanes // 2
    while half:
        for i in (i for i in range(lanes) if not i & half):
            low, high = rows[i], rows[i + half]
            order = [lane if not lane & half else lanes + lane - half for lane in range(lanes)]
            other = [lane + half if not lane & half else lanes + lane for lane in range(lanes)]
            rows[i], rows[i + half] = (
                builder.shuffle_vector(low, high, ir.Constant(ir.VectorType(ir.IntType(32), lanes), mask))
                for mask in (order, other)
            )
        half //= 2
    return rows
