"""How well texts are told apart.

Legend of shapes: C labels.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from elman.core.errors import InputError
from elman.data.files import write_atomically

_SHOWN, _MOST_DRAWN = 40, 100
_INCHES_A_LABEL, _INCHES_BESIDE, _DPI = 0.42, 2.4, 120


@dataclass(frozen=True, eq=False)
class Score:
    """The texts of each label (a row) that were told to be of each (a column), and -Σ ln p(label) in nats."""

    labels: tuple[str, ...]
    confusion: NDArray[np.int64]
    """(C, C)."""
    nats: float

    @property
    def texts(self) -> int:
        """How many texts there are."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """The share of the texts whose label was found."""
        return float(self.confusion.trace() / self.texts)

    @property
    def precision(self) -> NDArray[np.float64]:
        """Of the texts told to be of each label, the share that are; 0 where there are none: (C,)."""
        return _shares(self.confusion.diagonal(), self.confusion.sum(0))

    @property
    def recall(self) -> NDArray[np.float64]:
        """Of the texts of each label, the share that was found; 0 where there are none: (C,)."""
        return _shares(self.confusion.diagonal(), self.confusion.sum(1))

    @property
    def f1(self) -> NDArray[np.float64]:
        """2 precision recall / (precision + recall) of each label: (C,)."""
        return _shares(2 * self.confusion.diagonal(), self.confusion.sum(0) + self.confusion.sum(1))

    @property
    def macro_f1(self) -> float:
        """The mean of F1 over the labels that occur among the texts or among the answers."""
        return float(self.f1[self._occurs].mean())

    @property
    def _occurs(self) -> NDArray[np.bool_]:
        return self.confusion.sum(0) + self.confusion.sum(1) > 0

    def to_dict(self) -> dict[str, float]:
        """The figures over all labels, as JSON can hold them."""
        return {
            "nats_per_text": self.nats / self.texts,
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "texts": self.texts,
        }

    def describe(self) -> str:
        """The figures in a line, and a table of the labels where these are not too many."""
        line = (
            f"accuracy {self.accuracy:.4f}, macro F1 {self.macro_f1:.4f}, "
            f"{self.nats / self.texts:.4f} nats per text ({self.texts:,} texts)"
        )
        if self._occurs.sum() > _SHOWN:
            return line
        width = max(5, *(len(label) for label in self.labels))
        figures = (self.precision, self.recall, self.f1, self.confusion.sum(1))
        table = [
            f"{self.labels[c]:{width}} {precision:9.3f} {recall:6.3f} {f1:5.3f} {texts:6,}"
            for c, (precision, recall, f1, texts) in enumerate(zip(*figures, strict=True))
            if self._occurs[c]
        ]
        return "\n".join([line, "", f"{'label':{width}} precision recall    F1  texts", *table])

    def draw(self, path: str | Path) -> None:
        """Draw the confusion of the labels as a PNG; raises InputError when it cannot be written, and where
        there are more labels than a picture can show.
        """
        if len(self.labels) > _MOST_DRAWN:
            raise InputError(f"{len(self.labels):,} labels are too many to draw: at most {_MOST_DRAWN}")
        write_atomically(Path(path), _picture(self))


def _shares(found: NDArray[np.int64], of: NDArray[np.int64]) -> NDArray[np.float64]:
    return found / np.maximum(of, 1)


def _picture(score: Score) -> bytes:
    """The PNG of a confusion: the darker, the larger a share of the texts of a row; in numbers, how many."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    count = len(score.labels)
    side = _INCHES_BESIDE + _INCHES_A_LABEL * count
    figure = Figure((side, side), dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    shares = score.confusion / np.maximum(score.confusion.sum(1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    for (row, column), texts in np.ndenumerate(score.confusion):
        if texts:
            color = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, f"{texts:,}", ha="center", va="center", color=color, fontsize=7)
    axes.set_xticks(range(count), score.labels, rotation=90)
    axes.set_yticks(range(count), score.labels)
    axes.set_xlabel("label found")
    axes.set_ylabel("label")
    axes.set_title(f"accuracy {score.accuracy:.3f}, macro F1 {score.macro_f1:.3f}", fontsize=10)
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()
