"""What the equations of a cell are run on while it is traced: symbols that remember what was done to them, and where."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

from elman.core.errors import CellError
from elman.core.ir import Expression, Shape

_CORE = str(Path(__file__).parent)
_numbers = count()


class Symbol(Expression):
    """A value in the equations of a cell: an operation on other symbols, an input, a weight or a number."""

    __slots__ = ("args", "attributes", "filename", "line", "number", "op", "shape")

    def __init__(
        self, op: str, args: tuple[Symbol, ...] = (), attributes: Mapping[str, object] | None = None, shape: Shape = ()
    ) -> None:
        self.op = op
        self.args = args
        self.attributes = dict(attributes or {})
        self.shape = shape
        self.filename, self.line = _caller()
        self.number = next(_numbers)

    @property
    def name(self) -> str:
        """The name of an input or a weight."""
        return str(self.attributes["name"])

    @property
    def value(self) -> float:
        """The value of a constant."""
        value = self.attributes["value"]
        assert isinstance(value, int | float)
        return float(value)

    def describe(self) -> str:
        """The name of a leaf, else what made it."""
        if self.op in ("input", "param"):
            return self.name
        return str(self.value) if self.op == "constant" else f"the result of {self.op} in line {self.line}"

    def apply(self, op: str, operands: tuple[object, ...], attributes: Mapping[str, object]) -> Symbol:
        from elman.core.ops import OPERATIONS

        allowed = OPERATIONS[op].attributes
        args = tuple(_as_symbol(operand, op) for operand in operands)
        result = Symbol(op, args, attributes)
        for name, value in attributes.items():
            if name not in allowed:
                fail(result, f"{op} knows no option {name!r}" + (f"; it has {', '.join(allowed)}" if allowed else ""))
            if not isinstance(value, int | float):
                fail(result, f"{name} of {op} must be a number, not {value!r}")
        if op == "power" and not (isinstance(attributes["exponent"], int) and -16 <= attributes["exponent"] <= 16):
            fail(result, f"powers are small whole numbers, not {attributes['exponent']!r}: write exp(a * log(x)) for others")
        return result

    def __bool__(self) -> bool:
        return self._refuse("the equations of a cell cannot branch on a value: use where(condition, a, b), maximum or minimum")

    def __iter__(self) -> Iterator[Symbol]:
        return self._refuse("a value of the step is a vector of all its units: it cannot be unpacked or iterated over")

    def __len__(self) -> int:
        return self._refuse("the length of a value is not known while the cell is traced")

    def __float__(self) -> float:
        return self._refuse("a value is not a number while the cell is traced: use elman's own functions (tanh, exp, …)")

    def __getitem__(self, index: object) -> Symbol:
        return self._refuse("a value of the step cannot be indexed: give each gate weights of its own (W.f, W.i)")

    def __getattr__(self, name: str) -> Symbol:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._refuse(f"unknown operation .{name}: call one of elman's functions instead ({_functions()})")

    @classmethod
    def __torch_function__(cls, function: Any, types: object, args: tuple[Any, ...] = (), kwargs: object = None) -> NoReturn:
        name = getattr(function, "__name__", function)
        symbol = next((arg for arg in args if isinstance(arg, Symbol)), Symbol("input", (), {"name": "?"}))
        return symbol._refuse(f"unknown operation torch.{name}: call one of elman's functions instead ({_functions()})")

    def _refuse(self, message: str) -> NoReturn:
        here = Symbol("error")
        fail(here, message)


class Family(Symbol):
    """A weight, and the family of weights named after it: `W`, `W.f`, `W[0].f`."""

    __slots__ = ("_members",)

    def __init__(self, name: str) -> None:
        super().__init__("param", (), {"name": name})
        self._members: dict[str, Family] = {}

    def __getattr__(self, name: str) -> Family:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._member(name)

    def __getitem__(self, index: object) -> Family:
        if not isinstance(index, int | str) or not str(index).isidentifier() and not str(index).isdecimal():
            fail(Symbol("error"), f"a weight of the family {self.name} is named by a word or a whole number, not {index!r}")
        return self._member(str(index))

    def _member(self, name: str) -> Family:
        if name not in self._members:
            self._members[name] = Family(f"{self.name}.{name}")
        return self._members[name]


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


def fail(symbol: Symbol, message: str) -> NoReturn:
    """Raises a CellError that names the equation a symbol was made in."""
    raise located(symbol.filename, symbol.line, message)


def located(filename: str, line: int, message: str) -> CellError:
    """Returns a CellError that names a file, a line, and the equation that stands there."""
    equation = linecache.getline(filename, line).strip()
    return CellError(f"{filename}, line {line}" + (f": {equation}" if equation else "") + f"\n  {message}")


def _caller() -> tuple[str, int]:
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_CORE):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


def _as_symbol(operand: object, op: str) -> Symbol:
    if isinstance(operand, Symbol):
        return operand
    if isinstance(operand, int | float):
        return Symbol("constant", (), {"value": operand})
    kind = type(operand)
    fail(Symbol("error"), f"{op} takes values of the step, weights and numbers, not {kind.__module__}.{kind.__qualname__}")


def _functions() -> str:
    return "sigmoid, tanh, relu, exp, log, sqrt, softplus, gelu, sin, cos, abs, maximum, minimum, where, clip, layer_norm, softmax"
