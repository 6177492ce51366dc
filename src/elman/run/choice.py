"""Who runs a cell: compiled kernels where they can, torch's own operations everywhere else.

`ELMAN_KERNELS=eager` in the environment, or `elman.kernels("eager")`, switches the kernels off.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from functools import cached_property
from threading import Lock
from typing import TypeVar

import torch

from elman.core.errors import InputError
from elman.core.ir import Node
from elman.core.program import Program
from elman.run.call import DTYPES
from elman.run.compiled import CompiledCell
from elman.run.eager import EagerLoop
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
        self._compiled: dict[tuple[torch.dtype, bool], CompiledCell | None] = {}
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
        if not has_kernels(device, dtype):
            return None
        with self._lock:
            if (dtype, training) not in self._compiled:
                self._compiled[dtype, training] = self._compile(dtype, training)
            return self._compiled[dtype, training]

    def _compile(self, dtype: torch.dtype, training: bool) -> CompiledCell | None:
        if None in self._compiled.values():  # what failed once is neither tried nor told again
            return None

        def make() -> CompiledCell:
            given = self.program, self.sizes
            cell = RoundedCell(*given) if dtype == torch.bfloat16 else CompiledCell(*given, dtype)
            cell.compile(training)
            return cell

        return compiled_or_none(self.program.step.name, make)


Compiled = TypeVar("Compiled")


def has_kernels(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether there are kernels for a device and a format of numbers, and they are not switched off."""
    known = dtype in DTYPES or (dtype == torch.bfloat16 and multiplies_pairs())
    return kernels.mode != "eager" and device.type == "cpu" and known


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
