"""What tests that change the number of threads share."""

import pytest
import torch

from elman.run import outer, panels, sums, work


@pytest.fixture
def torchs_threads():
    """Restores the number of torch's threads."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def every_thread_is_worth_it(monkeypatch):
    """Lets small examples be shared among threads as large ones are."""
    for module in (work, outer, panels, sums):
        monkeypatch.setattr(module, "OPERATIONS_PER_THREAD", 1)
    monkeypatch.setattr(work, "BYTES_PER_THREAD", 1)
