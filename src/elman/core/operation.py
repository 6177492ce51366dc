"""What an operation of the compiler is: a row of the table in `ops.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from elman.core.errors import CellError
from elman.core.ir import Expression, Node, Shape, node
from elman.core.shape_rules import elementwise

ShapeRule = Callable[..., Shape]


@dataclass(frozen=True, eq=False)
class Operation:
    """A row of the table, callable on symbols, nodes and numbers.

    `text` and `latex` are templates with a field an operand; "{:product}" says that an operand which binds
    less than a product is put in brackets, and `form` says how the whole binds: as a sum, matmul, product,
    power or atom (see `notation.py`).
    """

    name: str
    shape: ShapeRule
    meaning: Callable[..., Any]
    derivative: Callable[..., tuple[Any, ...]]
    text: str
    latex: str
    form: str = "atom"
    attributes: tuple[str, ...] = ()
    cheap: bool = False
    """Whether doing it again costs less than keeping its result."""

    @property
    def operands(self) -> int:
        """How many operands it takes."""
        return self.derivative.__code__.co_argcount - 2 - len(self.attributes)

    def __call__(self, *operands: Any, **attributes: Any) -> Any:
        for operand in operands:
            if isinstance(operand, Expression):
                return operand.apply(self.name, operands, attributes)
        return float(self.meaning(*operands, **attributes))

    def __repr__(self) -> str:
        return self.name


OPERATIONS: dict[str, Operation] = {}


def row(
    name: str,
    shape: ShapeRule,
    meaning: Callable[..., Any],
    derivative: Callable[..., tuple[Any, ...]],
    **rest: Any,
) -> Operation:
    """Adds an operation to the table; its LaTeX is its text where that is not given."""
    text = rest.pop("text", name + "({})")
    operation = Operation(name, shape, meaning, derivative, text, rest.pop("latex", text), **rest)
    OPERATIONS[name] = operation
    return operation


def build(op: str, args: tuple[Node, ...], attributes: Mapping[str, object]) -> Node:
    """Returns the node `op(*args)`; CellError where the shapes do not fit."""
    shape = OPERATIONS[op].shape(_equal, *(arg.shape for arg in args), **attributes)
    return node(op, args, tuple(sorted(attributes.items())), shape)


def _equal(left: str, right: str) -> str:
    if left != right:
        raise CellError(f"sizes {left} and {right} differ")
    return left


def by_element(node: Node) -> bool:
    """Whether each unit of a value follows from the same unit of its operands alone."""
    return OPERATIONS[node.op].shape is elementwise
