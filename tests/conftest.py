"""What every test starts from: one thread, and the same random numbers each time."""

import os

import pytest
import torch

torch.set_num_threads(1)  # the tests' matrices are small: a second thread costs more than it brings

if not torch.cuda.is_available():
    os.environ.setdefault("TRITON_INTERPRET", "1")  # read where triton is imported: its kernels run in numpy


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write what is compared with files anew")


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)
