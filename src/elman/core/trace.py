"""`@cell`: from the equations of a cell, written as a Python function, to its step graph.

The function runs once, on symbols. Its positional arguments are the input x, the states, and the masks; its
keyword-only arguments without a default are families of weights, those with a default are hyper-parameters.
It returns the states after the step, in their order; the first is the cell's output. A cell whose output is
not a state returns it before them.
"""

from __future__ import annotations

import inspect
import linecache
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from traceback import walk_tb
from types import FrameType
from typing import Any, overload

from elman.core import ops
from elman.core.errors import CellError
from elman.core.ir import BATCH, HIDDEN, INPUT, Shape, Step
from elman.core.shapes import Inference, sizes_of
from elman.core.symbols import Family, Place, Symbol, as_symbol, needed

Hyper = float | int | str | ops.Operation
Initial = float | str | tuple[str, float, float]


@dataclass(frozen=True)
class Cell:
    """A recurrent cell: its equations, and what they need.

    `states` and the masks are pairs of a name and the name of its size. A `zoneout` mask is drawn anew at
    every step, 1 with the layer's zoneout probability (and equal to that probability when the layer does not
    train); a `dropout` mask is drawn once for a sequence, 0 with the layer's recurrent dropout probability,
    else scaled up so that its mean is 1.
    """

    equations: Callable[..., Any]
    states: tuple[tuple[str, str], ...]
    zoneout: tuple[tuple[str, str], ...] = ()
    dropout: tuple[tuple[str, str], ...] = ()
    init: Mapping[str, Initial] = field(default_factory=dict[str, Initial], hash=False)
    hyper: tuple[tuple[str, Hyper], ...] = ()

    def __call__(self, **hyper: Hyper) -> Cell:
        """Returns the cell with other hyper-parameters; functions may be given by name: simple(f="relu")."""
        values = dict(self.hyper)
        for name, value in hyper.items():
            if name not in values:
                known = f"it has {', '.join(values)}" if values else "it has none"
                raise CellError(f"{self.name} has no hyper-parameter {name!r}; {known}")
            values[name] = _like(values[name], value, f"{name} of {self.name}")
        return Cell(self.equations, self.states, self.zoneout, self.dropout, self.init, tuple(values.items()))

    def __deepcopy__(self, memo: object) -> Cell:
        return self  # nodes are compared by identity: a copy of a graph would be another

    def __reduce__(self) -> tuple[Callable[..., Cell], tuple[Any, ...]]:
        equations = self.equations
        hyper = {name: v.name if isinstance(v, ops.Operation) else v for name, v in self.hyper}
        return _found, (equations.__module__, equations.__qualname__, hyper)

    @property
    def name(self) -> str:
        """The name of the function that holds the equations."""
        return self.equations.__name__

    @property
    def spec(self) -> str:
        """The name with the hyper-parameters: rhn(depth=3)."""
        inner = ", ".join(f"{name}={value}" for name, value in self.hyper)
        return f"{self.name}({inner})" if inner else self.name

    @cached_property
    def step(self) -> Step:
        """The step graph, traced on first use; CellError where the equations are not well formed."""
        return _trace(self)

    @cached_property
    def parameters(self) -> dict[str, Shape]:
        """The shape of each weight by its name, in the order of first use."""
        return {param.name: param.shape for param in self.step.params}

    @cached_property
    def sizes(self) -> tuple[str, ...]:
        """The names of the sizes that the cell leaves open: I, H, and those it declares."""
        return tuple(sizes_of(leaf.shape for leaf in self.step.leaves))


