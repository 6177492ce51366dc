"""Batches by length."""

from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch
from hypothesis import given, settings
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


def share_of_padding(sizes, batches):
    """Counted in the tables that the batches are, side by side."""
    places = sum(padded([np.ones(sizes[i], np.int64) for i in b.numbers], 0).size for b in batches.epoch(5))
    return 1 - sum(sizes) / places


def test_sequences_of_about_one_length_meet_so_that_little_is_padding():
    sizes = np.random.default_rng(0).geometric(0.05, 5000)
    batches = batches_of(sizes, 32)
    assert share_of_padding(sizes, batches) < 0.05


@settings(deadline=None)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=60), st.integers(1, 9))
def test_the_padding_that_is_told_is_that_of_the_batches(sizes, batch_size):
    batches = batches_of(sizes, batch_size)
    assert abs(batches.padding - share_of_padding(sizes, batches)) < 1e-12


def test_equal_lengths_and_no_lengths_have_no_padding():
    assert batches_of(np.ones(7), 3).padding == 0
    assert batches_of([], 3).padding == 0


def test_of_two_sides_the_second_decides_among_equal_first_ones():
    sizes = [(2, 9), (1, 5), (2, 1), (1, 7), (2, 8), (1, 1)]
    batches = batches_of(sizes, 2, seed=None)
    assert [batch.numbers for batch in batches.epoch(0)] == [[5, 1], [3, 2], [4, 0]]
    first, second = 1 + 1 + 2 + 2 + 2 + 2, 5 + 5 + 7 + 7 + 9 + 9
    np.testing.assert_allclose(batches.padding, 1 - np.sum(sizes) / (first + second))


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
