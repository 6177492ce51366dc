"""A loop written as LLVM IR, run on some threads at once."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

from llvmlite import ir

from elman.emit.loops import I64, number
from elman.emit.target import Target
from elman.emit.vector import PRECISIONS, Vectors
from elman.run.library import Library, host_target

Value = Any
Turn = Callable[[Vectors, Value, Value, list[Value]], list[Value]]
FLOAT = PRECISIONS["float"]
_MOST_THREADS = 1024


class Native:
    """`void run(float *memory, int64 turns, int64 period, float *sums)`: vectors carried through a loop.

    They start as zero, and are summed at the end. carried: how many. turn: emits what a turn makes of them,
    given the address `memory` and the number of the turn, which starts again at zero after a period.
    """

    def __init__(self, name: str, carried: int, turn: Turn) -> None:
        target = host_target()
        self.vector = target.lanes("float")
        self.carried = carried
        self.text = _emit(target, name, carried, turn)
        self._library = Library(f"bench {self.text}", lambda: self.text, target)
        word = ctypes.c_int64
        kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, word, word, ctypes.c_void_p)
        self._run = kind(self._library.address("run"))  # lets go of the interpreter lock while it runs

    def __call__(self, pieces: Sequence[tuple[int, int, int]]) -> list[float]:
        """Runs each piece, (memory, turns, period), on its own thread; returns the sums of their vectors."""
        return list(_threads().map(self._piece, pieces))

    def _piece(self, piece: tuple[int, int, int]) -> float:
        sums = (ctypes.c_float * (self.carried * self.vector))()
        self._run(*piece, sums)
        return sum(sums)


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_MOST_THREADS)


def _emit(target: Target, name: str, carried: int, turn: Turn) -> str:
    module = ir.Module(name)
    module.triple = target.triple
    numbers = FLOAT.type.as_pointer()
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [numbers, I64, I64, numbers]), "run")
    memory, turns, period, sums = function.args
    entry, body, end = (function.append_basic_block(block) for block in ("entry", "body", "end"))
    builder, lanes = ir.IRBuilder(entry), target.lanes("float")
    pointer = ir.VectorType(FLOAT.type, lanes).as_pointer()
    places = [builder.bitcast(builder.gep(sums, [number(i * lanes)]), pointer) for i in range(carried)]
    # read, so that the compiler knows nothing of them: of known numbers it would work out some turns itself
    first = [builder.load(place, align=4) for place in places]
    builder.branch(body)

    builder = ir.IRBuilder(body)
    vectors = Vectors(builder, FLOAT, lanes)
    done, index = builder.phi(I64), builder.phi(I64)
    before = [builder.phi(vectors.type) for _ in range(carried)]
    after = turn(vectors, memory, index, before)
    done_next, index_next = builder.add(done, number(1)), builder.add(index, number(1))
    again = builder.icmp_signed("<", index_next, period)
    for phi, start, following in (
        (done, number(0), done_next),
        (index, number(0), builder.select(again, index_next, number(0))),
        *zip(before, first, after, strict=True),
    ):
        phi.add_incoming(start, entry)
        phi.add_incoming(following, body)
    builder.cbranch(builder.icmp_signed("<", done_next, turns), body, end)

    builder.position_at_end(end)
    for place, value in zip(places, after, strict=True):
        builder.store(value, place, align=4)
    builder.ret_void()
    return str(module)
