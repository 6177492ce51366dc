"""One direction of one layer: from the rows of its input to its output and states.

Legend: B sequences, N rows (one for each step of each sequence, step by step), I input size, V symbols.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from torch import Tensor

from elman.core.passes import compile_step
from elman.core.program import Program
from elman.core.trace import Cell
from elman.core.transform import with_recurrent_dropout, with_resets, with_zoneout
from elman.nn.function import Outputs, run_cell
from elman.nn.masks import Masks
from elman.nn.symbols import Symbols
from elman.run.choice import Engine
from elman.run.layout import Layout


@dataclass(frozen=True)
class Variant:
    """A cell with what a layer adds to it."""

    cell: Cell
    zoneout: bool = False
    dropout: bool = False
    resets: bool = False

    @property
    def program(self) -> Program:
        """The compiled step."""
        return _program(self)


@lru_cache(maxsize=256)
def _program(variant: Variant) -> Program:
    step = variant.cell.step
    if variant.zoneout:
        step = with_zoneout(step)
    if variant.dropout:
        step = with_recurrent_dropout(step)
    if variant.resets:
        step = with_resets(step)
    return compile_step(step)


@lru_cache(maxsize=256)
def _engine(variant: Variant, sizes: tuple[tuple[str, int], ...]) -> Engine:
    return Engine(variant.program, dict(sizes))


def run_direction(
    variant: Variant,
    sizes: Mapping[str, int],
    params: Mapping[str, Tensor],
    x: Tensor | Symbols,
    layout: Layout,
    states: tuple[Tensor, ...],
    masks: Masks,
    return_states: bool = False,
) -> Outputs:
    """Runs a cell over rows x, (N, I) or symbols, from states (B, ·); params by their names in the cell."""
    engine = _engine(variant, tuple(sorted(sizes.items())))
    program = engine.program
    drawn = masks.draw(program.loop.masks, layout, sizes, states[0])
    weights = [params[param.name] for param in program.step.params]
    return run_cell(engine, layout, x, states, drawn, weights, return_states)
