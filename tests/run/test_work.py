"""How work is cut into calls: all of it, in order, in short pieces, with the same bits."""

import hypothesis
import pytest
import torch
from hypothesis import strategies as st

from elman.cells import CELLS
from elman.core.passes import compile_step
from elman.run import kernel, outer, work
from elman.run.layout import Layout
from elman.run.work import Work, calls
from tests.run.loops import Case


def rows_of(piece: Work) -> list[tuple[int, int]]:
    """The (step, sequence) pairs that a piece does, in its order; a segment's place stands for its step."""
    low, high = int(piece.bounds[0]), int(piece.bounds[-1])
    found = []
    for step, _, _, begin, count in piece.segments.tolist():
        found += [(step, sequence) for sequence in range(max(low, begin), min(high, begin + count))]
    return found


@hypothesis.given(
    widths=st.lists(st.integers(1, 300), min_size=1, max_size=20), cost=st.integers(1, 4 * 10**9)
)
def test_the_pieces_are_the_whole_in_order_and_short(widths, cost):
    segments = torch.tensor([[step, 0, 0, 2 * step, width] for step, width in enumerate(widths)])
    last = int((segments[:, 3] + segments[:, 4]).max())
    whole = Work(segments, torch.tensor([0, last // 2, last]))
    pieces = list(calls(whole, cost))
    assert [row for piece in pieces for row in rows_of(piece)] == rows_of(whole)
    most = max(work.ROWS_PER_CALL, work.OPERATIONS_PER_CALL // cost)
    assert all(len(rows_of(piece)) <= most for piece in pieces)
    assert len(pieces) <= 2 * len(rows_of(whole)) / most + len(widths)


@pytest.mark.parametrize(("rows", "parts"), [(1, 1), (199, 1), (200, 2), (399, 3), (10_000, 8)])
def test_no_more_threads_than_the_work_keeps_busy(monkeypatch, rows, parts):
    monkeypatch.setattr(work, "OPERATIONS_PER_THREAD", 1000)
    bounds = torch.linspace(0, rows, 9).round().long() if rows >= 8 else torch.tensor([0, rows])
    whole = Work(torch.tensor([[0, 0, 0, 0, rows]]), bounds)
    (piece,) = calls(whole, 10)
    assert piece.parts == parts
    assert rows_of(piece) == rows_of(whole)
    shares = piece.bounds.diff()
    assert shares.min() >= 1
    assert shares.max() <= 2 * -(-rows // parts)


@pytest.mark.parametrize("cell", ["lstm", "gru_reset_before", "layer_norm_lstm", "min_gru"])
@pytest.mark.parametrize("layout", [Layout((70,) * 9), Layout((70, 70, 61, 9, 9, 2), reverse=True)], ids=str)
def test_many_short_calls_leave_the_same_bits_as_a_long_one(monkeypatch, cell, layout):
    case = Case.random(compile_step(CELLS[cell].step), {"I": 3, "H": 21}, layout, torch.float32)
    loop = case.compiled(torch.float32)
    made = []
    call = kernel.call
    monkeypatch.setattr(kernel, "call", lambda *given: made.append(1) or call(*given))
    expected = [*case.outputs(loop), *case.gradients(loop)]
    few = len(made)
    monkeypatch.setattr(outer, "OPERATIONS_PER_CALL", 1)
    monkeypatch.setattr(work, "OPERATIONS_PER_CALL", 1)
    monkeypatch.setattr(work, "ROWS_PER_CALL", 7)
    for mine, theirs in zip([*case.outputs(loop), *case.gradients(loop)], expected, strict=True):
        assert torch.equal(mine, theirs)
    assert len(made) - few > 10 * few
