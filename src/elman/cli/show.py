"""`elman show CELL`: a cell's equations, its backpropagation through time, paths of its gradient, kernels."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Literal

import tyro
from tyro.conf import Positional

from elman.cells import CELLS, find
from elman.core.errors import InputError
from elman.core.show import show, show_paths, summary
from elman.core.trace import Cell
from elman.emit.target import TARGETS

GPU = "triton"
"""The target that stands for every GPU."""


_LOOP = ("hidden_size", "batch_size", "steps", "processors", "shared")


@dataclass(frozen=True)
class _Arguments:
    cell: Positional[Annotated[str | None, tyro.conf.arg(metavar="[CELL]", help_behavior_hint="")]] = None
    """A cell, with hyper-parameters if need be: lstm, "simple(f=relu)"; without one, all cells are listed."""
    latex: bool = False
    """Write a LaTeX document, not text."""
    paths: Annotated[int | None, tyro.conf.arg(metavar="N", help_behavior_hint="")] = None
    """List the paths of the gradient from the error at step t+N to each weight at the steps t … t+N."""
    layers: Annotated[int | None, tyro.conf.arg(metavar="L", help_behavior_hint="")] = None
    """How many layers the paths lead through; 1 if not given."""
    kernel: bool = False
    """Show the kernel that runs the time loop: its plan, and its LLVM IR or Triton source."""
    way: Annotated[
        Literal["forward", "backward"] | None, tyro.conf.arg(name="pass", help_behavior_hint="")
    ] = None
    """Which loop the kernel runs; forward if not given."""
    target: Annotated[str | None, tyro.conf.arg(metavar="PROCESSOR", help_behavior_hint="")] = None
    """What runs the kernel: x86-64-v4, x86-64-v3, x86-64-v2, neon, or triton for a GPU; this processor if not
    given.
    """
    dtype: Annotated[
        Literal["float32", "float64", "bfloat16"] | None, tyro.conf.arg(help_behavior_hint="")
    ] = None
    """The numbers that the kernel computes with, for bfloat16 in products alone; float32 if not given."""
    hidden_size: Annotated[int | None, tyro.conf.arg(metavar="H", help_behavior_hint="")] = None
    """For triton, the size of the layer; 512 if not given."""
    batch_size: Annotated[int | None, tyro.conf.arg(metavar="B", help_behavior_hint="")] = None
    """For triton, how many sequences there are; 64 if not given."""
    steps: Annotated[int | None, tyro.conf.arg(metavar="T", help_behavior_hint="")] = None
    """For triton, how many steps they have; 512 if not given."""
    processors: Annotated[int | None, tyro.conf.arg(metavar="N", help_behavior_hint="")] = None
    """For triton, the multiprocessors of the device; those of an H200, 132, if not given."""
    shared: Annotated[int | None, tyro.conf.arg(metavar="KIB", help_behavior_hint="")] = None
    """For triton, the shared memory of each in KiB; 227 if not given."""


def main(argv: Sequence[str]) -> int:
    """Show; returns the exit status."""
    given = tyro.cli(
        _Arguments,
        args=list(argv),
        prog="elman show",
        description="The equations of a cell, and its backpropagation through time.",
        config=(tyro.conf.DisallowNone, tyro.conf.FlagCreatePairsOff),
    )
    _check(given)
    notation = "latex" if given.latex else "text"
    if given.cell is None:
        print("\n".join(f"{name:20} {summary(cell)}" for name, cell in CELLS.items()))
    elif given.kernel:
        print(_kernel(find(given.cell), given), end="")
    elif given.paths is not None:
        layers = 1 if given.layers is None else given.layers
        print(show_paths(find(given.cell), layers, given.paths, notation), end="")
    else:
        print(show(find(given.cell), notation), end="")
    return 0


def _check(given: _Arguments) -> None:
    if given.layers is not None and given.paths is None:
        raise InputError("--layers is for --paths: say how many steps back, as in --layers 2 --paths 1")
    if given.cell is None and given != _Arguments():
        raise InputError("show which cell? elman show lists them")
    if given.kernel and (given.latex or given.paths is not None):
        raise InputError("--kernel is shown alone, without --latex and --paths")
    if not given.kernel and (given.way or given.target or given.dtype):
        raise InputError("--pass, --target and --dtype are for --kernel")
    if given.target is not None and given.target not in (*TARGETS, GPU):
        raise InputError(f"--target is one of {', '.join((*TARGETS, GPU))}, not {given.target!r}")
    for name in _LOOP:
        value = getattr(given, name)
        option = f"--{name.replace('_', '-')}"
        if value is not None and given.target != GPU:
            raise InputError(f"{option} is for --target {GPU}")
        if value is not None and value < 1:
            raise InputError(f"{option} is 1 or more, not {value}")


def _kernel(cell: Cell, given: _Arguments) -> str:
    kernels = import_module("elman.emit.show")  # with LLVM, which nothing else here needs
    if given.target == GPU:
        return kernels.show_triton(cell, given.dtype or "float32", given.way or "forward", _loop(given))
    library = import_module("elman.run.library")
    target = TARGETS[given.target] if given.target else library.host_target()
    return kernels.show_kernel(cell, target, given.dtype or "float32", given.way or "forward")


def _loop(given: _Arguments) -> object:
    """For what a GPU runs the loop."""
    kernels = import_module("elman.emit.show")
    processors, shared = kernels.H200
    chip = kernels.Chip(given.processors or processors, given.shared << 10 if given.shared else shared)
    asked = {name: getattr(given, name) for name in _LOOP[:3]}
    return kernels.Loop(chip=chip, **{name: value for name, value in asked.items() if value})
