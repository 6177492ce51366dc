"""Kernels for a processor that is not here: they compile to code of its own. No test runs it."""

import llvmlite.binding as llvm
import pytest

from elman.cells import CELLS
from elman.core.passes import compile_step
from elman.emit.llvm import emit
from elman.emit.outer import emit_outer
from elman.emit.show import WAYS
from elman.emit.target import TARGETS
from elman.emit.tile import emit_tiles
from elman.run.library import compile_object

NEON = TARGETS["neon"]
AARCH64 = 183
"""The machine in the header of an ELF file."""


@pytest.fixture(scope="module")
def machine() -> llvm.TargetMachine:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    try:
        target = llvm.Target.from_triple(NEON.triple)
    except RuntimeError:
        pytest.skip("this llvmlite compiles for no ARM processor")
    return target.create_target_machine(cpu=NEON.cpu, features="+neon", opt=3, reloc="pic")


def assert_is_arm(code: bytes) -> None:
    assert code[:4] == b"\x7fELF"
    assert int.from_bytes(code[18:20], "little") == AARCH64


@pytest.mark.parametrize("dtype", ["float", "double"])
def test_tiles_and_outer_products(machine, dtype):
    assert_is_arm(compile_object(emit_tiles(NEON, dtype), machine))
    code = compile_object(emit_outer(NEON, dtype), machine)
    assert_is_arm(code)
    assert b"elman_worker" in code


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("cell", ["lstm", "gru_reset_before", "layer_norm_gru", "min_gru"])
def test_cells(machine, cell, way):
    code = compile_object(emit(WAYS[way](compile_step(CELLS[cell].step)).kernel, NEON, "float"), machine)
    assert_is_arm(code)
    assert b"elman_worker" in code
