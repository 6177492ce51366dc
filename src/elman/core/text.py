"""Equations as text: near Python, so that what is shown can be run."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from elman.core.notation import Quantity, Section, Written
from elman.core.ops import OPERATIONS

WIDTH = 110


class Text:
    """The notation of the terminal: h_t = o_t * tanh(c_t)."""

    def quantity(self, quantity: Quantity) -> str:
        return ("δ" if quantity.error else "") + indexed(quantity.name) + step(quantity.offset)

    def number(self, value: float) -> str:
        return repr(int(value)) if value == int(value) and value < 1e6 else repr(value)

    def size(self, quantities: Sequence[str], shape: Sequence[str]) -> str:
        return f"{', '.join(quantities)}: {'×'.join(shape)}"

    def template(self, op: str) -> str:
        return OPERATIONS[op].text

    def scaled(self) -> str:
        return OPERATIONS["mul"].text

    def partial(self, above: str, below: str, *, direct: bool = False) -> str:
        return f"{'∂⁺' if direct else '∂'}{above}/∂{below}"

    def chain(self, factors: Sequence[str]) -> str:
        return " · ".join(factors)

    def over_steps(self, term: Written) -> str:
        return f"Σ_t {term:matmul}"

    def inline(self, equation: str) -> str:
        return equation

    def page(self, title: str, sections: Sequence[Section]) -> str:
        lines = [title]
        for section in sections:
            heading = f"{section.heading}: {section.remark}" if section.remark else section.heading
            lines += ["", *textwrap.wrap(heading, WIDTH, subsequent_indent="  ")]
            lines += [f"  {equation}" for equation in section.equations]
        return "\n".join(lines) + "\n"


def indexed(name: str) -> str:
    """Writes the name of a weight as the equations of a cell do: R[0].h."""
    first, *rest = name.split(".")
    return first + "".join(f"[{part}]" if part.isdecimal() else f".{part}" for part in rest)


def step(offset: int | None) -> str:
    """Writes an index of time: _t, _{t-1}, or nothing."""
    if offset is None:
        return ""
    return f"_{{t{offset:+d}}}" if offset else "_t"
