"""What a sweep tries: lists of values and ranges of numbers, by the names of options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import yaml

from elman.core.errors import InputError
from elman.tasks.options import option_names, require_known, updated
from elman.training.config import TrainConfig
from elman.training.record import RunRecord

_WIDE = 10


@dataclass(frozen=True)
class Choices:
    """Some values."""

    values: tuple[Any, ...]

    @property
    def ends(self) -> tuple[Any, ...]:
        """The values that are checked before anything starts."""
        return self.values


@dataclass(frozen=True)
class Range:
    """Numbers from low to high: whole ones if both are."""

    low: float
    high: float

    @property
    def ends(self) -> tuple[Any, ...]:
        """The values that are checked before anything starts."""
        return self.low, self.high

    @property
    def is_logarithmic(self) -> bool:
        """Whether ratios count, not differences: in a range of positive numbers over a factor of 10."""
        return self.low > 0 and self.high >= _WIDE * self.low


Space = Mapping[str, Choices | Range]


def read(grid: Mapping[str, Any], asked: RunRecord) -> Space:
    """The space of `{"cell": "lstm,gru", "dropout": "0.0..0.5"}`, or of lists in place of texts.

    Raises InputError for an unknown option, with the nearest, for a value that it cannot have, and for a
    combination of values, of ranges their ends, with which nothing can be trained.
    """
    require_known(grid, option_names(type(asked.config), TrainConfig), "--grid: ")
    if not grid:
        raise InputError("--grid names nothing to try; give for example --grid cell=lstm,gru layers=1,2")
    space = {name: _values(name, given, asked) for name, given in grid.items()}
    for options in combinations({name: values.ends for name, values in space.items()}):
        try:
            asked.with_options(None, options).validate()
        except InputError as error:
            raise InputError(f"with {described(options)}: {error}") from error
    return space


def grid_of(arguments: Sequence[str]) -> dict[str, str]:
    """The names and texts of `["cell=lstm,gru", …]`; raises InputError for another form."""
    grid: dict[str, str] = {}
    for argument in arguments:
        name, equals, text = argument.partition("=")
        if not equals or not text:
            raise InputError(f"--grid {argument}: give NAME=VALUE,VALUE or NAME=LOWEST..HIGHEST")
        name = name.replace("-", "_")
        if name in grid:
            raise InputError(f"--grid names {name} twice")
        grid[name] = text
    return grid


def combinations(values: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Every combination of some values by name, the last name varying fastest."""
    return [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]


def described(options: Mapping[str, Any]) -> str:
    """Options as people write them: `cell=lstm learning_rate=0.00123`."""
    return " ".join(f"{name}={shown(value)}" for name, value in options.items())


def shown(value: Any) -> str:
    """A value in few digits."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _values(name: str, given: Any, asked: RunRecord) -> Choices | Range:
    if isinstance(given, str) and ".." in given:
        low, high = (_checked(name, end, asked) for end in given.split("..", 1))
        if not all(isinstance(end, int | float) and not isinstance(end, bool) for end in (low, high)):
            raise InputError(f"--grid {name}={given}: only numbers have ranges; give values: {name}=A,B")
        if not low < high:
            raise InputError(f"--grid {name}={given}: give the smaller number first")
        return Range(low, high)
    items = given.split(",") if isinstance(given, str) else list(given)
    values = tuple(_checked(name, item, asked) for item in items)
    if not values or len(set(values)) < len(values):
        raise InputError(f"--grid {name}={given}: give values that differ")
    return Choices(values)


def _checked(name: str, item: Any, asked: RunRecord) -> Any:
    """A value as its option has it: 1 as 1.0 where that is a number with a point."""
    try:
        value = yaml.safe_load(item) if isinstance(item, str) else item
    except yaml.YAMLError as error:
        raise InputError(f"--grid {name}: {item!r} is no value") from error
    of_model = name in option_names(type(asked.config))
    configuration = asked.config if of_model else asked.training
    kept = getattr(updated(configuration, {name: value}, "--grid: "), name)
    default = getattr(configuration, name)
    return float(kept) if isinstance(default, float) and isinstance(kept, int) else kept
