"""Checkpoints: everything comes back, and a pickle is never read."""

import pickle

import pytest
import safetensors.torch
import torch

from elman.core.errors import InputError
from elman.training.checkpoint import SafetensorsCheckpointIO

IO = SafetensorsCheckpointIO()


def test_what_an_optimiser_and_a_loop_hold_comes_back(tmp_path):
    weight = torch.nn.Parameter(torch.randn(3, 2))
    optimiser = torch.optim.AdamW([weight], lr=0.1, betas=(0.9, 0.95))
    weight.square().sum().backward()
    optimiser.step()
    shared = torch.arange(6.0)
    content = {
        "optimizer_states": [optimiser.state_dict()],
        "views": (shared[:3], shared[3:], shared.view(2, 3).t()),
        "loops": {"epoch": 3, "done": False, "none": None, "share": 0.1, "text": "水", "inf": float("inf")},
    }
    IO.save_checkpoint(content, tmp_path / "checkpoint")
    loaded = IO.load_checkpoint(tmp_path / "checkpoint")
    assert loaded["loops"] == content["loops"]
    assert isinstance(loaded["views"], tuple)
    assert all(torch.equal(a, b) for a, b in zip(loaded["views"], content["views"], strict=True))
    state = loaded["optimizer_states"][0]
    assert state["param_groups"] == optimiser.state_dict()["param_groups"]
    for name, value in optimiser.state_dict()["state"][0].items():
        assert torch.equal(state["state"][0][name], value)


def test_what_cannot_be_told_in_json_is_refused_when_written(tmp_path):
    with pytest.raises(TypeError, match="object"):
        IO.save_checkpoint({"thing": object()}, tmp_path / "checkpoint")
    assert list(tmp_path.iterdir()) == []


def test_a_pickle_is_refused_and_not_executed(tmp_path):
    class Hostile:
        def __reduce__(self):
            return (open, (str(tmp_path / "executed"), "w"))

    (tmp_path / "checkpoint").write_bytes(pickle.dumps(Hostile()))
    with pytest.raises(InputError, match="not a whole checkpoint"):
        IO.load_checkpoint(tmp_path / "checkpoint")
    assert not (tmp_path / "executed").exists()


def test_truncated_foreign_and_missing_files_are_refused(tmp_path):
    path = tmp_path / "checkpoint"
    with pytest.raises(InputError, match="cannot be read"):
        IO.load_checkpoint(path)
    safetensors.torch.save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(InputError, match="not a whole checkpoint"):
        IO.load_checkpoint(path)
    IO.save_checkpoint({"a": torch.zeros(100)}, path)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(InputError, match="not a whole checkpoint"):
        IO.load_checkpoint(path)
