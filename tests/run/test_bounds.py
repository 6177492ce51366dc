"""No kernel reads or writes outside of its arrays: each runs with every array between forbidden pages."""

import ctypes
import faulthandler
import itertools
import signal
from collections.abc import Callable
from types import SimpleNamespace

import pytest
import torch

from elman.cells import CELLS
from elman.core.passes import compile_step
from elman.emit.target import TARGETS
from elman.emit.worker import WORDS
from elman.run import call, kernel, library, outer, panels, sums, work
from elman.run.layout import Layout
from elman.run.pairs import multiplies_pairs
from elman.run.work import Work
from tests.run.children import in_child
from tests.run.guarded import Guarded
from tests.run.loops import Case, assert_same
from tests.run.rounding import RoundedCase

CELLS_BY_DTYPE = {
    torch.float32: [
        "lstm",
        "gru_reset_before",
        "layer_norm_gru",
        "projection_lstm",
        "rhn",
        "slstm",
        "min_gru",
    ],
    torch.float64: ["layer_norm_lstm", "jordan"],
}
SHAPES = [
    (1, (1,), False),
    (33, (1, 1, 1), True),
    (5, (7, 7, 2), True),
    (17, (13, 4, 4, 1), False),
    (70, (29, 29, 3), True),
]
"""H, how many sequences take each step, and whether backwards in time."""


SIDES = ("behind", "before")


@pytest.fixture
def page(monkeypatch) -> SimpleNamespace:
    """Every array that a kernel is given lies flush with a forbidden page, on the side that this says."""
    page = SimpleNamespace(side="behind")
    run_parts = call.run_parts

    def guarded_call(worker, buffers, strides, sizes, work, scratch_size, team=1):
        guard = Guarded(page.side == "behind")
        given = [guard.place(buffer) for buffer in buffers]
        todo = Work(guard.place(work.segments), guard.place(work.bounds), work.single)
        call.call(worker, given, strides, sizes, todo, scratch_size, team)
        guard.take_back()

    def with_guarded_scratch(worker, words, parts, scratch_bytes, memory):
        guard = Guarded(page.side == "behind")
        scratch = guard.place(torch.zeros(parts * scratch_bytes, dtype=torch.uint8))
        place = WORDS.index("scratch") - 3  # what comes first is not among these words
        words = (*words[:place], scratch.data_ptr(), *words[place + 1 :])
        run_parts(worker, words, parts, scratch_bytes, memory)
        guard.take_back()

    for module in (kernel, outer, panels, sums):
        monkeypatch.setattr(module, "call", guarded_call)
    monkeypatch.setattr(call, "run_parts", with_guarded_scratch)
    return page


def assert_survives(check: Callable[[], None]) -> None:
    status = in_child(check)
    assert status != -signal.SIGSEGV, "a kernel left its memory"
    assert status == 0


def assert_loop_survives(cell: str, dtype: torch.dtype, page: SimpleNamespace) -> None:
    """Runs a cell at odd sizes, forward and backward, with every array between forbidden pages."""
    program, tolerance = compile_step(CELLS[cell].step), {torch.float32: 3e-6, torch.float64: 1e-13}[dtype]
    cases = [
        Case.random(program, {"I": 3, "H": hidden, "P": 3, "O": 2}, Layout(batch_sizes, reverse), dtype)
        for hidden, batch_sizes, reverse in SHAPES
    ]
    for training in (False, True):  # all children then have the code
        cases[0].compiled(dtype).compile(training)

    def check() -> None:
        for case, page.side in itertools.product(cases, SIDES):
            compiled, expected = case.compiled(dtype), case.outputs(case.eager)
            assert_same(case.outputs(compiled), expected, tolerance)
            assert_same(case.outputs(compiled, keep=False), expected, tolerance)
            assert_same(case.gradients(compiled), case.gradients(case.eager), tolerance)

    assert_survives(check)


@pytest.mark.parametrize(
    ("cell", "dtype"), [(cell, dtype) for dtype, cells in CELLS_BY_DTYPE.items() for cell in cells], ids=str
)
def test_a_loop_stays_in_its_arrays(cell, dtype, page):
    assert_loop_survives(cell, dtype, page)


@pytest.mark.parametrize("target", ["x86-64-v2", "x86-64-v3"])
def test_a_loop_stays_in_its_arrays_with_narrower_vectors(target, page, monkeypatch):
    if TARGETS[target].bits > library.host_target().bits:
        pytest.skip("this processor has no vectors so wide")
    monkeypatch.setattr(kernel, "host_target", lambda: TARGETS[target])
    assert_loop_survives("gru_reset_before", torch.float32, page)


@pytest.mark.skipif(not multiplies_pairs(), reason="this processor does not multiply bfloat16 numbers")
@pytest.mark.parametrize("cell", ["lstm", "gru_reset_before", "layer_norm_gru", "rhn", "min_gru"])
def test_a_cell_with_rounded_products_stays_in_its_arrays(cell, page):
    cases = [
        RoundedCase.random(CELLS[cell], {"I": inputs, "H": hidden}, Layout(batch_sizes, reverse))
        for inputs, (hidden, batch_sizes, reverse) in itertools.product((3, 4), SHAPES)
    ]
    wanted = [case.compiled().forward(case.layout, case.given(), True).outputs for case in cases]

    def check() -> None:
        for (case, outputs), page.side in itertools.product(zip(cases, wanted, strict=True), SIDES):
            for keep in (False, True):
                found = case.compiled().forward(case.layout, case.given(), keep)
                assert_same(found.outputs, outputs, 0)

    assert_survives(check)


def test_short_calls_stay_in_their_arrays(page, monkeypatch):
    monkeypatch.setattr(outer, "OPERATIONS_PER_CALL", 1)
    monkeypatch.setattr(work, "OPERATIONS_PER_CALL", 1)
    monkeypatch.setattr(work, "ROWS_PER_CALL", 5)
    assert_loop_survives("lstm", torch.float32, page)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_a_sum_of_outer_products_stays_in_its_arrays(dtype, page):
    sums = outer.outer_kernel(dtype, library.host_target())

    def check() -> None:
        shapes = [(1, 1, 1), (5, 7, 3), (256, 6, 64), (257, 400, 65), (700, 13, 129)]
        for (terms, rows, columns), page.side in itertools.product(shapes, SIDES):
            a, b = torch.randn(terms, rows, dtype=dtype), torch.randn(terms, columns, dtype=dtype)
            c, d = sums([outer.Product(a, b, rows, columns), outer.Product(b, a, columns, rows)])
            torch.testing.assert_close(c, a.T @ b, rtol=1e-5, atol=1e-4)
            torch.testing.assert_close(d, b.T @ a, rtol=1e-5, atol=1e-4)

    assert_survives(check)


@pytest.mark.parametrize("at_end", [True, False])
def test_a_touch_of_a_forbidden_page_is_seen(at_end):
    def touch() -> None:
        faulthandler.disable()  # this one is meant to be
        values = torch.zeros(8)
        start = Guarded(at_end).place(values).data_ptr()
        ctypes.c_char.from_address(start + 32 if at_end else start - 1).value  # noqa: B018

    with pytest.raises(AssertionError, match="a kernel left its memory"):
        assert_survives(touch)
