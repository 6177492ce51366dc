"""How the programs that keep matrices on a chip share units and sequences, and where that pays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from elman.emit.triton.persistent import Resident

FEWEST = 8
"""The least steps for which it pays to bring the matrices to the chip. Nothing was measured yet: a step by
launches is taken to cost 3 µs for each, in which all matrices come from the second cache, one here 2 µs for
each meeting; to load the matrices and to clear the counters takes as long as some steps.
"""
MOST = 128
"""The most sequences of a program; with more of them, products are large enough for launches of their own."""
NARROWEST = 16
"""The fewest sequences, and units, that a product takes."""
WARPS = 8
SPILLED = 32
"""The most bytes of a thread that may lie outside of its registers: some numbers in the first cache cost less
than launches do; not measured yet.
"""
BESIDE = 16 << 10
"""The shared memory, in bytes, that is left for what is not a matrix."""


class Chip(NamedTuple):
    """What a device has: multiprocessors, and bytes of shared memory in each."""

    processors: int
    shared: int


H200 = Chip(132, 227 << 10)


class Shape(NamedTuple):
    """The sequences and units of a program, how many units a product goes over at a time, warps; groups of
    sequences, and the programs of each.
    """

    rows: int
    units: int
    depth: int
    warps: int
    groups: int
    blocks: int


def kept(launch: Resident, sizes: Mapping[str, int], units: int, depth: int, itemsize: int) -> int:
    """Returns the bytes of matrices that a program keeps, in parts of some depth."""
    return units * itemsize * sum(-(-sizes.get(size, 1) // depth) * depth for size in launch.matrices)


def shape(launch: Resident, sizes: Mapping[str, int], batch: int, itemsize: int, chip: Chip) -> Shape | str:
    """Returns how programs share sequences and units, or why a device cannot hold them.

    A program has as few units as a product allows, so that its part of the matrices is small; the sequences
    are shared by as many groups as there are multiprocessors for. itemsize: the bytes of a factor.
    """
    widest = max(sizes.get(size, 1) for size in launch.units)
    units = NARROWEST
    while -(-widest // units) > chip.processors:
        units *= 2
    blocks = -(-widest // units)
    rows, most = NARROWEST, chip.processors // blocks
    while rows * most < batch:
        rows *= 2
    if rows > MOST:
        return f"{batch} sequences are more than {MOST * most}, for which there are multiprocessors"
    depth = _depth(rows, itemsize)
    needed, room = kept(launch, sizes, units, depth, itemsize), chip.shared - BESIDE
    if needed > room:
        return f"its matrices take {needed >> 10} KiB of each multiprocessor, which has room for {room >> 10}"
    return Shape(rows, units, depth, WARPS, -(-batch // rows), blocks)


def slower(steps: int, exact: bool) -> str | None:
    """Returns why it would not pay for so many steps; exact: whether products are of float64, or of float32
    without TF32.
    """
    if exact:
        return "products of numbers that are not rounded were not tried so"
    return f"{steps} steps are fewer than {FEWEST}" if steps < FEWEST else None


def _depth(rows: int, itemsize: int) -> int:
    """As many as registers hold: each part of a product waits for memory once, so there should be few."""
    return (256 if rows < 64 else 128) // itemsize
