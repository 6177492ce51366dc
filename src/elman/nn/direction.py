"""One direction of one layer: from the rows of its input to its output and states.

Legend: B sequences, N rows (one for each step of each sequence, step by step), I input size, V symbols.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from torch import Tensor
from torch.nn import functional

from elman.core.passes import compile_step
from elman.core.program import Program
from elman.core.trace import Cell
from elman.core.transform import with_recurrent_dropout, with_resets, with_zoneout
from elman.nn.function import Outputs, run_before, run_loop
from elman.nn.masks import Masks
from elman.run.choice import Engine
from elman.run.layout import Layout
from elman.run.loop import Operands
from elman.run.tape import OneHot


@dataclass(frozen=True)
class Symbols:
    """Integers as input: (N,) indices into a table (V, I), or 1-of-N vectors of size V where there is no
    table.
    """

    indices: Tensor
    table: Tensor | None
    count: int


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
    operands = Operands(
        inputs=tuple(_before(engine, x, [params[param.name] for param in program.step.params])),
        states=states,
        masks=masks.draw(program.loop.masks, layout, sizes, states[0]),
        params=tuple(params[param.name] for param in program.loop.params),
    )
    return run_loop(engine, layout, operands, return_states)


def _before(engine: Engine, x: Tensor | Symbols, params: list[Tensor]) -> list[Tensor]:
    """What the loop reads of x. Of symbols fewer than rows it is computed once a symbol, then looked up."""
    if isinstance(x, Tensor):
        return run_before(engine, x, params)
    if x.count > len(x.indices):
        looked_up = OneHot(x.indices) if x.table is None else functional.embedding(x.indices, x.table)
        return run_before(engine, looked_up, params)
    table = OneHot(None) if x.table is None else x.table
    return [functional.embedding(x.indices, values) for values in run_before(engine, table, params)]
