"""What the equations of a cell run on while it is traced: symbols that remember what was done to them."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from numbers import Real
from pathlib import Path
from typing import Any, NoReturn

from elman.core.errors import CellError
from elman.core.ir import Expression, Shape

_CORE = str(Path(__file__).parent)
_ARITHMETIC = {"add": "add", "subtract": "sub", "multiply": "mul", "divide": "div"}  # as numpy calls it
_FUNCTIONS = (
    "sigmoid, tanh, relu, exp, log, sqrt, softplus, gelu, sin, cos, abs, maximum, minimum, where, clip, "
    "layer_norm, softmax"
)
_numbers = count()


@dataclass(frozen=True)
class Place:
    """A line of the equations."""

    filename: str
    line: int

    def error(self, message: str) -> CellError:
        """Returns a CellError that names the file, the line, and the equation that stands there."""
        equation = linecache.getline(self.filename, self.line).strip()
        quoted = f": {equation}" if equation else ""
        return CellError(f"{self.filename}, line {self.line}{quoted}\n  {message}")


def here() -> Place:
    """Returns the line of the equations that is being run: the nearest caller outside of the compiler."""
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]  (inspect.stack reads whole files)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_CORE):
        frame = frame.f_back
    return Place(frame.f_code.co_filename, frame.f_lineno)


class Traced(Expression):
    """What Python does with numbers but equations cannot: each refused, with what to do instead."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise here().error(
            "the equations of a cell cannot branch on a value: use where(condition, a, b), maximum or minimum"
        )

    def __eq__(self, other: object) -> bool:
        raise here().error("values cannot be asked for equality: compare them with >, <, >= or <=")

    def __iter__(self) -> Iterator[Traced]:
        raise here().error("a value is a vector of all its units: it cannot be unpacked or iterated over")

    def __len__(self) -> int:
        raise here().error("the length of a value is not known while the cell is traced")

    def __float__(self) -> float:
        raise here().error(
            f"a value is not a number while the cell is traced; functions of it are {_FUNCTIONS}"
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: object, **options: object) -> Expression:
        if ufunc.__name__ in _ARITHMETIC:  # a number of numpy's meets a value
            return self.apply(_ARITHMETIC[ufunc.__name__], operands, {})
        raise here().error(f"unknown operation numpy.{ufunc.__name__}: elman has {_FUNCTIONS}")

    @classmethod
    def __torch_function__(
        cls, function: Any, types: object, args: tuple[object, ...] = (), kwargs: object = None
    ) -> NoReturn:
        name = getattr(function, "__name__", function)
        raise here().error(f"unknown operation torch.{name}: elman has {_FUNCTIONS}")


class Symbol(Traced):
    """A value in the equations of a cell: an operation on other symbols, an input, a weight or a number."""

    __slots__ = ("args", "attributes", "number", "op", "place", "shape")

    def __init__(
        self,
        op: str,
        args: tuple[Symbol, ...] = (),
        attributes: Mapping[str, object] | None = None,
        shape: Shape = (),
        place: Place | None = None,
    ) -> None:
        self.op = op
        self.args = args
        self.attributes = dict(attributes or {})
        self.shape = shape
        self.place = place or here()
        self.number = next(_numbers)

    @property
    def name(self) -> str:
        """The name of an input or a weight."""
        return str(self.attributes["name"])

    @property
    def value(self) -> float:
        """The value of a constant."""
        value = self.attributes["value"]
        assert isinstance(value, float)
        return value

    def __repr__(self) -> str:
        if self.op in ("input", "param"):
            return self.name
        return (
            str(self.value) if self.op == "constant" else f"the result of {self.op} in line {self.place.line}"
        )

    def apply(self, op: str, operands: tuple[object, ...], attributes: Mapping[str, object]) -> Symbol:
        from elman.core.ops import OPERATIONS

        row, place = OPERATIONS[op], here()
        if len(operands) != row.operands:
            raise place.error(
                f"{op} takes {row.operands} operand{'s' * (row.operands > 1)}, not {len(operands)}"
            )
        for name in (*attributes, *row.attributes):
            if name not in row.attributes:
                options = f"; it has {', '.join(row.attributes)}" if row.attributes else ""
                raise place.error(f"{op} knows no option {name!r}{options}")
            if name not in attributes:
                raise place.error(f"{op} needs {name}, as in {op}(…, {name}=1.0)")
            if not isinstance(attributes[name], Real):
                raise place.error(f"{name} of {op} must be a number, not {attributes[name]!r}")
        if op == "power" and not (
            isinstance(attributes["exponent"], int) and abs(attributes["exponent"]) <= 16
        ):
            raise place.error(
                f"powers are small whole numbers, not {attributes['exponent']!r}: others are exp(a * log(x))"
            )
        return Symbol(op, tuple(as_symbol(operand, op) for operand in operands), attributes, place=place)

    def __getitem__(self, index: object) -> NoReturn:
        raise here().error("a value cannot be indexed: give each gate weights of its own (W.f, W.i)")

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)  # Python and its libraries ask for many
        raise here().error(f"unknown operation .{name}: elman has {_FUNCTIONS}")


class Family(Traced):
    """A weight, and the family of weights named after it: `W`, `W.f`, `W[0].f`."""

    __slots__ = ("_members", "_symbol")  # all other names are those of members

    def __init__(self, name: str, place: Place | None = None) -> None:
        self._symbol = Symbol("param", (), {"name": name}, place=place)
        self._members: dict[str, Family] = {}

    def __repr__(self) -> str:
        return repr(self._symbol)

    def apply(self, op: str, operands: tuple[object, ...], attributes: Mapping[str, object]) -> Symbol:
        return self._symbol.apply(op, operands, attributes)

    def __getattr__(self, name: str) -> Family:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in self._members:
            self._members[name] = Family(f"{self._symbol.name}.{name}")
        return self._members[name]

    def __getitem__(self, index: object) -> Family:
        if not isinstance(index, int | str) or not (str(index).isidentifier() or str(index).isdecimal()):
            raise here().error(
                f"a weight of the family {self!r} is named by a word or a whole number, not {index!r}"
            )
        return self.__getattr__(str(index))


def as_symbol(value: object, op: str) -> Symbol:
    """Returns the symbol of a value or a number that is an operand of `op`; CellError for all else."""
    if isinstance(value, Symbol):
        return value
    if isinstance(value, Family):
        return value._symbol  # pyright: ignore[reportPrivateUsage]  (all public names are those of weights)
    if isinstance(value, Real):
        return Symbol("constant", (), {"value": float(value)})
    kind = type(value)
    raise here().error(
        f"{op} takes values of the step, weights and numbers, not {kind.__module__}.{kind.__qualname__}"
    )


def needed(outputs: Iterable[Symbol]) -> list[Symbol]:
    """Returns every symbol that the outputs need, in the order in which the equations made them."""
    seen: set[Symbol] = set()
    stack = list(outputs)
    while stack:
        symbol = stack.pop()
        if symbol not in seen:
            seen.add(symbol)
            stack.extend(symbol.args)
    return sorted(seen, key=lambda symbol: symbol.number)
