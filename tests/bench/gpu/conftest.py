"""Layers on the CPU that run in Triton's kernels, by its interpreter."""

import pytest
import torch

from elman.nn import direction
from elman.run import choice
from elman.run.gpu.cell import GpuCell


@pytest.fixture
def interpreted(monkeypatch) -> torch.device:
    pytest.importorskip("triton")
    if torch.cuda.is_available():
        pytest.skip("TRITON_INTERPRET is not set where there is a GPU")
    direction._engine.cache_clear()
    device = torch.device("cpu")
    monkeypatch.setattr(choice, "CompiledCell", lambda *given: GpuCell(*given, device))
    monkeypatch.setattr(choice, "RoundedCell", lambda *given: GpuCell(*given, torch.bfloat16, device))
    monkeypatch.setattr(choice, "has_kernels", lambda device, dtype: choice.kernels.mode != "eager")
    yield device
    direction._engine.cache_clear()
