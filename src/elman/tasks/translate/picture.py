"""What attention was at, as a picture: a row for each symbol written, a column for each symbol read."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from pathlib import Path

from numpy.typing import NDArray

from elman.data.files import write_atomically
from elman.data.segment import HAN

_DPI = 120
_CELL, _MARGIN, _LARGEST = 0.36, 1.6, 60.0
_HAN = re.compile(f"[{HAN}]")
_WITH_HAN = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
)
_WITH_HAN += ("WenQuanYi Micro Hei", "SimHei", "Microsoft YaHei", "PingFang SC", "Arial Unicode MS")


def draw_attention(path: Path, read: Sequence[str], written: Sequence[str], weights_TS: NDArray) -> None:
    """Write a PNG of weights (T, S) between the symbols read and those written; darker is more.

    Chinese characters need a common font for them; a warning says where none is installed. Raises InputError
    when the file cannot be written.
    """
    from matplotlib import font_manager
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows, columns = weights_TS.shape
    size = (min(_LARGEST, _MARGIN + _CELL * columns), min(_LARGEST, _MARGIN + _CELL * rows))
    figure = Figure(size, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.imshow(weights_TS, cmap="Blues", vmin=0.0, vmax=1.0, aspect="equal")
    installed = {font.name for font in font_manager.fontManager.ttflist}
    fonts = ["DejaVu Sans", *(name for name in _WITH_HAN if name in installed)]
    if len(fonts) == 1 and _HAN.search("".join((*read, *written))):
        warnings.warn("no font for Chinese is found: install one, such as Noto Sans CJK", stacklevel=3)
    axes.set_xticks(range(columns), read, rotation=90, fontfamily=fonts, fontsize=9)
    axes.set_yticks(range(rows), written, fontfamily=fonts, fontsize=9)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_color("#cccccc")
    file = io.BytesIO()
    with warnings.catch_warnings():
        # One warning is enough; matplotlib has one for each character.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(file, format="png")
    write_atomically(path, file.getvalue())
