"""Dropout as LLVM IR text: y_i = x_i · scale where hash(i) < limit, else 0.

    elman_run(buffers, strides, sizes, segments, count, first, last, scratch)

does the vectors from `first` to `last` of the numbers x. What chance picks is a function of a number's place
and of two keys, so that it need not be kept for the way back, and does not depend on who computes it.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from elman.emit.loops import loop, minimum, number
from elman.emit.target import Target
from elman.emit.vector import PRECISIONS, splat
from elman.emit.worker import emit_worker, run_type

Value = Any
SIZES = ("count", "first key", "second key", "limit")
"""The words of `sizes`: how many numbers x has, then numbers of 32 bits."""
MULTIPLIERS = (0x9E3779B1, 0x21F0AAAD, 0x735A2D97)
SHIFTS = (16, 15, 15)
"""Multiply and shift, three times (Wellons 2018, whose search found the last two multipliers)."""
_I32 = ir.IntType(32)


def emit_dropout(target: Target, dtype: str) -> str:
    """Returns the LLVM IR text; buffers are x, y and the scale. dtype: float or double."""
    return str(_Dropout(target, dtype).module)


class _Dropout:
    def __init__(self, target: Target, dtype: str) -> None:
        self.module = ir.Module("dropout")
        self.module.triple = target.triple
        self._type, self._bytes = PRECISIONS[dtype].type, 4 if dtype == "float" else 8
        run = ir.Function(self.module, run_type(PRECISIONS[dtype]), "elman_run")
        self._builder = build = ir.IRBuilder(run.append_basic_block("entry"))
        buffers, _, sizes, _, _, first, last, _ = run.args
        self._x, self._y, scale = (build.load(build.gep(buffers, [number(i)])) for i in range(3))
        self._scale = build.load(scale)
        count, *keys = (build.load(build.gep(sizes, [number(i)])) for i in range(len(SIZES)))
        self._keys = [build.trunc(key, _I32) for key in keys]
        self._all(count, first, last, target.lanes(dtype))
        build.ret_void()
        emit_worker(self.module, run)

    def _all(self, count: Value, first: Value, last: Value, lanes: int) -> None:
        build = self._builder
        whole = build.udiv(count, number(lanes))
        with loop(build, build.sub(minimum(build, last, whole), first), "vector") as turn:
            self._vector(build.mul(build.add(first, turn), number(lanes)), lanes)
        with build.if_then(build.icmp_signed(">", last, whole)):
            start = build.mul(whole, number(lanes))
            with loop(build, build.sub(count, start), "rest") as turn:
                self._vector(build.add(start, turn), 1)

    def _vector(self, place: Value, lanes: int) -> None:
        build = self._builder
        kind = ir.VectorType(self._type, lanes)
        kept = build.icmp_unsigned("<", self._hash(place, lanes), splat(build, self._keys[2], lanes))
        x, y = (build.bitcast(build.gep(p, [place]), kind.as_pointer()) for p in (self._x, self._y))
        scaled = build.fmul(build.load(x, align=self._bytes), splat(build, self._scale, lanes))
        build.store(build.select(kept, scaled, ir.Constant(kind, [0.0] * lanes)), y, align=self._bytes)

    def _hash(self, place: Value, lanes: int) -> Value:
        """A number of 32 bits for each place of a vector."""
        build, kind = self._builder, ir.VectorType(_I32, lanes)
        value = build.add(
            splat(build, build.trunc(place, _I32), lanes), ir.Constant(kind, list(range(lanes)))
        )
        for multiplier, shift, key in zip(MULTIPLIERS, SHIFTS, (*self._keys[:2], None), strict=True):
            value = build.mul(value, ir.Constant(kind, [multiplier] * lanes))
            if key is not None:
                value = build.xor(value, splat(build, key, lanes))
            value = build.xor(value, build.lshr(value, ir.Constant(kind, [shift] * lanes)))
        return value
