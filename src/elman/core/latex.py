"""Equations as LaTeX, in the part of it that matplotlib's mathtext knows too."""

from __future__ import annotations

import re
from collections.abc import Sequence

from elman.core.notation import Quantity, Section, Written
from elman.core.ops import OPERATIONS

GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split()
)


class Latex:
    r"""The notation of a paper: h_{t} = o_{t} \circ \tanh(c_{t})."""

    def quantity(self, quantity: Quantity) -> str:
        root, *members = quantity.name.split(".")
        word, number = _split(root)
        below = [*(_word(member) for member in members), *([_step(quantity.offset)] if quantity.offset is not None else [])]
        error = r"\delta " if quantity.error else ""
        return error + _word(word) + (f"^{{({number})}}" if number else "") + (f"_{{{','.join(below)}}}" if below else "")

    def number(self, value: float) -> str:
        digits, _, exponent = f"{value:.4g}".partition("e")
        if not exponent:
            return digits
        power = f"10^{{{int(exponent)}}}"
        return power if digits == "1" else rf"{digits} \cdot {power}"

    def size(self, quantities: Sequence[str], shape: Sequence[str]) -> str:
        return rf"{', '.join(quantities)} \in \mathbb{{R}}^{{{r' \times '.join(shape)}}}"

    def template(self, op: str) -> str:
        return OPERATIONS[op].latex

    def scaled(self) -> str:
        return r"{:product} \, {:product}"

    def gradient(self, quantity: Quantity) -> str:
        return rf"\frac{{\partial E}}{{\partial {self.quantity(quantity)}}}"

    def over_steps(self, term: Written) -> str:
        return rf"\sum_{{t}} {term:matmul}"

    def page(self, title: str, sections: Sequence[Section]) -> str:
        lines = [r"\documentclass{article}", r"\usepackage{amsmath,amssymb}", r"\begin{document}", f"% {title}"]
        for section in sections:
            lines += ["", rf"\section*{{{section.heading}}}", *([f"% {section.remark}"] if section.remark else [])]
            lines += [rf"\[ {equation} \]" for equation in section.equations]
        return "\n".join([*lines, "", r"\end{document}"]) + "\n"


def _step(offset: int) -> str:
    return f"t{offset:+d}" if offset else "t"


def _split(name: str) -> tuple[str, str]:
    """Splits h2 into h and 2."""
    match = re.fullmatch(r"(.*?\D)(\d+)", name)
    return (match[1], match[2]) if match else (name, "")


def _word(name: str) -> str:
    if name in GREEK:
        return f"\\{name}"
    escaped = name.replace("_", r"\_")
    return escaped if len(name) == 1 else rf"\mathrm{{{escaped}}}"
