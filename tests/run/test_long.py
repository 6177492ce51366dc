"""Long training: memory does not grow, whoever runs the layer and however the lengths change."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_sequence

import elman

pytestmark = pytest.mark.slow
MEBIBYTE = 2**20


def resident() -> int:
    """Bytes of memory that the process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def assert_no_growth(layer: torch.nn.Module, inputs: Iterator[Tensor | PackedSequence], calls: int) -> None:
    """Trains on the inputs; after the first tenth, the process holds no more than it did."""
    optimiser = torch.optim.SGD(layer.parameters(), lr=1e-3)
    held = 0
    for call in range(calls):
        if call == calls // 10:
            held = resident()
        optimiser.zero_grad()
        output, _ = layer(next(inputs))
        output = output.data if isinstance(output, PackedSequence) else output
        output.square().mean().backward()
        optimiser.step()
    assert resident() - held < 4 * MEBIBYTE


def same(x: Tensor) -> Iterator[Tensor]:
    while True:
        yield x


def of_other_lengths_each_time(features: int) -> Iterator[PackedSequence]:
    while True:
        lengths = torch.randint(1, 100, (5,)).tolist()
        yield pack_sequence([torch.randn(length, features) for length in lengths], enforce_sorted=False)


def test_ten_thousand_steps_of_training_on_two_thousand_steps_each():
    assert_no_growth(elman.LSTM(2, 4), same(torch.randn(2000, 1, 2)), 10_000)


def test_two_thousand_steps_of_training_on_other_lengths_each_time():
    assert_no_growth(elman.GRU(2, 4), of_other_lengths_each_time(2), 2_000)


def test_training_in_torchs_operations():
    with elman.kernels("eager"):
        assert_no_growth(elman.LSTM(2, 4), same(torch.randn(100, 1, 2)), 500)
