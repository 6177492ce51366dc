"""The cells that elman brings, each written once as its equations, and finding one by its name."""

import difflib
import re

from elman.cells.gru import gru, gru_reset_before, layer_norm_gru, update_gate_gru
from elman.cells.lstm import (
    coupled_lstm,
    layer_norm_lstm,
    lstm,
    multiplicative_lstm,
    peephole_lstm,
    projection_lstm,
    slstm,
    zoneout_lstm,
)
from elman.cells.modern import indrnn, min_gru, min_lstm, rhn, sru
from elman.cells.simple import jordan, simple
from elman.core.errors import CellError, InputError
from elman.core.trace import Cell

CELLS: dict[str, Cell] = {
    cell.name: cell
    for cell in (
        simple,
        jordan,
        lstm,
        peephole_lstm,
        coupled_lstm,
        projection_lstm,
        layer_norm_lstm,
        zoneout_lstm,
        multiplicative_lstm,
        slstm,
        gru,
        gru_reset_before,
        update_gate_gru,
        layer_norm_gru,
        indrnn,
        min_gru,
        min_lstm,
        sru,
        rhn,
    )
}
NAMES = tuple(CELLS)


def find(spec: str) -> Cell:
    """Returns the cell of a name, with hyper-parameters if the name has them: "lstm", "simple(f=relu)",
    "rhn(depth=5)".

    Raises InputError with the nearest name where there is no such cell, or naming the hyper-parameter that is
    wrong.
    """
    match = re.fullmatch(r"\s*(\w+)\s*(?:\((.*)\))?\s*", spec)
    name = match[1] if match else spec
    if match is None or name not in CELLS:
        near = difflib.get_close_matches(name.lower(), NAMES, n=1, cutoff=0.4)
        raise InputError(
            f"unknown cell {spec!r}"
            + (f"; did you mean {near[0]}?" if near else "")
            + f" Known: {', '.join(NAMES)}"
        )
    hyper = [part.partition("=") for part in (match[2] or "").split(",") if part.strip()]
    try:
        return (
            CELLS[name](**{key.strip(): _value(text.strip()) for key, _, text in hyper})
            if hyper
            else CELLS[name]
        )
    except CellError as error:
        raise InputError(f"cell {spec!r}: {error}") from error


def _value(text: str) -> float | int | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
