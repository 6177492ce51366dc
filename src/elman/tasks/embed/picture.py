"""Words as points in a plane: the two directions in which their vectors differ most."""

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_INCHES, _DOTS = 8.0, 120
_POINT, _TEXT = "#2a7f62", "#222222"


def principal_components(matrix: NDArray[np.float32], number: int = 2) -> NDArray[np.float64]:
    """Rows (N, D) along the directions in which they differ most, (N, number) (Pearson 1901)."""
    centered = matrix - matrix.mean(axis=0, dtype=np.float64)
    left, sizes, _ = np.linalg.svd(centered, full_matrices=False)
    places = (left * sizes)[:, :number]
    return np.pad(places, ((0, 0), (0, number - places.shape[1])))


def draw(words: Sequence[str], matrix: NDArray[np.float32]) -> bytes:
    """A PNG of words, each at the place of its vector, (N, D)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure((_INCHES, _INCHES), dpi=_DOTS, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    places = principal_components(matrix)
    axes.scatter(*places.T, s=8, color=_POINT)
    for word, place in zip(words, places, strict=True):
        axes.annotate(word, place, xytext=(3, 3), textcoords="offset points", fontsize=8, color=_TEXT)
    axes.set_xticks([])
    axes.set_yticks([])
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()
