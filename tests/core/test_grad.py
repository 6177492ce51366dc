"""The derived backward step against central differences, on cells made at random."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.differences import slope
from tests.core.problem import problem
from tests.core.random_cells import cell_of, sources


@settings(max_examples=60, deadline=None, derandomize=True)  # so that no difference ever straddles a jump
@given(source=sources(), seed=st.integers(0, 1000))
def test_gradients_have_the_slope_of_the_error(source: str, seed: int):
    drawn = problem(cell_of(source).step, seed)
    derived = drawn.gradients()
    rng = np.random.default_rng(seed)
    for name, array in drawn.arrays.items():
        direction = rng.normal(size=array.shape)
        expected = slope(drawn.error, array, direction)
        assert (derived[name] * direction).sum() == pytest.approx(expected, rel=1e-5, abs=1e-5), name
