"""Triton source text to kernels that are launched, and the tiles they are launched with.

The text stands in Python's line cache, where Triton looks for it: nothing that lies on a disk is ever run.
Machine code is kept by Triton itself.
"""

from __future__ import annotations

import hashlib
import linecache
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple

import torch
from torch import Tensor

from elman.core.ir import Node
from elman.emit.plan import Row
from elman.emit.triton.writer import Launch, strides

SUMS = 16_384
"""The most numbers that the products of a tile are summed in: half of the registers of four warps."""
LARGEST = 64
"""The most sequences of a tile with products."""


class Tile(NamedTuple):
    """The sequences and units of a tile, how many units a product goes over at a time, warps."""

    rows: int
    units: int
    depth: int
    warps: int


@lru_cache(maxsize=1024)
def functions(text: str, names: tuple[str, ...]) -> tuple[Any, ...]:
    """Returns the functions of those names that a source defines."""
    file = f"<elman {hashlib.sha256(text.encode()).hexdigest()[:16]}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    found: dict[str, Any] = {"__name__": "elman_kernels"}
    exec(compile(text, file, "exec"), found)
    return tuple(found[name] for name in names)


def is_interpreted(function: Any) -> bool:
    """Whether Triton's interpreter runs a function, in numpy (TRITON_INTERPRET=1)."""
    return isinstance(function, import_module("triton.runtime.interpreter").InterpretedFunction)


@lru_cache(maxsize=16)
def processors(device: torch.device) -> int:
    """Returns how many multiprocessors a device has; four where there is none, for the interpreter."""
    if device.type != "cuda":
        return 4
    return torch.cuda.get_device_properties(device).multi_processor_count


def tile(launch: Launch, sizes: Mapping[str, int], batch: int, itemsize: int, count: int) -> Tile:
    """Returns the tile for so many sequences: as large as registers hold, as small as it takes to keep
    `count` multiprocessors busy.

    itemsize: the bytes of a factor.
    """
    width = sizes.get(launch.size, 1)
    deepest = max((sizes.get(size, 1) for size in launch.depth), default=1)
    if not launch.results:
        units, rows = min(power(width), 128), min(power(batch), 8)
        while rows > 1 and -(-batch // rows) * -(-width // units) < 2 * count:
            rows //= 2
        return Tile(rows, units, 128, max(1, rows * units // 256))
    rows = min(max(power(batch), 16), LARGEST)
    units = min(max(power(width), 16), 64)
    while units > 16 and (
        rows * units * launch.results > SUMS or -(-batch // rows) * -(-width // units) < count
    ):
        units //= 2
    depth = min(max(power(deepest), 16), 128 // itemsize)
    return Tile(rows, units, depth, 8 if itemsize == 8 or rows * units * launch.results > SUMS // 2 else 4)


def power(count: int) -> int:
    """The least power of two that is not below a number."""
    return 1 << (count - 1).bit_length()


@dataclass(frozen=True, eq=False)
class Launcher:
    """A launch with all that it works on; grid: of how many tiles for so many sequences."""

    function: Any
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]
    grid: Callable[[int], tuple[int, int]]

    def __call__(self, count: int, *time: Any) -> None:
        """Launches tiles for so many sequences; time: which step it is, or which steps there are."""
        self.function[self.grid(count)](*time, *self.arguments, **self.options)


def operands(launch: Launch, tensors: Mapping[Node, Tensor], tables: Mapping[Row, Tensor]) -> list[Any]:
    """What a launch works on, as its arguments: tables, rows (N, ·) and vectors whose units lie one after the
    other, matrices; behind each value the steps in it.
    """
    given: list[Any] = [tables[row] for row in launch.tables]
    for node in launch.arguments:
        given += [tensors[node], *steps_between(node, tensors[node])]
    return given


def steps_between(node: Node, tensor: Tensor) -> tuple[int, ...]:
    """The steps from one row of a value to the next, and of a matrix from one column to the next."""
    return tuple(tensor.stride(way) for way in range(strides(node)))


def shaped(
    launch: Launch,
    function: Any,
    given: Sequence[Any],
    device: torch.device,
    sizes: Mapping[str, int],
    dtype: torch.dtype,
    batch: int,
    last: Sequence[Any] = (),
) -> Launcher:
    """Returns a launch with the arguments that are given, those of its tile, and the last ones."""
    rows, units, depth, warps = tile(launch, sizes, batch, dtype.itemsize, processors(device))
    constants = (factor(function, dtype), precision(), rows, units, depth)
    across = -(-sizes.get(launch.size, 1) // units)
    return Launcher(
        function,
        (*given, *(sizes[size] for size in launch.sizes), *constants, *last),
        {} if is_interpreted(function) else {"num_warps": warps, "enable_fp_fusion": True},
        lambda count: (max(1, -(-count // rows)), across),
    )


def factor(function: Any, dtype: torch.dtype) -> Any:
    """The format of the factors of a function's products, as Triton calls it."""
    # numpy, in which the interpreter computes, has no bfloat16; that of float32 are the same products
    return language(torch.float32 if is_interpreted(function) and dtype.itemsize == 2 else dtype)


def precision() -> str:
    """How numbers of float32 are multiplied: as cuDNN's recurrent layers do it."""
    layers: Any = torch.backends.cudnn.rnn
    if hasattr(layers, "fp32_precision"):
        return "tf32" if layers.fp32_precision == "tf32" else "ieee"
    return "tf32" if torch.backends.cudnn.allow_tf32 else "ieee"  # before torch 2.9


def language(dtype: torch.dtype) -> Any:
    """What Triton calls a format of numbers."""
    return getattr(import_module("triton.language"), str(dtype).removeprefix("torch."))
