"""The machine's limit: how many floating-point operations a second its threads can do at all.

Fused multiply-adds on registers alone, x ← ½ x + 1: two operations for each number of a vector. As many
chains of them run side by side as the register tile of a product has sums; that is more than a processor has
under way at once, so none waits for another.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

from elman.bench.native import Native
from elman.emit.vector import Vectors
from elman.run.library import host_target

Value = Any
TRIES = 3
UNROLLED = 4
TURNS = 1 << 19


def peak(threads: int, turns: int = TURNS) -> float:
    """Returns floating-point operations a second, float32, on that many threads: the best of some tries."""
    loop = multiply_adds()
    seconds = []
    for _ in range(TRIES):
        start = time.perf_counter()
        loop([(0, turns, turns)] * threads)
        seconds.append(time.perf_counter() - start)
    return 2.0 * UNROLLED * loop.carried * loop.vector * turns * threads / min(seconds)


@lru_cache(maxsize=1)
def multiply_adds() -> Native:
    """Returns the loop that is timed."""
    target = host_target()
    return Native("peak", target.rows * target.vectors, _turn)


def _turn(vectors: Vectors, memory: Value, index: Value, values: list[Value]) -> list[Value]:
    half, one = vectors.constant(0.5), vectors.constant(1.0)
    for _ in range(UNROLLED):
        values = [vectors.fma(value, half, one) for value in values]
    return values
