"""Triton source: its text, its functions against numpy, and that it compiles where there is no GPU."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from elman.cells import CELLS, find
from elman.core import ops
from elman.core.ir import BATCH, HIDDEN, constant, parameter, variable
from elman.core.passes import compile_step
from elman.core.passes.fuse import PRODUCTS, ROW_OPERATIONS
from elman.emit.passes import Pass
from elman.emit.plan import Row
from elman.emit.show import WAYS
from elman.emit.triton.functions import OPERATIONS
from elman.emit.triton.steps import emit_steps
from elman.run.gpu.kernel import GpuKernel
from elman.run.gpu.loop import GpuLoop
from elman.run.layout import Layout

FOLDER = Path(__file__).parent / "golden"
ATTRIBUTES = {"exponent": 3, "low": -0.6, "high": 0.7, "eps": 0.1}
A, B, C = (variable("x", name, (BATCH, HIDDEN)) for name in "abc")
V = parameter("v", (HIDDEN,))
PLACES = {A: Row.NOW, B: Row.NOW, C: Row.NOW, V: Row.NONE}
OUTSIDE = {"outer", "batch_sum"}  # what sums over rows is done after the loop
REPEATED = {"broadcast", "spread"}
interpreted = pytest.mark.skipif(
    find_spec("triton") is None or os.environ.get("TRITON_INTERPRET") != "1",
    reason="needs Triton's interpreter",
)


def test_every_operation_of_the_compiler_has_a_row():
    assert {*OPERATIONS, *ROW_OPERATIONS, *PRODUCTS, *REPEATED, *OUTSIDE} == set(ops.OPERATIONS)


@pytest.mark.parametrize(
    ("cell", "way"),
    [
        ("lstm", "forward"),
        ("gru_reset_before", "backward"),
        ("layer_norm_gru", "forward"),
        ("sru", "forward"),
    ],
)
def test_the_text_of_a_kernel_is_as_it_was(cell, way, request):
    loop = GpuLoop(compile_step(find(cell).step), {"I": 3, "H": 4}, torch.float32, torch.device("cpu"))
    text = {"forward": loop._train, "backward": loop._back}[way].plans[-1].source.text
    path = FOLDER / f"{cell}_{way}.triton"
    if request.config.getoption("--update-golden"):
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def test_weights_whose_names_are_words_of_the_text_have_others_there():
    names = ["row", "count", "v1", "s1", "H", "tanh", "carried", "unit_row"]
    after = A
    for name in names:
        after = ops.add(ops.mul(after, parameter(name, (HIDDEN,))), constant(0.5))
    leaves = {A: Row.CARRIED, **{parameter(name, (HIDDEN,)): Row.NONE for name in names}}
    source = emit_steps(Pass("named", (ops.tanh(after),), (), leaves).kernel, (), "float")
    (launch,) = source.launches
    head = source.text[source.text.index(f"def {launch.name}(") :].partition("):")[0].split("(", 1)[1]
    arguments = [line.strip(" ,") for line in head.splitlines() if line.strip()]
    assert len(set(arguments)) == len(arguments)
    compile(source.text, "named", "exec")


def test_the_text_is_made_without_triton():
    code = "import sys; from tests.emit.test_triton import text; text(); print('triton' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def text() -> str:
    way = WAYS["forward"](compile_step(CELLS["slstm"].step))
    return emit_steps(way.kernel, way.before, "double").text


def run(nodes, values, dtype) -> list[np.ndarray]:
    """What the interpreter computes of some values, on rows (N, H) and a vector (H,)."""
    given = {node: torch.tensor(value, dtype=dtype) for node, value in values.items()}
    rows, size = given[A].shape
    kernel = GpuKernel(Pass("function", (), tuple(nodes), PLACES), {"H": size}, dtype)
    return [found.numpy() for found in kernel(given, {}, Layout((rows,)))]


@interpreted
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("name", [*OPERATIONS, *sorted(ROW_OPERATIONS)])
@pytest.mark.filterwarnings("ignore:.* encountered in:RuntimeWarning")
def test_an_operation_is_that_of_the_compilers_table(name, dtype):
    row, draw = ops.OPERATIONS[name], np.random.default_rng(0)
    values = {node: draw.normal(size=(5, 21)) * 10.0 ** draw.integers(-3, 2, (5, 21)) for node in (A, B, C)}
    values[A][0, :6] = values[B][0, :6] = [-0.6, 0.7, 0.0, 30.0, -30.0, 1e-6]  # kinks, ties, extremes
    values[C][:2] = np.sign(values[C][:2]).clip(0)
    if name in ("log", "sqrt"):
        values[A] = abs(values[A]) + 1e-9
    values = {node: np.asarray(torch.tensor(value, dtype=dtype)) for node, value in values.items()}
    operands = {"where": (C, A, B)}.get(name, (A, B, C)[: row.operands])
    attributes = {key: ATTRIBUTES[key] for key in row.attributes}
    (found,) = run([ops.build(name, operands, attributes)], {**values, V: values[A][0]}, dtype)
    meaning = REFERENCES.get(name, row.meaning)
    exact = meaning(*(values[node].astype(np.float64) for node in operands), **attributes)
    eps = float(torch.finfo(dtype).eps)
    np.testing.assert_allclose(found, exact, rtol=8 * eps, atol=8 * eps if name in ROUGH else 1e-30)


ROUGH = ("normal_cdf", "sin", "cos", "normalize", "unit_sum", "unit_mean", "softmax")
"""Where a result near zero is a difference of larger numbers, or its exponential."""
REFERENCES = {"sigmoid": lambda x: 1 / (1 + np.exp(-x))}
"""Where the meaning is less exact than what is tested."""


@interpreted
@pytest.mark.filterwarnings("ignore:.* encountered in:RuntimeWarning")
def test_numbers_alone_are_of_the_format_of_the_rest():
    values = {node: np.linspace(-1, 1, 10).reshape(2, 5) for node in (A, B, C)}
    chosen = [ops.where(A > 0.1, 0.1, 0.3), ops.maximum(A, 0.1), ops.mul(A, 0.1), ops.add(A, V)]
    found = run(chosen, {**values, V: np.full(5, 0.1)}, torch.float64)
    a = values[A]
    for mine, wanted in zip(found, [np.where(a > 0.1, 0.1, 0.3), a.clip(0.1), a * 0.1, a + 0.1], strict=True):
        np.testing.assert_array_equal(mine, wanted)


@interpreted
@pytest.mark.filterwarnings("ignore:.* encountered in:RuntimeWarning")
def test_a_nan_and_infinities_flow_through():
    edges = np.array([[np.nan, np.inf, -np.inf]])
    names = ("relu", "tanh", "sigmoid", "softplus", "sign", "abs", "exp")
    nodes = [ops.OPERATIONS[name](A) for name in names] + [ops.maximum(A, B), ops.clip(A, low=-1, high=1)]
    found = run(nodes, {A: edges, B: np.zeros((1, 3)), C: edges, V: edges[0]}, torch.float32)
    wanted = [ops.OPERATIONS[name].meaning(edges) for name in names]
    wanted += [np.maximum(edges, 0), np.clip(edges, -1, 1)]
    for name, mine, theirs in zip((*names, "maximum", "clip"), found, wanted, strict=True):
        np.testing.assert_array_equal(mine, theirs, err_msg=name)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
@pytest.mark.parametrize("cell", CELLS)
def test_kernels_compile_for_a_hopper_without_spills(cell, dtype):
    pytest.importorskip("triton")
    environment = {key: value for key, value in os.environ.items() if key != "TRITON_INTERPRET"}
    command = [sys.executable, "-W", "ignore", "-m", "tests.emit.ahead", cell, dtype]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    products = {"float32": "HGMMA", "bfloat16": "HGMMA", "float64": "DMMA"}[dtype]
    launches = [line.split() for line in done.stdout.splitlines()]
    assert {way for way, *_ in launches} == {"forward", "backward"}
    for way, name, spilled, *kinds in launches:
        assert spilled == "0", f"{way} {name} spills {spilled} bytes"
        assert set(kinds) <= {products}
    has_product = any(term.args[0].op == "param" for term in _products(cell))
    assert any(kinds for *_, kinds in ((*line[:3], line[3:]) for line in launches)) == has_product


def _products(cell: str):
    """The products of the loop forward."""
    fused = WAYS["forward"](compile_step(find(cell).step)).kernel.fused
    return [term for bundle in fused.products for terms in bundle.terms for term in terms]
