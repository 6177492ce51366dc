"""The least time that using some weights takes: that of reading them all once, from wherever they are."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch

from elman.bench.jobs import FLOAT
from elman.bench.native import Native
from elman.emit.loops import number
from elman.emit.vector import Vectors

Value = Any
CARRIED = 8


class Reading:
    """Reads an array of about that many bytes, shared among torch's number of threads, `times` over."""

    def __init__(self, size: int, times: int) -> None:
        loop = _loop()
        self._stride = loop.carried * loop.vector * FLOAT
        self._turns = max(1, size // self._stride)
        self._memory = torch.ones(self._turns * self._stride // FLOAT)
        self._times = times

    def __call__(self) -> float:
        """Returns the sum of all that is read."""
        threads = min(torch.get_num_threads(), self._turns)
        period = self._turns // threads
        starts = [self._memory.data_ptr() + part * period * self._stride for part in range(threads)]
        return sum(_loop()([(start, period * self._times, period) for start in starts]))


@lru_cache(maxsize=1)
def _loop() -> Native:
    return Native("reading", CARRIED, _turn)


def _turn(vectors: Vectors, memory: Value, index: Value, values: list[Value]) -> list[Value]:
    builder = vectors.builder
    start = builder.mul(index, number(CARRIED * vectors.lanes))
    places = [builder.gep(memory, [builder.add(start, number(i * vectors.lanes))]) for i in range(CARRIED)]
    read = [builder.load(builder.bitcast(place, vectors.type.as_pointer()), align=4) for place in places]
    return [builder.fadd(value, vector) for value, vector in zip(values, read, strict=True)]
