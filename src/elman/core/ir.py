"""The whole intermediate form: shapes, nodes, and the step graph of a cell.

Legend of dimensions: B sequences in a batch, I input size, H hidden size, other names as a cell declares
them, "1" a dimension summed away. A value that differs between sequences has the shape (B, n), a matrix (m,
n), a vector (n,), a constant ().

A graph is a directed acyclic graph of frozen, hash-consed nodes: equal subexpressions are one object, so `is`
compares them. The leaves are `input` (attributes kind and name), `param` (name) and `constant` (value); all
else is a row of `ops.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

Shape = tuple[str, ...]
Attributes = tuple[tuple[str, object], ...]
Operand = "Expression | float | int"

BATCH, INPUT, HIDDEN, ONE = "B", "I", "H", "1"
LEAVES = ("input", "param", "constant")


class Expression:
    """What the operators of Python mean on a node, and on a symbol while a cell is traced."""

    __slots__ = ()
    __array_ufunc__ = None  # numpy then asks this class first in `array * expression`

    def apply(self, op: str, operands: tuple[object, ...], attributes: Mapping[str, object]) -> Expression:
        """Returns the expression `op(*operands)`; one of the operands is self, the others may be numbers."""
        raise NotImplementedError

    def __add__(self, other: object) -> Expression:
        return self.apply("add", (self, other), {})

    def __radd__(self, other: object) -> Expression:
        return self.apply("add", (other, self), {})

    def __sub__(self, other: object) -> Expression:
        return self.apply("sub", (self, other), {})

    def __rsub__(self, other: object) -> Expression:
        return self.apply("sub", (other, self), {})

    def __mul__(self, other: object) -> Expression:
        return self.apply("mul", (self, other), {})

    def __rmul__(self, other: object) -> Expression:
        return self.apply("mul", (other, self), {})

    def __truediv__(self, other: object) -> Expression:
        return self.apply("div", (self, other), {})

    def __rtruediv__(self, other: object) -> Expression:
        return self.apply("div", (other, self), {})

    def __matmul__(self, other: object) -> Expression:
        return self.apply("matmul", (self, other), {})

    def __neg__(self) -> Expression:
        return self.apply("neg", (self,), {})

    def __pow__(self, exponent: object) -> Expression:
        return self.apply("power", (self,), {"exponent": exponent})

    def __gt__(self, other: object) -> Expression:
        return self.apply("greater", (self, other), {})

    def __lt__(self, other: object) -> Expression:
        return self.apply("greater", (other, self), {})

    def __ge__(self, other: object) -> Expression:
        return self.apply("greater_equal", (self, other), {})

    def __le__(self, other: object) -> Expression:
        return self.apply("greater_equal", (other, self), {})


@dataclass(frozen=True, eq=False, repr=False, slots=True, weakref_slot=True)
class Node(Expression):
    """One value of a step: an operation on other values, or a leaf. Made by `node`, never directly."""

    op: str
    args: tuple[Node, ...]
    attributes: Attributes
    shape: Shape

    def attribute(self, name: str) -> object:
        """Returns the attribute of that name; KeyError where there is none."""
        return dict(self.attributes)[name]

    @property
    def name(self) -> str:
        """The name of an input or a parameter."""
        return str(self.attribute("name"))

    @property
    def value(self) -> float:
        """The value of a constant."""
        value = self.attribute("value")
        assert isinstance(value, int | float)
        return float(value)

    @property
    def batched(self) -> bool:
        """Whether the value differs between the sequences of a batch."""
        return self.shape[:1] == (BATCH,)

    def apply(self, op: str, operands: tuple[object, ...], attributes: Mapping[str, object]) -> Node:
        from elman.core import ops  # the table stands on nodes; nodes ask it only for the shape of a result

        return ops.build(op, tuple(as_node(operand) for operand in operands), dict(attributes))

    def __repr__(self) -> str:
        inner = [*(f"{name}={value}" for name, value in self.attributes), *(arg.op for arg in self.args)]
        return f"{self.op}({', '.join(inner)}): {'×'.join(self.shape)}"


_nodes: WeakValueDictionary[tuple[object, ...], Node] = WeakValueDictionary()
_lock = threading.Lock()


def node(op: str, args: tuple[Node, ...], attributes: Attributes, shape: Shape) -> Node:
    """Returns the one node with these contents, made on first use (hash-consing)."""
    key = (op, args, attributes, shape)
    with _lock:
        found = _nodes.get(key)
        if found is None:
            found = _nodes[key] = Node(op, args, attributes, shape)
        return found


def constant(value: float) -> Node:
    """A number that the equations name; the same for every sequence, step and unit."""
    return node("constant", (), (("value", float(value)),), ())


def parameter(name: str, shape: Shape) -> Node:
    """A weight: a matrix (m, n) or a vector (n,)."""
    return node("param", (), (("name", name),), shape)


def variable(kind: str, name: str, shape: Shape) -> Node:
    """A value that enters the step from outside. kind: x, state, zoneout or dropout (masks), before (computed
    ahead of the time loop), delta_output or delta_after (errors that come back)."""
    return node("input", (), (("kind", kind), ("name", name)), shape)


def as_node(operand: object) -> Node:
    """Returns a node as it is and a number as a constant; TypeError for all else."""
    if isinstance(operand, Node):
        return operand
    if isinstance(operand, int | float):
        return constant(operand)
    raise TypeError(f"not a node or a number: {operand!r}")


def topological(outputs: Iterable[Node], known: Iterable[Node] = ()) -> Iterator[Node]:
    """Yields every node that the outputs need, arguments first; not what lies behind the known ones."""
    seen = set(known)
    for output in outputs:
        stack: list[tuple[Node, bool]] = [(output, False)]
        while stack:
            current, expanded = stack.pop()
            if expanded:
                yield current
            elif current not in seen:
                seen.add(current)
                stack.append((current, True))
                stack.extend((arg, False) for arg in reversed(current.args) if arg not in seen)


@dataclass(frozen=True, eq=False)
class Step:
    """One time step: (inputs, states, masks, params) -> (output, states after)."""

    name: str
    inputs: tuple[Node, ...]
    states: tuple[Node, ...]
    masks: tuple[Node, ...]
    params: tuple[Node, ...]
    after: tuple[Node, ...]
    output: Node
    names: Mapping[Node, str] = field(default_factory=dict[Node, str])
    """What the author of the cell called a value, for showing it."""

    @property
    def outputs(self) -> tuple[Node, ...]:
        """All that a step hands on: the output, then the states after it."""
        return (self.output, *self.after)

    @property
    def leaves(self) -> tuple[Node, ...]:
        """All that enters a step."""
        return (*self.inputs, *self.states, *self.masks, *self.params)


@dataclass(frozen=True, eq=False)
class Backward:
    """The backward step: from the errors of what a step handed on to the errors of what entered it.

    It reads `step`'s leaves, `d_output` and `d_after` (all δ = ∂E/∂·); a None stands for a gradient that is
    zero.
    """

    step: Step
    d_output: Node
    d_after: tuple[Node, ...]
    d_inputs: tuple[Node | None, ...]
    d_states: tuple[Node | None, ...]
    d_params: tuple[Node | None, ...]

    @property
    def outputs(self) -> tuple[Node, ...]:
        """The gradients that are not zero."""
        return tuple(d for d in (*self.d_inputs, *self.d_states, *self.d_params) if d is not None)
