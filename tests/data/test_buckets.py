"""Batches by length."""

from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from elman.data.buckets import LengthBatches, padded


@dataclass(frozen=True)
class Chosen:
    numbers: list[int]
    continues: bool = False

    @property
    def symbols(self):
        return len(self.numbers)

    def to(self, device):
        return self


def batches_of(sizes, batch_size, seed=1):
    return LengthBatches(sizes, batch_size, lambda chosen: Chosen(chosen.tolist()), seed)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.integers(1, 9), st.integers(1, 3))
def test_every_example_is_in_one_batch_an_epoch_and_in_that_of_one_process(sizes, batch_size, world):
    batches = batches_of(sizes, batch_size)
    found = [batch.numbers for batch in batches.epoch(3)]
    assert len(found) == len(batches)
    assert sorted(chain(*found)) == list(range(len(sizes)))
    shards = [[b.numbers for b in batches.shard(rank, world).epoch(3)] for rank in range(world)]
    for whole, *parts in zip(found, *shards, strict=True):
        assert sorted(whole) == sorted(chain(*parts))


def test_sequences_of_about_one_length_meet_so_that_little_is_padding():
    sizes = np.random.default_rng(0).geometric(0.05, 5000)
    padding = total = 0
    for batch in batches_of(sizes, 32).epoch(0):
        of_these = sizes[batch.numbers]
        total += of_these.max() * len(of_these)
        padding += (of_these.max() - of_these).sum()
    assert padding / total < 0.05


def test_an_epoch_can_be_entered_in_its_middle():
    batches = batches_of(list(range(40)), 3)
    assert list(batches.epoch(2, 5)) == list(batches.epoch(2))[5:]
    assert list(batches.epoch(1)) != list(batches.epoch(2))


def test_without_a_seed_every_epoch_goes_from_short_to_long():
    batches = batches_of([5, 1, 3, 2], 2, seed=None)
    first, second = ([batch.numbers for batch in batches.epoch(number)] for number in (0, 1))
    assert first == second == [[1, 3], [2, 0]]


def test_padding_is_as_torch_pads():
    sequences = [np.array([3, 4]), np.array([], np.int64), np.array([5])]
    expected = torch.nn.utils.rnn.pad_sequence([torch.from_numpy(s) for s in sequences], padding_value=9)
    assert torch.equal(torch.from_numpy(padded(sequences, 9)), expected)
    assert padded([], 0).shape == (1, 0)
