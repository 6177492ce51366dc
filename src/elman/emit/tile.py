"""The register tile: C = A Wᵀ (or C += A Wᵀ) for up to `rows` rows of A and one panel of W.

A panel holds `vectors` × lanes columns of the product, packed so that the tile reads it straight through:
panel[k][vector][lane]. The accumulators stay in registers for all k, in which the sum runs, so that a row's
result does not depend on the rows beside it.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from elman.emit.loops import I64, number
from elman.emit.pairs import PAIRS, multiply_pairs
from elman.emit.target import Target
from elman.emit.vector import PRECISIONS, Vectors

Value = Any


def emit_tiles(target: Target, dtype: str) -> str:
    """Returns the LLVM IR text of all tiles, for 1 to `rows` rows, of plain and of packed A; dtype: float,
    double, or PAIRS, then of plain A alone.
    """
    module = ir.Module("tiles")
    module.triple = target.triple
    for packed in (False,) if dtype == PAIRS else (False, True):
        for rows in range(1, target.rows + 1):
            _emit_tile(declare_tile(module, target, dtype, rows, packed), target, dtype, rows, packed)
    return str(module)


def declare_tile(
    module: ir.Module, target: Target, dtype: str, rows: int, packed: bool = False
) -> ir.Function:
    """Declares `void tile(A, step, K, W, C, row, accumulate)` for a number of rows.

    A: element (r, k) stands at r step + k, or, if packed, at k step + r. C: row r begins at r row.
    accumulate: add to what C holds. With PAIRS the elements of A and W are pairs, and K counts those.
    """
    name = f"elman_{target.name}_{dtype}_tile_{'packed_' if packed else ''}{rows}"
    numbers = PRECISIONS[_sum_type(dtype)].type.as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [numbers, I64, I64, numbers, numbers, I64, ir.IntType(1)])
    return ir.Function(module, kind, name)


def declare_tiles(module: ir.Module, target: Target, dtype: str) -> Value:
    """Declares the tiles of plain A; returns a table of them by their number of rows, the first of one row.

    So what is written around a tile is written once, not once for each number of rows.
    """
    tiles = [declare_tile(module, target, dtype, rows) for rows in range(1, target.rows + 1)]
    kind = ir.ArrayType(tiles[0].type, len(tiles))
    table: Value = ir.GlobalVariable(module, kind, "tiles")
    table.linkage, table.global_constant, table.initializer = "internal", True, ir.Constant(kind, tiles)
    return table


def _sum_type(dtype: str) -> str:
    return "float" if dtype == PAIRS else dtype


def _emit_tile(function: ir.Function, target: Target, dtype: str, rows: int, packed: bool) -> None:
    a, step, depth, w, c, row, accumulate = function.args
    entry, old, head, body, end = (
        function.append_basic_block(name) for name in ("entry", "old", "head", "body", "end")
    )
    builder = ir.IRBuilder(entry)
    summed = _sum_type(dtype)
    vectors = Vectors(builder, PRECISIONS[summed], target.lanes(summed))
    multiply_add = multiply_pairs if dtype == PAIRS else Vectors.fma
    pointer = vectors.type.as_pointer()
    starts = [
        builder.gep(a, [builder.mul(step, number(r)) if not packed else number(r)]) for r in range(rows)
    ]
    places = [
        [
            builder.bitcast(
                builder.gep(c, [builder.add(builder.mul(row, number(r)), number(v * vectors.lanes))]), pointer
            )
            for v in range(target.vectors)
        ]
        for r in range(rows)
    ]
    builder.cbranch(accumulate, old, head)
    builder.position_at_end(old)
    held = [[builder.load(place, align=4) for place in line] for line in places]
    builder.branch(head)

    builder.position_at_end(head)
    k = builder.phi(I64, "k")
    k.add_incoming(number(0), entry)
    k.add_incoming(number(0), old)
    sums = [[builder.phi(vectors.type) for _ in line] for line in places]
    for line, start in zip(sums, held, strict=True):
        for total, value in zip(line, start, strict=True):
            total.add_incoming(vectors.constant(0.0), entry)
            total.add_incoming(value, old)
    builder.cbranch(builder.icmp_signed("<", k, depth), body, end)

    builder.position_at_end(body)
    base = builder.gep(w, [builder.mul(k, number(target.vectors * vectors.lanes))])
    columns = [
        builder.load(builder.bitcast(builder.gep(base, [number(v * vectors.lanes)]), pointer), align=4)
        for v in range(target.vectors)
    ]
    offset = builder.mul(k, step) if packed else k
    for start, line in zip(starts, sums, strict=True):
        value = vectors.splat(builder.load(builder.gep(start, [offset]), align=4))
        for total, column in zip(line, columns, strict=True):
            total.add_incoming(multiply_add(vectors, value, column, total), body)
    k.add_incoming(builder.add(k, number(1)), body)
    builder.branch(head)

    builder.position_at_end(end)
    for line, totals in zip(places, sums, strict=True):
        for place, total in zip(line, totals, strict=True):
            builder.store(total, place, align=4)
    builder.ret_void()
