"""Memory for large arrays: huge pages, used again.

The first touch of fresh memory costs a page fault for every 4 KiB, for the values of a whole sequence as long
as a fifth of the work on them. Where the system has huge pages, large arrays are mapped in pieces of 2 MiB,
and what is freed is kept for the next array of about its size: training asks for the same ones at every step.
"""

from __future__ import annotations

import ctypes
import mmap
import weakref
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

PAGE = 1 << 21
GRAIN = 1 << 16
"""Sizes are rounded up to so many bytes."""
LARGE = PAGE // 8
"""Bytes from which an array gets a mapping of its own. Allocators keep what is smaller; larger arrays they
give back to the system, which costs training some hundred page faults a step.
"""
KEPT = 1 << 30
"""The most bytes that are kept while nobody uses them; those freed first go first."""
_SUPPORTED = hasattr(mmap, "MADV_HUGEPAGE") and Path("/sys/kernel/mm/transparent_hugepage").exists()


def empty(rows: int, columns: int, dtype: torch.dtype) -> Tensor:
    """Returns an array (rows, columns) in the memory of the processor, its values left open."""
    size = rows * columns * dtype.itemsize
    if not _SUPPORTED or size < LARGE:
        return torch.empty(rows, columns, dtype=dtype)
    whole = torch.frombuffer(_free.take(-(-size // GRAIN) * GRAIN), dtype=dtype)
    first = -whole.data_ptr() % PAGE // dtype.itemsize
    return whole[first : first + rows * columns].view(rows, columns)


def release() -> None:
    """Gives the memory that is kept back to the system."""
    _free.clear()


class Mapping(NamedTuple):
    """Memory of at least `size` bytes from the first whole page on."""

    size: int
    memory: mmap.mmap


class _Free:
    """Mappings that nobody uses, the latest last.

    Memory is freed at any time, also inside of these methods: each changes the list in one step.
    """

    def __init__(self) -> None:
        self._mappings: list[Mapping] = []

    @property
    def kept(self) -> int:
        """The bytes that are kept."""
        return sum(one.size for one in self._mappings.copy())

    def take(self, size: int) -> ctypes.Array[ctypes.c_char]:
        """Returns memory of at least so many bytes from its first whole page on; it comes back when it is
        freed.
        """
        mapping = self._fitting(size) or self._mapped(size)
        memory = (ctypes.c_char * len(mapping.memory)).from_buffer(mapping.memory)
        weakref.finalize(memory, self._keep, mapping).atexit = False
        return memory

    def clear(self) -> None:
        """Let go of what is kept."""
        while self._mappings:
            with suppress(IndexError):  # another thread was faster
                self._mappings.pop()

    def _mapped(self, size: int) -> Mapping:
        try:
            return _map(size)
        except OSError:  # what is kept may be what is missing
            self.clear()
            return _map(size)

    def _fitting(self, size: int) -> Mapping | None:
        for one in reversed(self._mappings.copy()):
            if size <= one.size <= size + size // 4:
                with suppress(ValueError):  # another thread was faster
                    self._mappings.remove(one)
                    return one
        return None

    def _keep(self, mapping: Mapping) -> None:
        self._mappings.append(mapping)
        while self.kept > KEPT:
            with suppress(IndexError):
                self._mappings.pop(0)


def _map(size: int) -> Mapping:
    memory = mmap.mmap(-1, size + PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if whole := size // PAGE * PAGE:  # what is left over has small pages, and takes no more than it needs
        place = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        memory.madvise(mmap.MADV_HUGEPAGE, -place % PAGE, whole)
    return Mapping(size, memory)


_free = _Free()