@overload
def cell(equations: Callable[..., Any], /) -> Cell: ...
@overload
def cell(
    *, states: str = "h", zoneout: str = "", dropout: str = "", init: Mapping[str, Initial] | None = None
) -> Callable[[Callable[..., Any]], Cell]: ...
def cell(
    equations: Callable[..., Any] | None = None,
    /,
    *,
    states: str = "h",
    zoneout: str = "",
    dropout: str = "",
    init: Mapping[str, Initial] | None = None,
) -> Cell | Callable[[Callable[..., Any]], Cell]:
    """Makes a cell of a function that holds its equations.

    states: their names, each with its size where that is not H: "h:P c". zoneout, dropout: the masks that
    follow the states among the arguments, written likewise. init: how weights start, by name or family: a
    number, "orthogonal", "xavier", or ("uniform", low, high); all others by what they are (see
    `elman.nn.initialise`).

    Raises CellError, naming the equation and its line, when the cell is first used.
    """
    if equations is not None:
        return cell(states=states)(equations)

    def decorate(equations: Callable[..., Any]) -> Cell:
        declared = (_declared(states), _declared(zoneout), _declared(dropout))
        return Cell(equations, *declared, dict(init or {}), _hyper_parameters(equations, declared))

    return decorate


def _declared(names: str) -> tuple[tuple[str, str], ...]:
    pairs = (word.partition(":") for word in names.split())
    return tuple((name, size or HIDDEN) for name, _, size in pairs)


def _hyper_parameters(
    equations: Callable[..., Any], declared: tuple[tuple[tuple[str, str], ...], ...]
) -> tuple[tuple[str, Hyper], ...]:
    parameters = inspect.signature(equations).parameters.values()
    taken = [
        f"*{p.name}" if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) else p.name
        for p in parameters
        if p.kind is not p.KEYWORD_ONLY
    ]
    expected = ["x", *(name for group in declared for name, _ in group)]
    if taken[1:] != expected[1:] or not taken:
        raise _definition(equations).error(
            f"{equations.__name__} declares the arguments ({', '.join(expected)}) but takes "
            f"({', '.join(taken)}): the input, the states and the masks, in this order; weights are "
            "keyword-only, behind a *"
        )
    return tuple(
        (p.name, p.default) for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is not p.empty
    )


def _found(module: str, name: str, hyper: Mapping[str, Hyper]) -> Cell:
    """The cell of a pickle, by where it is defined."""
    found = getattr(import_module(module), name, None)
    if not isinstance(found, Cell):
        raise CellError(f"there is no cell {name} in {module}; a cell inside of a function cannot be pickled")
    return found(**hyper)


def _like(old: Hyper, new: Hyper, what: str) -> Hyper:
    if isinstance(old, ops.Operation):
        if isinstance(new, str) and new in ops.OPERATIONS:
            return ops.OPERATIONS[new]
        if not isinstance(new, ops.Operation):
            raise CellError(f"{what} must be a function of elman, such as tanh or relu, not {new!r}")
        return new
    if isinstance(old, int | float) and (
        isinstance(new, str) or (isinstance(old, int) and not isinstance(new, int))
    ):
        raise CellError(
            f"{what} must be {'a whole number' if isinstance(old, int) else 'a number'}, not {new!r}"
        )
    return new


def _definition(equations: Callable[..., Any]) -> Place:
    """Returns the line with the name of a function, below its decorators."""
    code = equations.__code__
    lines = linecache.getlines(code.co_filename)[code.co_firstlineno - 1 :]
    head = f"def {equations.__name__}("
    below = next((i for i, line in enumerate(lines) if line.lstrip().startswith(head)), 0)
    return Place(code.co_filename, code.co_firstlineno + below)


