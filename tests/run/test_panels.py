"""Weights as panels against their definition, element by element."""

import pytest
import torch

from elman.core.ir import parameter, variable
from elman.core.ops import matmul, matmul_t
from elman.core.passes.fuse import Bundle
from elman.emit.target import TARGETS
from elman.run.library import host_target
from elman.run.panels import pack

X = variable("x", "x", ("B", "I"))


def bundle(op, count: int) -> Bundle:
    shape = ("H", "I") if op is matmul else ("I", "H")
    terms = tuple(op(parameter(f"W{i}", shape), X) for i in range(count))
    return Bundle(terms, (X,), (terms,))


def element(matrices, vectors: int, lanes: int, column: int, k: int, lane: int) -> float:
    unit = column // len(matrices) * lanes + lane
    matrix = matrices[column % len(matrices)]
    return float(matrix[unit, k]) if unit < len(matrix) else 0.0


@pytest.mark.parametrize("name", [name for name, t in TARGETS.items() if t.bits <= host_target().bits])
@pytest.mark.parametrize("dtype", ["float", "double"])
def test_each_number_stands_where_it_belongs(name, dtype):
    target = TARGETS[name]
    if target.triple != host_target().triple:
        pytest.skip("another kind of processor")
    lanes, kind = target.lanes(dtype), {"float": torch.float32, "double": torch.float64}[dtype]
    whole = torch.randn(90, 90, dtype=kind)
    sets, expected = [], []
    for count, units, depth in ((1, 1, 1), (4, 17, 33), (3, 33, 16), (2, 16, 5)):
        rows = [whole[i : i + units, i : i + depth] for i in range(count)]  # cut from a larger matrix
        columns = [row.mT.contiguous() for row in rows]
        scattered = [whole[i : i + 2 * units : 2, i : i + 2 * depth : 2] for i in range(count)]
        if 2 * max(units, depth) + count > 90:
            scattered = rows
        for op, given, meant in (
            (matmul, rows, rows),
            (matmul, scattered, scattered),
            (matmul_t, columns, rows),
            (matmul_t, rows, [row.mT for row in rows]),
        ):
            sets.append((bundle(op, count), 0, given))
            expected.append(meant)
    for panels, matrices in zip(pack(sets, target, lanes), expected, strict=True):
        depth = matrices[0].shape[1]
        found = panels.view(-1, depth, target.vectors, lanes)
        for column in range(len(found) * target.vectors):
            for k in range(depth):
                for lane in range(lanes):
                    value = float(found[column // target.vectors, k, column % target.vectors, lane])
                    assert value == element(matrices, target.vectors, lanes, column, k, lane)
