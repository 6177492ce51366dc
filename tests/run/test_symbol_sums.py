"""Rows summed by their symbols, against torch."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.run.symbol_sums import symbol_sums


def by_torch(rows, symbols, count):
    return torch.zeros(count, rows.shape[1], dtype=rows.dtype).index_add_(0, symbols, rows)


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 70), st.integers(1, 9), st.integers(0, 5), st.booleans())
def test_sums_are_those_of_torch(count, columns, symbols, padding, double):
    rows = torch.randn(count, columns + padding, dtype=torch.float64 if double else torch.float32)
    rows = rows[:, :columns]
    chosen = torch.randint(symbols, (count,))
    torch.testing.assert_close(symbol_sums(rows, chosen, symbols), by_torch(rows, chosen, symbols))


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_any_number_of_threads_makes_the_same_bits(threads):
    rows, chosen = torch.randn(5000, 133), torch.randint(40, (5000,))
    alone = symbol_sums(rows, chosen, 40)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        assert torch.equal(symbol_sums(rows, chosen, 40), alone)
    finally:
        torch.set_num_threads(before)
    torch.testing.assert_close(alone, by_torch(rows, chosen, 40), rtol=1e-4, atol=1e-4)