def _trace(cell: Cell) -> Step:
    place = _definition(cell.equations)
    parameters = inspect.signature(cell.equations).parameters.values()

    def variable(kind: str, name: str, size: str) -> Symbol:
        return Symbol("input", (), {"kind": kind, "name": name}, (BATCH, size), place)

    x = variable("x", next(p.name for p in parameters), INPUT)
    states = [variable("state", name, size) for name, size in cell.states]
    masks = [variable("zoneout", name, size) for name, size in cell.zoneout]
    masks += [variable("dropout", name, size) for name, size in cell.dropout]
    weights = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
    families = {name: Family(name, place) for name in weights}
    returned, given = _run(cell.equations, (x, *states, *masks), {**families, **dict(cell.hyper)})
    outputs = _check_returned(cell, returned)
    order = needed(outputs)
    _check_used(cell, order, [x, *states, *masks], families)

    inference = Inference()
    inference.infer(order)
    for (name, _), state, after in zip(cell.states, states, outputs[-len(states) :], strict=True):
        inference.require(after, state.shape, f"the state {name} after the step")
    inference.require(outputs[0], (BATCH, inference.dimensions.unknown()), "the output")
    made = inference.nodes(order)
    after = tuple(made[symbol] for symbol in outputs[-len(states) :])
    params = dict.fromkeys(made[symbol] for symbol in order if symbol.op == "param")
    return Step(
        name=cell.name,
        inputs=(made[x],),
        states=tuple(made[symbol] for symbol in states),
        masks=tuple(made[symbol] for symbol in masks),
        params=tuple(params),
        after=after,
        output=made[outputs[0]],
        names={made[value]: name for value, name in given.items() if value in made and value.args},
    )


def _run(
    equations: Callable[..., Any], args: tuple[Symbol, ...], keywords: Mapping[str, Any]
) -> tuple[Any, dict[Symbol, str]]:
    """Runs the equations; returns what they return, and the values that were given names, in that order."""
    code = equations.__code__
    names: dict[Symbol, str] = {}

    def remember(frame: FrameType, event: str, argument: object) -> None:
        # each operation on a symbol is a call out of the equations: a name is seen before it can be given
        # anew
        seen = frame.f_back if event == "call" else frame
        if seen is not None and seen.f_code is code and event in ("call", "return"):
            for name, value in seen.f_locals.items():
                if isinstance(value, Symbol):
                    names.setdefault(value, name)

    before = sys.getprofile()
    sys.setprofile(remember)
    try:
        return equations(*args, **keywords), names
    except (TypeError, AttributeError) as error:  # what Python says of an operator that symbols do not have
        lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code is code]
        place = Place(code.co_filename, lines[-1]) if lines else _definition(equations)
        raise place.error(f"the equations of {equations.__name__} do not run: {error}") from error
    finally:
        if before is None or callable(before):
            sys.setprofile(before)
        else:
            before.enable()  # cProfile's, before Python 3.12: it is no function


def _check_returned(cell: Cell, returned: Any) -> list[Symbol]:
    place = _definition(cell.equations)
    outputs: list[Any] = [*returned] if isinstance(returned, tuple) else [returned]
    names = ", ".join(name for name, _ in cell.states)
    if len(outputs) not in (len(cell.states), len(cell.states) + 1):
        missing = ", ".join(name for name, _ in cell.states[len(outputs) :])
        problem = (
            f"the state {missing} is not returned"
            if missing
            else "more is returned than the output and the states"
        )
        raise place.error(f"{problem}: {cell.name} must return {names} after the step, in this order")
    for value in outputs:
        if not isinstance(value, Symbol | Family):
            raise place.error(f"{cell.name} must return values of the step, not {value!r}")
    return [as_symbol(value, "return") for value in outputs]


def _check_used(cell: Cell, order: list[Symbol], inputs: list[Symbol], families: Iterable[str]) -> None:
    used = set(order)
    roots = {symbol.name.partition(".")[0] for symbol in order if symbol.op == "param"}
    for symbol in inputs:
        if symbol not in used:
            kind = {"x": "input", "state": "state"}.get(str(symbol.attributes["kind"]), "mask")
            raise symbol.place.error(f"the {kind} {symbol.name} of {cell.name} is never used")
    for name in families:
        if name not in roots:
            raise _definition(cell.equations).error(f"the weights {name} of {cell.name} are never used")
