"""Shape inference for a traced cell: every dimension starts unknown and is found from what it meets.

Each operation's own shape rule (`ops.py`) runs with dimensions that may still be unknown; a union-find
remembers which of them are the same. What stays unknown at the end is the hidden size H.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count

from elman.core import ops
from elman.core.errors import CellError
from elman.core.ir import HIDDEN, Node, Shape, constant, parameter, variable
from elman.core.symbols import Symbol


class Dimensions:
    """Which dimensions are known to be equal (union-find); unknown ones are written "?1", "?2", …"""

    def __init__(self) -> None:
        self._same: dict[str, str] = {}
        self._numbers = count(1)

    def unknown(self) -> str:
        """Returns a dimension about which nothing is known."""
        return f"?{next(self._numbers)}"

    def find(self, dimension: str) -> str:
        """Returns the name that stands for the dimension: a known name if any is known."""
        while dimension in self._same:
            dimension = self._same[dimension]
        return dimension

    def unify(self, left: str, right: str) -> str:
        """Makes two dimensions one; CellError where both are known and differ."""
        left, right = self.find(left), self.find(right)
        if left == right:
            return left
        if not left.startswith("?"):
            left, right = right, left
        if not left.startswith("?"):
            raise CellError(f"sizes {right} and {left} differ")
        self._same[left] = right
        return right

    def resolve(self, shape: Shape) -> Shape:
        """Returns the shape with every dimension found, H where nothing says otherwise."""
        found = (self.find(dimension) for dimension in shape)
        return tuple(HIDDEN if dimension.startswith("?") else dimension for dimension in found)


class Inference:
    """The shapes of the symbols of one cell."""

    def __init__(self) -> None:
        self.dimensions = Dimensions()
        self._shapes: dict[Symbol, Shape] = {}
        self._params: dict[str, tuple[Shape, Symbol]] = {}

    def infer(self, symbols: Iterable[Symbol]) -> None:
        """Finds the shape of every symbol, arguments first; CellError names an equation that does not fit."""
        for symbol in symbols:
            if symbol.op == "input":
                self._shapes[symbol] = symbol.shape
            elif symbol.op == "constant":
                self._shapes[symbol] = ()
            elif symbol.op != "param":  # a parameter's shape comes from its first use
                self._shapes[symbol] = self._result(symbol)

    def require(self, symbol: Symbol, shape: Shape, what: str) -> None:
        """Makes a symbol have a shape; CellError, naming `what`, where it cannot."""
        have = self._operand(symbol, symbol, matrix=False)
        try:
            if len(have) != len(shape):
                raise CellError("it does not depend on the input or a state")
            for left, right in zip(have, shape, strict=True):
                self.dimensions.unify(left, right)
        except CellError as error:
            raise symbol.place.error(
                f"{what} must be {describe(shape)}, here it is {self._describe(have)}: {error}"
            ) from None

    def nodes(self, symbols: Iterable[Symbol]) -> dict[Symbol, Node]:
        """Returns the node of each symbol, with its shape found."""
        made: dict[Symbol, Node] = {}
        for symbol in symbols:
            if symbol.op == "input":
                shape = self.dimensions.resolve(self._shapes[symbol])
                made[symbol] = variable(str(symbol.attributes["kind"]), symbol.name, shape)
            elif symbol.op == "param":
                made[symbol] = parameter(symbol.name, self.dimensions.resolve(self._params[symbol.name][0]))
            elif symbol.op == "constant":
                made[symbol] = constant(symbol.value)
            else:
                made[symbol] = ops.build(
                    symbol.op, tuple(made[arg] for arg in symbol.args), symbol.attributes
                )
        return made

    def _result(self, symbol: Symbol) -> Shape:
        product = symbol.op == "matmul"
        if product and symbol.args[0].op != "param":
            raise symbol.place.error("the left side of @ must be a weight, such as W.f @ x")
        shapes = [self._operand(arg, symbol, matrix=product and i == 0) for i, arg in enumerate(symbol.args)]
        try:
            return ops.OPERATIONS[symbol.op].shape(self.dimensions.unify, *shapes, **symbol.attributes)
        except CellError as error:
            operands = " and ".join(
                f"{arg!r} ({self._describe(shape)})" for arg, shape in zip(symbol.args, shapes, strict=True)
            )
            raise symbol.place.error(f"{symbol.op} of {operands} does not fit: {error}") from None

    def _operand(self, symbol: Symbol, use: Symbol, matrix: bool) -> Shape:
        if symbol.op != "param":
            return self._shapes[symbol]
        if symbol.name not in self._params:
            shape = tuple(self.dimensions.unknown() for _ in range(2 if matrix else 1))
            self._params[symbol.name] = shape, use
        shape, first = self._params[symbol.name]
        if (len(shape) == 2) != matrix:
            kinds = ("a matrix", "a vector") if len(shape) == 2 else ("a vector", "a matrix")
            raise use.place.error(
                f"{symbol.name} is {kinds[1]} here, but {kinds[0]} in line {first.place.line}"
            )
        return shape

    def _describe(self, shape: Shape) -> str:
        return describe(self.dimensions.resolve(shape))


def describe(shape: Shape) -> str:
    """Writes a shape for a person: B×H."""
    return "×".join(shape) or "a number"


def sizes_of(shapes: Iterable[Shape]) -> Mapping[str, None]:
    """Returns the names of the sizes in these shapes, in order of appearance, the batch and 1 left out."""
    return dict.fromkeys(size for shape in shapes for size in shape if size not in ("B", "1"))
