"""Options given by name: building a configuration from them, and saying what is wrong with one."""

import difflib
import math
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import fields, replace
from types import UnionType
from typing import Any, Literal, TypeGuard, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from elman.cells import find
from elman.core.errors import InputError

Configuration = TypeVar("Configuration")
_UNIONS = (UnionType, Union)  # Literal["a"] | None is one of the latter
_MOST_REPEATS = 64


def nearest(word: str, known: Collection[str]) -> str:
    """The known word that is most like another."""
    return max(known, key=lambda candidate: difflib.SequenceMatcher(None, word, candidate).ratio())


def require_known(names: Iterable[object], known: Collection[str], where: str = "") -> None:
    """Raise InputError for the first name that is not known, with the nearest that is."""
    for name in names:
        if name not in known:
            raise InputError(f"{where}unknown option {name!r}; did you mean {nearest(str(name), known)!r}?")


def option_names(*configurations: type) -> list[str]:
    """The names of the options of some configurations."""
    return [field.name for configuration in configurations for field in fields(configuration)]


def from_record(configuration: type[Configuration], record: object) -> Configuration:
    """A configuration from the mapping that a file holds, checked; raises InputError for anything else.

    An option that is missing, as those are that came after the file was written, has its default.
    """
    if not isinstance(record, Mapping):
        raise InputError(f"a configuration is options, each with its value, not {type(record).__name__}")
    require_known(record, option_names(configuration))
    built: Any = configuration(**record)
    built.validate()
    return built


def updated(configuration: Configuration, values: object, where: str) -> Configuration:
    """A configuration with the options that a file gives, which may be none.

    Raises InputError, beginning with `where`, for an unknown name and for a value of another type.
    """
    if values is None:
        return configuration
    if not isinstance(values, Mapping):
        raise InputError(f"{where.rstrip('.')} is {values!r}; give options, each with its value")
    kinds = get_type_hints(type(configuration))
    require_known(values, kinds, where)
    read = {name: _number(value) if kinds[name] is float else value for name, value in values.items()}
    for name, value in read.items():
        if not _is_of(value, kinds[name]):
            raise InputError(f"{where}{name} is {value!r}; give {_described(kinds[name])}")
    changed: Any = replace(cast(Any, configuration), **read)
    return changed


def _number(value: object) -> object:
    """The number that a text is, else the value: YAML takes 1e-3 for a text."""
    if isinstance(value, str):
        with suppress(ValueError):
            return float(value)
    return value


def _is_of(value: object, kind: Any) -> bool:
    """Whether a value of a YAML or JSON file can be that of an option."""
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if get_origin(kind) in _UNIONS:
        return any(_is_of(value, one) for one in get_args(kind))
    if kind is float:
        return _is_number(value)
    return type(value) is kind


def _described(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " or ".join(get_args(kind))
    if get_origin(kind) in _UNIONS:
        return " or ".join(_described(one) for one in get_args(kind))
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
    return names.get(kind, "nothing")


def require_cell(name: object) -> None:
    """Raise InputError unless a value is the name of a cell, whose equations repeat a part not too often."""
    if not isinstance(name, str):
        raise InputError(f"cell is {name!r}; give the name of a cell")
    for hyper, value in find(name).hyper:
        # Such a number is how often the equations repeat a part, as the depth of rhn is.
        if isinstance(value, int):
            require_integer(f"{hyper} of cell {name!r}", value, 1, _MOST_REPEATS)


def require_choice(name: str, value: object, choices: Any) -> None:
    """Raise InputError, with the nearest that may be, unless a value is one of a Literal's."""
    allowed = get_args(choices)
    if value not in allowed:
        raise InputError(
            f"{name} is {value!r}; did you mean {nearest(str(value), allowed)!r}? "
            f"It may be {', '.join(allowed)}"
        )


def require_boolean(name: str, value: object) -> None:
    """Raise InputError unless a value is True or False."""
    if not isinstance(value, bool):
        raise InputError(f"{name} is {value!r}; give true or false")


def require_integer(name: str, value: object, low: int, high: int) -> None:
    """Raise InputError unless a value is an integer from low to high."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InputError(f"{name} is {value!r}; give a whole number from {low:,} to {high:,}")


def require_number(name: str, value: object, low: float, high: float) -> None:
    """Raise InputError unless a value is a number of the open interval (low, high)."""
    if not _is_number(value) or not low < value < high:
        upper = "" if math.isinf(high) else f" and below {high:g}"
        raise InputError(f"{name} is {value!r}; give a number above {low:g}{upper}")


def require_share(name: str, value: object) -> None:
    """Raise InputError unless a value is a number of the interval [0, 1)."""
    if not _is_number(value) or not 0.0 <= value < 1.0:
        raise InputError(f"{name} is {value!r}; give a number from 0 to below 1")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
