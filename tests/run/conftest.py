"""What tests that change the number of threads share."""

import pytest
import torch


@pytest.fixture
def torchs_threads():
    """Restores the number of torch's threads."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
