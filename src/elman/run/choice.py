"""Who runs a cell: compiled kernels where they can, torch's own operations everywhere else.

`ELMAN_KERNELS=eager` in the environment, or `elman.kernels("eager")`, switches the kernels off.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from threading import Lock
from typing import TypeVar

import torch

from elman.core.errors import InputError
from elman.core.ir import Node
from elman.core.program import Program
from elman.run.call import DTYPES
from elman.run.compiled import CompiledCell
from elman.run.eager import EagerLoop
from elman.run.gpu.cell import GpuCell, why_not
from elman.run.gpu.loop import FORMATS
from elman.run.pairs import multiplies_pairs
from elman.run.rounded import RoundedCell

MODES = ("auto", "eager")


class kernels:  # noqa: N801 - used as a function, and as a context: with elman.kernels("eager"): ...
    """Chooses who runs the cells from here on: "auto" (compiled kernels where they can) or "eager" (torch's
    own operations).

    As a context, the choice ends with it. Raises InputError for another mode.
    """

    mode = "auto"

    def __init__(self, mode: str) -> None:
        self._before = kernels.mode
        kernels.mode = _checked(mode, "the mode of kernels")

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        kernels.mode = self._before


def _checked(mode: str, what: str) -> str:
    if mode not in MODES:
        raise InputError(f"{what} is {' or '.join(MODES)}, not {mode!r}")
    return mode


kernels.mode = _checked(os.environ.get("ELMAN_KERNELS") or "auto", "ELMAN_KERNELS")


class Engine:
    """A program at given sizes, with all that can run it."""

    def __init__(self, program: Program, sizes: Mapping[str, int]) -> None:
        self.program = program
        self.sizes = dict(sizes)
        self.names = tuple(param.name for param in program.step.params)
        """The weights of the step, in order."""
        masks = program.loop.masks
        self.mask_kinds = tuple((str(node.attribute("kind")), self.size(node)) for node in masks)
        """The masks of the step, in order: what they are, and their sizes."""
        self._compiled: dict[tuple[torch.device, torch.dtype, bool], CompiledCell | None] = {}
        self._lock = Lock()

    @cached_property
    def eager(self) -> EagerLoop:
        """Torch's own operations: any device, any dtype, any derivative."""
        return EagerLoop(self.program, self.sizes)

    def size(self, node: Node) -> int:
        """The number of units of a value."""
        return self.sizes.get(node.shape[-1], 1)

    def compiled(self, device: torch.device, dtype: torch.dtype, training: bool) -> CompiledCell | None:
        """Returns the kernels for a device and a format of numbers, if `training` those of the backward pass
        too; None where there are none, or they are switched off.
        """
        if not runs_cells(device, dtype):
            return None
        key = device, dtype, training
        with self._lock:
            if key not in self._compiled:
                self._compiled[key] = self._compile(*key)
            return self._compiled[key]

    def _compile(self, device: torch.device, dtype: torch.dtype, training: bool) -> CompiledCell | None:
        # what failed once on a kind of device is neither tried nor told again
        if any(cell is None and key[0].type == device.type for key, cell in self._compiled.items()):
            return None

        def make() -> CompiledCell:
            given = self.program, self.sizes
            if device.type == "cuda":
                cell = GpuCell(*given, dtype, device)
            else:
                cell = RoundedCell(*given) if dtype == torch.bfloat16 else CompiledCell(*given, dtype)
            cell.compile(training)
            return cell

        return compiled_or_none(self.program.step.name, make)


Compiled = TypeVar("Compiled")


def has_kernels(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether there are kernels of machine code for a device and a format of numbers, and they are not
    switched off.
    """
    known = dtype in DTYPES or (dtype == torch.bfloat16 and multiplies_pairs())
    return kernels.mode != "eager" and device.type == "cpu" and known


def runs_cells(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether kernels run cells on a device, in a format of numbers."""
    if device.type != "cuda" or kernels.mode == "eager":
        return has_kernels(device, dtype)
    return dtype in FORMATS and _runs_triton(device)


@lru_cache(maxsize=16)
def _runs_triton(device: torch.device) -> bool:
    """Whether a GPU runs Triton's kernels; a warning says once why it does not."""
    reason = why_not(device)
    if reason is not None:
        told = f"layers on {device} run in torch's own operations, slower: {reason}"
        warnings.warn(told, RuntimeWarning, stacklevel=3)
    return reason is None


def compiled_or_none(name: str, make: Callable[[], Compiled]) -> Compiled | None:
    """Returns kernels as made; None, with a warning that says why, where they cannot be compiled."""
    try:
        return make()
    except Exception as error:
        warnings.warn(
            f"the kernels of {name} could not be compiled ({type(error).__name__}: {error}); "
            "it runs in torch's own operations, slower",
            RuntimeWarning,
            stacklevel=3,
        )
        return None
