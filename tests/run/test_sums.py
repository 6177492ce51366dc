"""Sums over all rows against torch, in float64."""

import hypothesis
import pytest
import torch
from hypothesis import strategies as st

from elman.core.ir import variable
from elman.core.ops import mul, tanh
from elman.emit.plan import Row
from elman.run.buffers import readable
from elman.run.sums import SumKernel

A, B, S = (variable("delta", name, ("B", size)) for name, size in (("a", "H"), ("b", "P"), ("s", "1")))


def sums(
    rows: int, sizes: dict[str, int], dtype: torch.dtype
) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Those of a, tanh(a) a, b and s b, and the same in float64 by torch."""
    values = [A, mul(tanh(A), A), B, mul(S, B)]
    kernel = SumKernel(values, dict.fromkeys((A, B, S), Row.NOW), sizes, dtype)
    a, b, s = (torch.randn(rows, size, dtype=dtype) for size in (sizes["H"], sizes["P"], 1))
    lanes = kernel._lanes
    found = kernel({node: readable(v, lanes) for node, v in ((A, a), (B, b), (S, s))}, rows)
    a, b, s = a.double(), b.double(), s.double()
    return [found[value] for value in values], [v.sum(0) for v in (a, a.tanh() * a, b, s * b)]


@hypothesis.settings(deadline=None)  # the kernel is compiled
@hypothesis.given(rows=st.integers(1, 200), h=st.integers(1, 70), p=st.integers(1, 40))
def test_sums_of_what_follows_by_element(rows, h, p):
    for dtype, error in ((torch.float32, 3e-7), (torch.float64, 1e-15)):
        found, expected = sums(rows, {"H": h, "P": p}, dtype)
        for mine, theirs in zip(found, expected, strict=True):
            assert mine.dtype == dtype
            torch.testing.assert_close(mine.double(), theirs, rtol=0, atol=error * rows)


def test_many_rows_are_summed_with_little_rounding():
    found, expected = sums(200_000, {"H": 3, "P": 3}, torch.float32)
    for mine, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(mine.double(), theirs, rtol=2e-6, atol=2e-3)


@pytest.mark.usefixtures("torchs_threads")
def test_threads_do_not_change_a_bit():
    found = []
    for threads in (1, 2, 3, 4):
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        found.append(sums(300, {"H": 65, "P": 17}, torch.float32)[0])
    for other in found[1:]:
        assert all(torch.equal(mine, theirs) for mine, theirs in zip(other, found[0], strict=True))
