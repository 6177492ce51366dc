"""One direction of one layer, or a head of it: from the rows of its input to its output and states.

Legend: B sequences, N rows (one for each step of each sequence, step by step), I input size, V symbols.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from torch import Tensor

from elman.cells import find
from elman.core.digest import digest
from elman.core.errors import InputError
from elman.core.passes import compile_step
from elman.core.program import Program
from elman.core.trace import Cell
from elman.core.transform import with_recurrent_dropout, with_resets, with_zoneout
from elman.nn.function import CellCall
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

    def key(self, sizes: Mapping[str, int]) -> str:
        """Returns a text that names the cell, what is added and all sizes; `engine_of` reads it."""
        added = [name for name in ADDED if getattr(self, name)]
        given = [f"{name}={size}" for name, size in sorted(sizes.items())]
        key = f"{self.cell.spec} | {' '.join(added)} | {' '.join(given)} | {digest(self.program.step)}"
        _engines[key] = engine(self, sizes)
        return key


ADDED = ("zoneout", "dropout", "resets")
_engines: dict[str, Engine] = {}


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


def engine(variant: Variant, sizes: Mapping[str, int]) -> Engine:
    """Returns who runs a cell at given sizes."""
    return _engine(variant, tuple(sorted(sizes.items())))


@lru_cache(maxsize=256)
def _engine(variant: Variant, sizes: tuple[tuple[str, int], ...]) -> Engine:
    return Engine(variant.program, dict(sizes))


def engine_of(key: str) -> Engine:
    """Returns who runs the cell of a key (see `Variant.key`).

    Raises InputError where it is no cell of elman's, and this process has made no layer of it, or where its
    equations are others here.
    """
    if key not in _engines:
        spec, added, given, fingerprint = (part.strip() for part in key.split("|"))
        sizes = {name: int(size) for name, size in (pair.split("=") for pair in given.split())}
        variant = Variant(find(spec), **dict.fromkeys(added.split(), True))
        if digest(variant.program.step) != fingerprint:
            raise InputError(f"the model was made with other equations of {spec!r} than those known here")
        _engines[key] = engine(variant, sizes)
    return _engines[key]


@dataclass(frozen=True)
class Direction:
    """A cell with its sizes, weights and masks: one direction of one layer, or a head of it."""

    variant: Variant
    sizes: Mapping[str, int]
    weights: Mapping[str, Tensor]
    masks: Masks

    def call(
        self,
        x: Tensor | Symbols,
        batch_sizes: tuple[int, ...],
        reverse: bool,
        states: tuple[Tensor, ...],
        return_states: bool,
    ) -> CellCall:
        """Returns the run of the cell over rows x, (N, I) or symbols, from states (B, ·)."""
        runner = engine(self.variant, self.sizes)
        masks = self.masks.draw(runner.mask_kinds, batch_sizes, states[0])
        weights = [self.weights[name] for name in runner.names]
        layout = Layout(batch_sizes, reverse)
        return CellCall(runner, layout, x, states, masks, weights, return_states)
