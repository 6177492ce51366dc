"""Compiled loops against torch's own operations on the same graphs: every cell, odd shapes, any processor."""

import hypothesis
import pytest
import torch
from hypothesis import strategies as st

from elman.cells import CELLS
from elman.core.passes import compile_step
from elman.core.transform import with_recurrent_dropout, with_resets, with_zoneout
from elman.emit.target import TARGETS
from elman.run import kernel, library
from elman.run.layout import Layout
from tests.core.random_cells import cell_of, sources
from tests.run.loops import Case, assert_same

SIZES = {"P": 9, "O": 4}
TOLERANCE = {torch.float64: 1e-13, torch.float32: 3e-6}
EVEN, UNEVEN = (7, 7, 7), (4, 4, 3, 2, 2, 1)


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("name", CELLS)
def test_every_cell_runs_as_torch_runs_it(name, dtype):
    program = compile_step(CELLS[name].step)
    for hidden in (1, 5, 16, 70):
        for batch_sizes in (EVEN, UNEVEN):
            for reverse in (False, True):
                case = Case.random(
                    program, {**SIZES, "I": 3, "H": hidden}, Layout(batch_sizes, reverse), dtype
                )
                compiled = case.compiled(dtype)
                expected = case.outputs(case.eager)
                assert_same(case.outputs(compiled), expected, TOLERANCE[dtype])
                assert_same(case.outputs(compiled, keep=False), expected, TOLERANCE[dtype])
                assert_same(case.gradients(compiled), case.gradients(case.eager), TOLERANCE[dtype])


@pytest.mark.parametrize("change", [with_zoneout, with_recurrent_dropout, with_resets])
def test_what_a_layer_adds_to_a_cell_is_compiled_too(change):
    program = compile_step(change(CELLS["lstm"].step))
    case = Case.random(program, {"I": 3, "H": 21}, Layout(UNEVEN), torch.float64)
    assert_same(case.outputs(case.compiled(torch.float64)), case.outputs(case.eager), 1e-13)
    assert_same(case.gradients(case.compiled(torch.float64)), case.gradients(case.eager), 1e-13)


@pytest.mark.parametrize("name", ["x86-64-v2", "x86-64-v3", "x86-64-v4"])
@pytest.mark.parametrize("cell", ["lstm", "gru_reset_before", "layer_norm_gru", "rhn", "slstm", "min_gru"])
def test_every_vector_width_computes_the_same(name, cell, monkeypatch):
    wanted = TARGETS[name]
    if wanted.bits > library.host_target().bits:
        pytest.skip("this processor has no vectors so wide")
    monkeypatch.setattr(kernel, "host_target", lambda: wanted)
    program = compile_step(CELLS[cell].step)
    for dtype, tolerance in TOLERANCE.items():
        case = Case.random(program, {"I": 3, "H": 37}, Layout(UNEVEN), dtype)
        assert case.compiled(dtype).target is wanted
        assert_same(case.outputs(case.compiled(dtype)), case.outputs(case.eager), tolerance)
        assert_same(case.gradients(case.compiled(dtype)), case.gradients(case.eager), tolerance)


@pytest.mark.parametrize("cell", ["lstm", "gru", "layer_norm_lstm", "min_gru"])
def test_results_are_the_same_bits_on_any_number_of_threads(cell):
    program = compile_step(CELLS[cell].step)
    case = Case.random(program, {"I": 3, "H": 70}, Layout((29, 29, 20, 11, 3)), torch.float32)
    loop = case.compiled(torch.float32)
    before = torch.get_num_threads()
    try:
        found = []
        for threads in (1, 2, 3, 4):
            torch.set_num_threads(threads)
            found.append([*case.outputs(loop), *case.gradients(loop)])
    finally:
        torch.set_num_threads(before)
    for other in found[1:]:
        assert all(torch.equal(a, b) for a, b in zip(found[0], other, strict=True))


def _random_cell_runs_as_torch_runs_it(source: str) -> None:
    program = compile_step(cell_of(source).step)
    case = Case.random(program, {"I": 3, "H": 5, "P": 2}, Layout((4, 4, 2)), torch.float64)
    compiled = case.compiled(torch.float64)
    assert_same(case.outputs(compiled), case.outputs(case.eager), 1e-11)
    assert_same(case.gradients(compiled), case.gradients(case.eager), 1e-11)


@hypothesis.settings(max_examples=20, deadline=None)
@hypothesis.given(sources())
def test_random_cells_run_as_torch_runs_them(source):
    _random_cell_runs_as_torch_runs_it(source)


@pytest.mark.slow
@hypothesis.settings(max_examples=200, deadline=None)
@hypothesis.given(sources(operations=14))
def test_many_random_cells_run_as_torch_runs_them(source):
    _random_cell_runs_as_torch_runs_it(source)


@hypothesis.settings(max_examples=20, deadline=None)
@hypothesis.given(
    hidden=st.integers(1, 40),
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=15),
    reverse=st.booleans(),
)
def test_any_lengths_and_sizes(hidden, lengths, reverse):
    batch_sizes = tuple(sum(length > t for length in lengths) for t in range(max(lengths)))
    program = compile_step(CELLS["gru"].step)
    case = Case.random(program, {"I": 3, "H": hidden}, Layout(batch_sizes, reverse), torch.float64)
    compiled = case.compiled(torch.float64)
    assert_same(case.outputs(compiled), case.outputs(case.eager), 1e-13)
    assert_same(case.gradients(compiled), case.gradients(case.eager), 1e-12)


def test_nan_and_infinity_flow_through_as_in_torch():
    program = compile_step(CELLS["lstm"].step)
    case = Case.random(program, {"I": 3, "H": 5}, Layout((3, 3)), torch.float32)
    case.operands.inputs[0][0, 2] = float("nan")
    case.operands.inputs[1][1, 1] = float("inf")
    case.operands.inputs[2][2, 0] = float("-inf")
    mine, theirs = case.outputs(case.compiled(torch.float32)), case.outputs(case.eager)
    for a, b in zip(mine, theirs, strict=True):
        torch.testing.assert_close(a, b, equal_nan=True)
