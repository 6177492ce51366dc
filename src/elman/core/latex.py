"""Equations as LaTeX, in the part of it that matplotlib's mathtext knows too."""

from __future__ import annotations

import re
from collections.abc import Sequence

from elman.core.notation import Quantity, Section, Written
from elman.core.ops import OPERATIONS

_LETTERS = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"
_COMMANDS = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi "
    "chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
GREEK = dict(zip(_LETTERS, _COMMANDS.split(), strict=True))
SYMBOLS = {letter: f"\\{name}" for letter, name in GREEK.items()} | {
    "∘": r"\circ",
    "·": r"\cdot",
    "×": r"\times",
    "∂": r"\partial",
    "√": r"\surd",
    "≤": r"\leq",
    "≥": r"\geq",
    "→": r"\rightarrow",
    "…": r"\ldots",
    "\N{COMBINING TILDE}": r"\tilde{}",
}
RESERVED = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"} | {
    character: f"\\{character}" for character in "&%$#_{}"
}


class Latex:
    r"""The notation of a paper: h_{t} = o_{t} \circ \tanh(c_{t})."""

    def quantity(self, quantity: Quantity) -> str:
        root, *members = quantity.name.split(".")
        word, number = _split(root)
        below = [_word(member) for member in members]
        if quantity.offset is not None:
            below.append(f"t{quantity.offset:+d}" if quantity.offset else "t")
        written = (
            (r"\delta " if quantity.error else "") + _word(word) + (f"^{{({number})}}" if number else "")
        )
        return written + (f"_{{{','.join(below)}}}" if below else "")

    def number(self, value: float) -> str:
        digits, _, exponent = f"{value:.4g}".partition("e")
        if not exponent:
            return digits
        power = f"10^{{{int(exponent)}}}"
        return power if digits == "1" else rf"{digits} \cdot {power}"

    def size(self, quantities: Sequence[str], shape: Sequence[str]) -> str:
        sizes = r" \times ".join(shape)
        return rf"{', '.join(quantities)} \in \mathbb{{R}}^{{{sizes}}}"

    def template(self, op: str) -> str:
        return OPERATIONS[op].latex

    def scaled(self) -> str:
        return r"{:product} \, {:product}"

    def partial(self, above: str, below: str, *, direct: bool = False) -> str:
        return rf"\frac{{\partial{'^{+}' if direct else ''} {above}}}{{\partial {below}}}"

    def chain(self, factors: Sequence[str]) -> str:
        return r" \, ".join(factors)

    def over_steps(self, term: Written) -> str:
        return rf"\sum_{{t}} {term:matmul}"

    def inline(self, equation: str) -> str:
        return f"${equation}$"

    def page(self, title: str, sections: Sequence[Section]) -> str:
        lines = [
            r"\documentclass{article}",
            r"\usepackage{amsmath,amssymb}",
            r"\begin{document}",
            "",
            prose(title),
        ]
        for section in sections:
            lines += [
                "",
                rf"\subsection*{{{section.heading}}}",
                *([section.remark] if section.remark else []),
            ]
            lines += [rf"\[ {equation} \]" for equation in section.equations]
        return "\n".join([*lines, "", r"\end{document}"]) + "\n"


def prose(text: str) -> str:
    """Writes a sentence of anybody's so that LaTeX takes it as text."""
    written = [RESERVED.get(character) or _symbol(character) for character in text]
    return "".join(written)


def _symbol(character: str) -> str:
    return f"${SYMBOLS[character]}$" if character in SYMBOLS else character


def _split(name: str) -> tuple[str, str]:
    """Splits h2 into h and 2."""
    match = re.fullmatch(r"(.*?\D)(\d+)", name)
    return (match[1], match[2]) if match else (name, "")


def _word(name: str) -> str:
    if GREEK.get(name, name) in GREEK.values():
        return f"\\{GREEK.get(name, name)}"
    escaped = name.replace("_", r"\_")
    return escaped if len(name) == 1 else rf"\mathrm{{{escaped}}}"
