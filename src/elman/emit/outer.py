"""Sums of outer products, C = Aᵀ B = Σ_n a_n b_nᵀ, as LLVM IR text: what weight gradients are, summed over
all steps at once.

A is (N, M), B is (N, K), C is (M, K), padded to whole panels. The sum over n runs block by block, always in
the same order; blocks of A and B are packed so that the register tile reads both straight through (Goto & van
de Geijn 2008). Several sums over the same n are one task: a part is a run of tiles of rows of all their C.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from elman.emit.loops import I64, ceil_div, loop, maximum, minimum, number
from elman.emit.target import Target
from elman.emit.tile import declare_tile
from elman.emit.vector import PRECISIONS, Vectors
from elman.emit.worker import SEGMENT, emit_worker, run_type

Value = Any
DEPTH = 96
"""Terms of the sum in one block: a packed panel of B stays in the nearest cache."""
TILES = 96
"""Tiles of rows in one block: the packed block of A stays in the second cache."""


def outer_scratch_size(target: Target, dtype: str) -> int:
    """The numbers of scratch memory that one thread needs."""
    return DEPTH * (target.rows * TILES + target.vectors * target.lanes(dtype))


def emit_outer(target: Target, dtype: str) -> str:
    """Returns the LLVM IR text of the kernel.

    buffers: A, B, C of each sum; strides: theirs; segments: M, K and the number of tiles of C before it, for
    each sum; sizes: N, and how many terms every C is the sum of already.
    """
    module = ir.Module("outer")
    module.triple = target.triple
    one = _emit_sum(module, target, dtype)
    function = ir.Function(module, run_type(PRECISIONS[dtype]), "elman_run")
    buffers, strides, sizes, segments, sums, first, last, scratch = function.args
    b = ir.IRBuilder(function.append_basic_block("entry"))
    n, before = (b.load(b.gep(sizes, [number(i)])) for i in range(2))
    # all sums take a block of terms before the next: what several of them read is still in the cache
    with loop(b, ceil_div(b, n, DEPTH), "terms") as block, loop(b, sums, "sum") as which:
        term = b.mul(block, number(DEPTH))
        depth = minimum(b, number(DEPTH), b.sub(n, term))
        later = b.icmp_signed(">", b.add(before, block), number(0))
        places = [b.add(b.mul(which, number(3)), number(i)) for i in range(3)]
        arrays = [b.load(b.gep(array, [place])) for array in (buffers, strides) for place in places]
        fields = [b.add(b.mul(which, number(SEGMENT)), number(i)) for i in range(3)]
        m, k, others = (b.load(b.gep(segments, [field])) for field in fields)
        low = maximum(b, b.sub(first, others), number(0))
        high = minimum(b, b.sub(last, others), ceil_div(b, m, target.rows))
        with b.if_then(b.icmp_signed("<", low, high)):
            b.call(one, [*arrays, m, k, term, depth, later, low, high, scratch])
    b.ret_void()
    emit_worker(module, function)
    return str(module)


def _emit_sum(module: ir.Module, target: Target, dtype: str) -> ir.Function:
    """Emits a block of terms, `depth` from `term0` on, of the tiles of rows `low` to `high` of one C."""
    precision = PRECISIONS[dtype]
    lanes, rows = target.lanes(dtype), target.rows
    width = target.vectors * lanes
    ahead = -(-rows // lanes) * lanes
    tiles = [declare_tile(module, target, dtype, r + 1, packed=True) for r in range(rows)]
    numbers = precision.type.as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [numbers] * 3 + [I64] * 7 + [ir.IntType(1), I64, I64, numbers])
    function = ir.Function(module, kind, "sum")
    function.linkage = "internal"
    pa, pb, pc, sa, sb, sc, m, k, term0, depth, later, low, high, scratch = function.args
    b = ir.IRBuilder(function.append_basic_block("entry"))
    vectors = Vectors(b, precision, lanes)
    packed_a = scratch
    packed_b = b.gep(scratch, [number(DEPTH * rows * TILES)])

    def move(source: Value, target: Value, count: int) -> None:
        for offset in range(0, count * lanes, lanes):
            at = [b.bitcast(b.gep(p, [number(offset)]), vectors.type.as_pointer()) for p in (source, target)]
            b.store(b.load(at[0], align=4), at[1], align=4)

    def copy(source: Value, target: Value, count: Value) -> None:
        with loop(b, count, "copy") as i:
            b.store(b.load(b.gep(source, [i])), b.gep(target, [i]))

    with loop(b, ceil_div(b, b.sub(high, low), TILES), "rows") as row_block:
        tile0 = b.add(low, b.mul(row_block, number(TILES)))
        count = minimum(b, number(TILES), b.sub(high, tile0))
        with loop(b, count, "tile") as tile:  # packed_a[tile][term][row]
            row0 = b.mul(b.add(tile0, tile), number(rows))
            left = minimum(b, number(rows), b.sub(m, row0))
            # whole vectors, the numbers behind a tile's rows overwritten by those of the next term
            whole = b.icmp_signed("<=", b.add(row0, number(ahead)), m)
            with loop(b, depth, "term") as term:
                source = b.gep(pa, [b.add(b.mul(b.add(term0, term), sa), row0)])
                place = b.add(b.mul(tile, number(DEPTH * rows)), b.mul(term, number(rows)))
                into = b.gep(packed_a, [place])
                with b.if_else(whole) as (full, partial):
                    with full:
                        move(source, into, ahead // lanes)
                    with partial:
                        copy(source, into, left)
        with loop(b, ceil_div(b, k, width), "panel") as panel:
            column0 = b.mul(panel, number(width))
            left = minimum(b, number(width), b.sub(k, column0))
            whole = b.icmp_signed("==", left, number(width))
            with loop(b, depth, "term") as term:  # packed_b[term][column]
                source = b.gep(pb, [b.add(b.mul(b.add(term0, term), sb), column0)])
                into = b.gep(packed_b, [b.mul(term, number(width))])
                with b.if_else(whole) as (full, partial):
                    with full:
                        move(source, into, target.vectors)
                    with partial:
                        copy(source, into, left)
                        with loop(b, b.sub(number(width), left), "zero") as i:
                            b.store(ir.Constant(precision.type, 0.0), b.gep(into, [b.add(left, i)]))
            with loop(b, count, "tile") as tile:
                row0 = b.mul(b.add(tile0, tile), number(rows))
                height = minimum(b, number(rows), b.sub(m, row0))
                a = b.gep(packed_a, [b.mul(tile, number(DEPTH * rows))])
                c = b.gep(pc, [b.add(b.mul(row0, sc), column0)])
                after = b.append_basic_block("product.end")
                switch = b.switch(height, after)
                for r, one in enumerate(tiles, start=1):
                    case = b.append_basic_block(f"product.{r}")
                    switch.add_case(number(r), case)
                    b.position_at_end(case)
                    b.call(one, [a, number(rows), depth, packed_b, c, sc, later])
                    b.branch(after)
                b.position_at_end(after)
    b.ret_void()
    return function
