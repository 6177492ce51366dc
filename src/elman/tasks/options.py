"""Options given by name: building a configuration from them, and saying what is wrong with one."""

import difflib
import math
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any, TypeGuard, TypeVar, get_args

from elman.core.errors import InputError

Configuration = TypeVar("Configuration")


def nearest(word: str, known: Collection[str]) -> str:
    """The known word that is most like another."""
    return max(known, key=lambda candidate: difflib.SequenceMatcher(None, word, candidate).ratio())


def require_known(names: Collection[str], known: Collection[str]) -> None:
    """Raise InputError for the first name that is not known, with the nearest that is."""
    for name in names:
        if name not in known:
            raise InputError(f"unknown option {name!r}; did you mean {nearest(str(name), known)!r}?")


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
