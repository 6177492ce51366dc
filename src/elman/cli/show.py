"""`elman show CELL`: a cell's equations, its backpropagation through time, and the paths of its gradient."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import tyro
from tyro.conf import Positional

from elman.cells import CELLS, find
from elman.core.errors import InputError
from elman.core.show import show, show_paths, summary


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


def main(argv: Sequence[str]) -> int:
    """Show; returns the exit status."""
    given = tyro.cli(
        _Arguments,
        args=list(argv),
        prog="elman show",
        description="The equations of a cell, and its backpropagation through time.",
        config=(tyro.conf.DisallowNone, tyro.conf.FlagCreatePairsOff),
    )
    notation = "latex" if given.latex else "text"
    if given.layers is not None and given.paths is None:
        raise InputError("--layers is for --paths: say how many steps back, as in --layers 2 --paths 1")
    layers = 1 if given.layers is None else given.layers
    if given.cell is None:
        if given != _Arguments():
            raise InputError("show which cell? elman show lists them")
        print("\n".join(f"{name:20} {summary(cell)}" for name, cell in CELLS.items()))
    elif given.paths is not None:
        print(show_paths(find(given.cell), layers, given.paths, notation), end="")
    else:
        print(show(find(given.cell), notation), end="")
    return 0
