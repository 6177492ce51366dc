"""Dropout by machine code, against the same arithmetic in numpy, and against chance."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.emit.dropout import MULTIPLIERS, SHIFTS
from elman.run.dropout import CpuDropout


def kept(count, keep, seed):
    """Whether each number is kept, by numpy."""
    value = np.arange(count, dtype=np.uint32)
    for multiplier, shift, key in zip(MULTIPLIERS, SHIFTS, (seed & 0xFFFFFFFF, seed >> 32, 0), strict=True):
        value = value * np.uint32(multiplier) ^ np.uint32(key)
        value ^= value >> np.uint32(shift)
    return value < round(keep * 2**32)


@settings(deadline=None)
@given(st.integers(1, 200), st.floats(0.01, 0.99), st.integers(0, 2**63 - 1), st.booleans())
def test_numbers_are_kept_as_numpy_keeps_them(count, keep, seed, double):
    dtype = torch.float64 if double else torch.float32
    x = torch.randn(count, dtype=dtype)
    found = CpuDropout(dtype)(x, keep, seed)
    expected = torch.where(torch.from_numpy(kept(count, keep, seed)), x / keep, torch.zeros(()).to(dtype))
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=0)


@pytest.fixture(params=[1, 2, 3, 5])
def threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


def test_any_number_of_threads_keeps_the_same(threads):
    x = torch.ones(1_000_003)
    found = CpuDropout(torch.float32)(x, 0.7, 12345)
    assert torch.equal(found != 0, torch.from_numpy(kept(len(x), 0.7, 12345)))


def test_neighbours_rows_and_seeds_have_nothing_to_do_with_each_other():
    rows, columns = 2000, 512
    dropped = CpuDropout(torch.float64)
    masks = [(dropped(torch.ones(rows, columns).double(), 0.5, seed) > 0).double() for seed in range(5)]
    error = 5 / (rows * columns) ** 0.5
    first = masks[0] - 0.5
    for step in ((0, 1), (1, 0), (1, 1), (2, 0), (0, 16), (64, 0)):
        other = first.roll(step, (0, 1))
        assert abs(float((first * other).mean()) * 4) < error, step
    for mask in masks[1:]:
        assert abs(float((first * (mask - 0.5)).mean()) * 4) < error


def test_small_probabilities_are_met():
    x = torch.ones(1 << 22)
    for keep in (1e-4, 0.999):
        found = (CpuDropout(torch.float32)(x, keep, 7) > 0).double().mean()
        assert abs(float(found) - keep) < 5 * (keep * (1 - keep) / len(x)) ** 0.5
