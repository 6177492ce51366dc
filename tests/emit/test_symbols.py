"""Kernels stand on their own: no function of a C library, nothing from outside but the register tiles."""

import llvmlite.binding as llvm
import pytest

from elman.core import ops
from elman.core.ir import parameter, variable
from elman.core.passes.fuse import fuse
from elman.emit.elementwise import OPERATIONS
from elman.emit.llvm import emit
from elman.emit.outer import emit_outer
from elman.emit.plan import Row, plan
from elman.emit.reductions import REDUCTIONS
from elman.emit.target import TARGETS
from elman.emit.tile import emit_tiles
from elman.run.library import compile_object
from tests.emit.objects import symbols

X = variable("x", "x", ("B", "H"))
U = parameter("U", ("H", "H"))
ATTRIBUTES = {
    "power": {"exponent": -3},
    "clip": {"low": -1.0, "high": 1.0},
    "normalize": {"eps": 1e-5},
    "rstd": {"eps": 1e-5},
}
THREE, TWO = ("where",), ("add", "sub", "mul", "div", "greater", "greater_equal", "maximum", "minimum")
ENTRIES = {"elman_worker", "elman_run"}
FILL = {"memset", "memcpy"}
"""What LLVM makes of loops that fill or copy memory, on some processors; every program has them."""


def of_operation(name):
    operands = 3 if name in THREE else 2 if name in TWO else 1
    return ops.OPERATIONS[name](*[X] * operands, **ATTRIBUTES.get(name, {}))


@pytest.fixture(scope="module", params=TARGETS)
def target(request):
    return TARGETS[request.param]


@pytest.fixture(scope="module")
def machine(target) -> llvm.TargetMachine:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    try:
        of_kind = llvm.Target.from_triple(target.triple)
    except RuntimeError:
        pytest.skip(f"this llvmlite compiles nothing for {target.name}")
    return of_kind.create_target_machine(cpu=target.cpu, opt=3, reloc="pic")


@pytest.mark.parametrize("dtype", ["float", "double"])
def test_all_operations_together_call_nothing(target, machine, dtype):
    leaves = {X: Row.NOW}
    outputs = [of_operation(name) for name in (*OPERATIONS, *REDUCTIONS)]
    kernel = plan("all", fuse(outputs, leaves), leaves)
    defined, outside = symbols(compile_object(emit(kernel, target, dtype), machine))
    assert defined >= ENTRIES
    assert not outside


@pytest.mark.parametrize("dtype", ["float", "double"])
def test_products_call_the_tiles_alone(target, machine, dtype):
    tiles, needed = symbols(compile_object(emit_tiles(target, dtype), machine))
    assert not needed
    leaves = {X: Row.NOW, U: Row.NONE}
    kernel = plan("product", fuse([ops.matmul(U, X)], leaves), leaves)
    for text in (emit(kernel, target, dtype), emit_outer(target, dtype)):
        defined, outside = symbols(compile_object(text, machine))
        assert defined >= ENTRIES
        assert outside & tiles
        assert outside <= tiles | FILL
