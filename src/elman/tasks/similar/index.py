"""Lines, ranked by how alike they are to a text.

Legend of shapes: N lines, O numbers of a vector.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from elman.core.errors import InputError
from elman.tasks.options import require_integer

if TYPE_CHECKING:
    from elman.tasks.similar.model import SimilarModel


@dataclass(frozen=True)
class Neighbour:
    """A line, its number from 1, and how alike it is, from -1 to 1."""

    likeness: float
    line: int
    text: str

    def to_dict(self) -> dict[str, object]:
        """The same as JSON can hold it."""
        return asdict(self)


class Index:
    """The vectors of lines, (N, O). Blank lines are left out, and keep their numbers.

    Raises InputError where no line is left.
    """

    def __init__(self, model: SimilarModel, lines: Iterable[str]) -> None:
        numbered = [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]
        if not numbered:
            raise InputError("there is no line to compare with: all are blank")
        self._model = model
        self._lines = numbered
        self._vectors_NO = model.vectors(line for _, line in numbered)

    def __len__(self) -> int:
        return len(self._lines)

    def nearest(self, text: str, top: int = 5) -> list[Neighbour]:
        """The lines that are most alike to a text, the most alike first; of equal ones the first in the file.

        Raises InputError for a text of blanks, and where top is less than 1.
        """
        require_integer("top", top, 1, 10**9)
        likeness_N = self._vectors_NO @ self._model.vectors([text])[0]
        order = likeness_N.argsort(descending=True, stable=True)[:top].tolist()
        return [Neighbour(float(likeness_N[n]), *self._lines[n]) for n in order]
