"""The sum of outer products, C = Aᵀ B = Σ_n a_n b_nᵀ, as LLVM IR text: what weight gradients are, summed over
all steps at once.

A is (N, M), B is (N, K), C is (M, K), padded to whole panels. The sum over n runs block by block, always in
the same order; blocks of A and B are packed so that the register tile reads both straight through (Goto & van
de Geijn 2008). A part is a run of tiles of rows of C.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from elman.emit.loops import ceil_div, loop, minimum, number
from elman.emit.target import Target
from elman.emit.tile import declare_tile
from elman.emit.vector import PRECISIONS, Vectors
from elman.emit.worker import emit_worker, run_type

Value = Any
DEPTH = 256
"""Terms of the sum in one block: a packed panel of B stays in the nearest cache."""
TILES = 64
"""Tiles of rows in one block: the packed block of A stays in the second cache."""


def outer_scratch_size(target: Target, dtype: str) -> int:
    """The numbers of scratch memory that one thread needs."""
    return DEPTH * (target.rows * TILES + target.vectors * target.lanes(dtype))


def emit_outer(target: Target, dtype: str) -> str:
    """Returns the LLVM IR text of the kernel. buffers: A, B, C; strides: theirs; sizes: N, M, K, and how many
    terms C is the sum of already.
    """
    precision = PRECISIONS[dtype]
    lanes, rows = target.lanes(dtype), target.rows
    width = target.vectors * lanes
    module = ir.Module("outer")
    module.triple = target.triple
    tiles = [declare_tile(module, target, dtype, r + 1, packed=True) for r in range(rows)]
    function = ir.Function(module, run_type(precision), "elman_run")
    buffers, strides, sizes, _, _, first, last, scratch = function.args
    b = ir.IRBuilder(function.append_basic_block("entry"))
    vectors = Vectors(b, precision, lanes)
    pa, pb, pc = (b.load(b.gep(buffers, [number(i)])) for i in range(3))
    sa, sb, sc = (b.load(b.gep(strides, [number(i)])) for i in range(3))
    n, m, k, before = (b.load(b.gep(sizes, [number(i)])) for i in range(4))
    packed_a = scratch
    packed_b = b.gep(scratch, [number(DEPTH * rows * TILES)])

    def copy(source: Value, target: Value, count: Value | int) -> None:
        with loop(b, number(count) if isinstance(count, int) else count, "copy") as i:
            b.store(b.load(b.gep(source, [i])), b.gep(target, [i]))

    with (
        loop(b, ceil_div(b, b.sub(last, first), TILES), "rows") as row_block,
        loop(b, ceil_div(b, n, DEPTH), "terms") as block,
    ):
        tile0 = b.add(first, b.mul(row_block, number(TILES)))
        count = minimum(b, number(TILES), b.sub(last, tile0))
        term0 = b.mul(block, number(DEPTH))
        depth = minimum(b, number(DEPTH), b.sub(n, term0))
        with loop(b, count, "tile") as tile:  # packed_a[tile][term][row]
            row0 = b.mul(b.add(tile0, tile), number(rows))
            left = minimum(b, number(rows), b.sub(m, row0))
            whole = b.icmp_signed("==", left, number(rows))
            with loop(b, depth, "term") as term:
                source = b.gep(pa, [b.add(b.mul(b.add(term0, term), sa), row0)])
                place = b.add(b.mul(tile, number(DEPTH * rows)), b.mul(term, number(rows)))
                into = b.gep(packed_a, [place])
                with b.if_else(whole) as (full, partial):
                    with full:
                        for r in range(rows):
                            b.store(b.load(b.gep(source, [number(r)])), b.gep(into, [number(r)]))
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
                        for v in range(target.vectors):
                            at = [
                                b.bitcast(b.gep(p, [number(v * lanes)]), vectors.type.as_pointer())
                                for p in (source, into)
                            ]
                            b.store(b.load(at[0], align=4), at[1], align=4)
                    with partial:
                        copy(source, into, left)
                        with loop(b, b.sub(number(width), left), "zero") as i:
                            b.store(ir.Constant(precision.type, 0.0), b.gep(into, [b.add(left, i)]))
            with loop(b, count, "tile") as tile:
                row0 = b.mul(b.add(tile0, tile), number(rows))
                height = minimum(b, number(rows), b.sub(m, row0))
                a = b.gep(packed_a, [b.mul(tile, number(DEPTH * rows))])
                c = b.gep(pc, [b.add(b.mul(row0, sc), column0)])
                later = b.icmp_signed(">", b.add(before, block), number(0))
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
    emit_worker(module, function)
    return str(module)
