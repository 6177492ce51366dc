"""How an expression is written, in any notation: of quantities and numbers, by the templates of `ops.py`.

An expression binds as one of FORMS, from the loosest to the tightest; where a template asks for a tighter
operand, brackets go around it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from elman.core.ir import Node, topological
from elman.core.ops import OPERATIONS

FORMS = ("sum", "matmul", "product", "power", "atom")


@dataclass(frozen=True)
class Quantity:
    """A value with a name of its own: h_{t-1} (offset -1), the weight W.f (no offset), the error δf_t."""

    name: str
    offset: int | None = None
    error: bool = False


@dataclass(frozen=True)
class Written:
    """A piece of an equation, and how it binds; "{:product}" formats it so that it can stand in a product."""

    text: str
    form: str = "atom"

    def __format__(self, wanted: str) -> str:
        loose = FORMS.index(self.form) < FORMS.index(wanted or FORMS[0])
        return f"({self.text})" if loose else self.text


@dataclass(frozen=True)
class Section:
    """A part of what is shown: a heading, a remark (ASCII prose with `inline` equations), and equations."""

    heading: str
    remark: str
    equations: Sequence[str]


class Notation(Protocol):
    """What differs between text and LaTeX."""

    def quantity(self, quantity: Quantity) -> str:
        """Writes a quantity with its index of time."""
        ...

    def number(self, value: float) -> str:
        """Writes a number that is not negative."""
        ...

    def size(self, quantities: Sequence[str], shape: Sequence[str]) -> str:
        """Says that quantities have a shape."""
        ...

    def template(self, op: str) -> str:
        """Returns the template of an operation."""
        ...

    def scaled(self) -> str:
        """Returns the template of a product with a number."""
        ...

    def partial(self, above: str, below: str, *, direct: bool = False) -> str:
        """Writes ∂above/∂below; a direct one, ∂⁺, holds all else in the equation of `above` constant."""
        ...

    def chain(self, factors: Sequence[str]) -> str:
        """Writes the product of partial derivatives."""
        ...

    def over_steps(self, term: Written) -> str:
        """Writes the sum of a term over all steps."""
        ...

    def inline(self, equation: str) -> str:
        """Puts an equation into a sentence."""
        ...

    def page(self, title: str, sections: Sequence[Section]) -> str:
        """Puts a title and sections together."""
        ...


@dataclass(frozen=True)
class Names:
    """The atoms of equations: nodes with names, and nodes that stand for a value so many steps later."""

    quantities: Mapping[Node, Quantity]
    stand_for: Mapping[Node, tuple[Node | None, int]] = field(
        default_factory=dict[Node, tuple[Node | None, int]]
    )


@dataclass(frozen=True)
class Writer:
    """Writes the nodes of one cell in one notation."""

    names: Names
    notation: Notation

    def refer(self, node: Node | None, later: int = 0) -> Written:
        """Writes a node of step t + `later` by its name, or its definition if it has none; None is zero."""
        if node is None:
            return Written(self.notation.number(0))
        if node in self.names.quantities:
            return self._quantity(self.names.quantities[node], later)
        return self.define(node, later)

    def define(self, node: Node, later: int = 0) -> Written:
        """Writes the right side of the equation that defines a node."""
        if node.op == "constant":
            number = self.notation.number(abs(node.value))
            return Written(number) if node.value >= 0 else Written(f"-{number}", "sum")
        if node in self.names.stand_for:
            meant, steps = self.names.stand_for[node]
            return self.refer(meant, later + steps)
        if not node.args:
            return self._quantity(self.names.quantities[node], later)
        written: dict[Node, Written] = {}
        atoms = {*self.names.quantities, *self.names.stand_for} - {node}
        for inner in topological([node], atoms):
            operands = [written.get(arg) or self.refer(arg, later) for arg in inner.args]
            written[inner] = self._operation(inner, operands) if inner.args else self.define(inner, later)
        return written[node]

    def _quantity(self, quantity: Quantity, later: int) -> Written:
        offset = None if quantity.offset is None else quantity.offset + later
        return Written(self.notation.quantity(Quantity(quantity.name, offset, quantity.error)))

    def _operation(self, node: Node, operands: list[Written]) -> Written:
        row = OPERATIONS[node.op]
        template = self.notation.template(node.op)
        attributes = dict(node.attributes)
        if node.op == "mul" and node.args[0] is node.args[1]:
            row, template, attributes = OPERATIONS["power"], self.notation.template("power"), {"exponent": 2}
        elif node.op == "mul" and any(arg.op == "constant" for arg in node.args):
            number_first = operands if node.args[0].op == "constant" else operands[::-1]
            template, operands = self.notation.scaled(), number_first
        if template == "{}":
            return operands[0]
        return Written(template.format(*operands, **attributes), row.form)
