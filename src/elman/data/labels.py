"""Labels: what a text, or a symbol of it, is to be told to be."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from elman.core.errors import InputError

_FEWEST = 2
_LIMIT = 1_000_000


class Labels:
    """Labels by number, in the order given.

    Raises InputError when there are fewer than two, or one is there twice.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self._number_of = {name: number for number, name in enumerate(self.names)}
        if len(self._number_of) != len(self.names):
            raise InputError("each label is there once")
        if len(self.names) < _FEWEST:
            found = "; ".join(repr(name) for name in self.names) or "none"
            raise InputError(f"labels: {found}: there must be at least {_FEWEST} to tell apart")

    @classmethod
    def of(cls, found: Iterable[str]) -> Self:
        """The different ones of some labels, sorted; raises InputError when fewer than two differ."""
        return cls(sorted(Counter(found)))

    def __len__(self) -> int:
        return len(self.names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Labels) and self.names == other.names

    def __hash__(self) -> int:
        return hash(self.names)

    def __contains__(self, name: object) -> bool:
        return name in self._number_of

    def number(self, name: str) -> int:
        """The number of a label; raises InputError for one that training did not see."""
        try:
            return self._number_of[name]
        except KeyError:
            raise InputError(
                f"the label {name!r} is not one of those trained on: {', '.join(self.names[:20])}"
            ) from None

    def numbers(self, names: Sequence[str]) -> NDArray[np.int64]:
        """The numbers of some labels; raises InputError as `number` does."""
        return np.array([self.number(name) for name in names], np.int64)

    def to_dict(self) -> dict[str, object]:
        """The labels as JSON can hold them."""
        return {"labels": list(self.names)}

    @classmethod
    def from_dict(cls, values: object) -> Self:
        """The labels of `to_dict`; raises InputError for anything that cannot come from there."""
        names = values.get("labels") if isinstance(values, dict) else None
        if not isinstance(names, list) or len(names) > _LIMIT or not all(isinstance(n, str) for n in names):
            raise InputError(f"labels are a list of at most {_LIMIT:,} texts")
        return cls(names)
