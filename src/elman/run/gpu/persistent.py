"""The plan that keeps matrices on the chip: one launch for all steps of a loop with products.

Programs wait for one another, so all of them have to run at the same time: there is no more than one for each
multiprocessor, and the launch is cooperative: the driver refuses it where that cannot be, and starts it once
there is room for all. One that waits too long goes on, and leaves nan and a flag in the host's memory, at
which the next loop looks; nothing here waits for the device.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from elman.emit.triton.chip import FEWEST, H200, SPILLED, Chip, Shape, shape, slower
from elman.emit.triton.persistent import BETWEEN, Resident
from elman.emit.triton.writer import Source
from elman.run.gpu.launch import (
    factor,
    functions,
    is_interpreted,
    operands,
    precision,
    processors,
    steps_between,
)
from elman.run.gpu.plan import Plan, Work

POLLS = 1 << 22
"""How often a program looks whether the others have come: at half a microsecond a look, for two seconds."""


class PersistentPlan(Plan):
    """Programs that keep their part of the matrices, and meet in every step."""

    name = "one launch for all steps, matrices on the chip"
    kind = "persistent"

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        (launch,) = source.launches
        assert isinstance(launch, Resident)
        self._launch, self._refused = launch, dict[tuple[Any, ...], str | None]()

    def why_not(self, work: Work) -> str | None:
        """Why some work cannot be done so: the device is too small, or what was compiled for it is."""
        found = shape(self._launch, work.sizes, work.layout.batch, work.dtype.itemsize, chip(work.device))
        if isinstance(found, str):
            return found
        if work.device.type != "cuda":
            return None
        if torch.cuda.is_current_stream_capturing():
            return "cooperative launches are not captured"
        _look(work.device)
        if work.device in _LOST:
            return "programs that had to wait for each other did not come together before"
        sizes = tuple(work.sizes[size] for size in self._launch.sizes)
        compiled_for = found, sizes, work.dtype, precision(), self._addressed(work)
        key = work.device, *compiled_for
        if key not in self._refused:
            self._refused[key] = self._try(work, found)
        return self._refused[key]

    def slower(self, work: Work) -> str | None:
        """Why another plan would be faster."""
        (function,) = self._functions
        if is_interpreted(function):
            return "Triton's interpreter runs one program after the other"
        exact = work.dtype.itemsize == 8 or (work.dtype.itemsize == 4 and precision() == "ieee")
        return slower(work.steps or FEWEST, exact)

    def run(self, work: Work) -> None:
        """Launches all steps at once."""
        found = shape(self._launch, work.sizes, work.layout.batch, work.dtype.itemsize, chip(work.device))
        assert isinstance(found, Shape), found
        self._queue(work, found, work.steps)

    @property
    def _functions(self) -> tuple[Any, ...]:
        return functions(self.source.text, (self._launch.name,))

    def _try(self, work: Work, found: Shape) -> str | None:
        """Launches no steps; why that cannot be, or should not."""
        resources = import_module("triton.runtime.errors").OutOfResources
        try:
            made = self._queue(work, found, 0)
        except resources as error:
            return str(error)
        except Exception as error:
            told = f"loops that keep {self._launch.matrices} on the chip go by another plan: {error}"
            warnings.warn(told, RuntimeWarning, stacklevel=2)
            return str(error)
        spilled = 4 * made.n_spills
        return f"{spilled} bytes do not fit in registers" if spilled > SPILLED else None

    def _queue(self, work: Work, found: Shape, steps: int) -> Any:
        """Launches some steps; returns what was compiled."""
        launch = self._launch
        (function,) = self._functions
        given = operands(launch, work.with_passing(self.source), work.tables)
        given += [work.sizes[size] for size in launch.sizes]
        given += [factor(function, work.dtype), precision(), found.rows, found.units, found.depth, POLLS]
        options = {"num_warps": found.warps, "enable_fp_fusion": True, "launch_cooperative_grid": True}
        arrived = torch.zeros(found.groups * BETWEEN, dtype=torch.int32, device=work.device)
        with work.on_device():
            grid, meeting = function[found.groups, found.blocks], (arrived, lost(work.device))
            return grid(*work.time(steps), *meeting, *given, **({} if is_interpreted(function) else options))

    def _addressed(self, work: Work) -> tuple[bool, ...]:
        """Which addresses, and which steps between rows, are multiples of 16: there is code for each case."""
        tensors = [(node, work.values[node]) for node in self._launch.arguments if node in work.values]
        numbers = (n for pair in tensors for n in (pair[1].data_ptr(), *steps_between(*pair)))
        return tuple(n % 16 == 0 for n in numbers)


@lru_cache(maxsize=16)
def chip(device: torch.device) -> Chip:
    """Returns what a device has; four multiprocessors where there is none, for the interpreter."""
    if device.type != "cuda":
        return Chip(processors(device), H200.shared)
    driver = import_module("triton.runtime").driver.active.utils
    index = torch.cuda.current_device() if device.index is None else device.index
    return Chip(processors(device), driver.get_device_properties(index)["max_shared_mem"])


_LOST: set[torch.device] = set()


@lru_cache(maxsize=16)
def lost(device: torch.device) -> Tensor:
    """A number in the host's memory, which programs set where they waited in vain."""
    return torch.zeros(1, dtype=torch.int32, pin_memory=device.type == "cuda")


def _look(device: torch.device) -> None:
    """Raises RuntimeError where programs have waited in vain since the last look."""
    flag = lost(device)
    if flag.item():
        flag.zero_()
        _LOST.add(device)
        raise RuntimeError(
            f"the programs of a loop on {device} waited for each other in vain; what it returned is nan. "
            "Loops take another plan from now on"
        )
