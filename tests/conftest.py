"""What every test starts from: one thread, and the same random numbers each time."""

import os
from importlib import import_module

import numpy as np
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


@pytest.fixture
def nearest(monkeypatch) -> None:
    """Rounds to the nearest bfloat16, as a GPU does; Triton's interpreter truncates."""
    interpreter = import_module("triton.runtime.interpreter")
    convert = interpreter._convert_float

    def rounded(data, given, wanted, mode):
        if wanted.name != "bf16" or given.name != "fp32":
            return convert(data, given, wanted, mode)
        found = torch.tensor(data, dtype=torch.bfloat16).view(torch.int16)
        return found.numpy().view(np.uint16)

    monkeypatch.setattr(interpreter, "_convert_float", rounded)
