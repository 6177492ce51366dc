"""Who runs the cells, for tests that hold for both."""

import pytest

from elman.run.choice import kernels


@pytest.fixture(params=["auto", "eager"], ids=["compiled", "torch"])
def engine(request):
    """Compiled kernels, then torch's own operations."""
    with kernels(request.param):
        yield request.param
