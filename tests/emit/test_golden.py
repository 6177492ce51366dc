"""The LLVM IR of three kernels, compared with what was read and found good.

After a change that is meant, `pytest tests/emit/test_golden.py --update-golden` writes the files anew; what
changed in them is to be read before it is committed.
"""

from pathlib import Path

import pytest

from elman.cells import find
from elman.core.passes import compile_step
from elman.emit.llvm import emit
from elman.emit.show import WAYS
from elman.emit.target import TARGETS

FOLDER = Path(__file__).parent / "golden"


@pytest.mark.parametrize(
    ("cell", "way"), [("lstm", "forward"), ("gru_reset_before", "backward"), ("min_gru", "forward")]
)
def test_the_text_of_a_kernel_is_as_it_was(cell, way, request):
    text = emit(WAYS[way](compile_step(find(cell).step)).kernel, TARGETS["x86-64-v4"], "float")
    path = FOLDER / f"{cell}_{way}.ll"
    if request.config.getoption("--update-golden"):
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")
