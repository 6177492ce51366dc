"""Streams for truncated backpropagation through time: nothing lost, everything in order."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.stream import StreamBatches, fitting_batch, line_length
from elman.data.vocabulary import EOS


def test_streams_by_hand():
    batches = list(StreamBatches(np.arange(10, 17), batch_size=2, sequence_length=3).epoch(0))
    assert [batch.inputs.T.tolist() for batch in batches] == [
        [[EOS, 10, 11], [EOS, 14, 15]],
        [[12], [16]],
    ]
    assert [batch.targets.T.tolist() for batch in batches] == [
        [[10, 11, 12], [14, 15, 16]],
        [[13], [EOS]],
    ]
    assert batches[0].lengths is None
    assert batches[1].lengths is not None
    assert batches[1].lengths.tolist() == [1, 0]
    assert [batch.continues for batch in batches] == [False, True]
    assert batches[1].mask().tolist() == [[True, False]]
    assert [batch.symbols for batch in batches] == [6, 1]


@settings(deadline=None)
@given(st.integers(1, 200), st.integers(1, 12), st.integers(1, 17))
def test_every_symbol_is_a_target_once_and_follows_its_predecessor(size, batch_size, length):
    batch_size, length = fitting_batch(size, batch_size, length)
    text = np.arange(100, 100 + size)
    stream = StreamBatches(text, batch_size, length)
    batches = list(stream.epoch(0))
    assert len(batches) == len(stream)
    pairs = [
        (int(batch.inputs[t, b]), int(batch.targets[t, b]))
        for batch in batches
        for t, b in batch.mask().nonzero().tolist()
    ]
    assert sorted(target for _, target in pairs) == text.tolist()
    starts = [target for before, target in pairs if before == EOS]
    assert len(starts) == batch_size
    assert all(target == before + 1 for before, target in pairs if before != EOS)
    assert sum(batch.symbols for batch in batches) == size


def test_all_windows_but_the_last_are_full():
    batches = list(StreamBatches(np.arange(1000), batch_size=8, sequence_length=16).epoch(3))
    assert [len(batch.targets) for batch in batches] == [16] * 7 + [13]


@pytest.mark.parametrize(
    ("symbols", "asked", "fitting"),
    [
        (10_000, (64, 128), (64, 128)),
        (900, (64, 128), (8, 128)),
        (100, (64, 128), (1, 100)),
        (2, (1, 1), (1, 1)),
    ],
)
def test_a_short_text_shrinks_the_batch_first_and_then_the_window(symbols, asked, fitting):
    assert fitting_batch(symbols, *asked) == fitting


def equal(one, other):
    same = torch.equal(one.inputs, other.inputs) and torch.equal(one.targets, other.targets)
    return same and torch.equal(one.mask(), other.mask()) and one.continues == other.continues


@settings(deadline=None)
@given(st.integers(1, 200), st.integers(1, 12), st.integers(1, 17), st.integers(0, 250))
def test_an_epoch_from_a_window_on_is_the_rest_of_the_epoch(size, batch_size, length, start):
    stream = StreamBatches(np.arange(2, 2 + size), *fitting_batch(size, batch_size, length))
    rest, expected = list(stream.epoch(1, start)), list(stream.epoch(1))[start:]
    assert len(rest) == len(expected)
    assert all(map(equal, rest, expected))


@settings(deadline=None)
@given(st.integers(1, 200), st.integers(1, 12), st.integers(1, 17), st.integers(1, 5))
def test_processes_together_read_what_one_reads(size, batch_size, length, world):
    text = np.arange(100, 100 + size)
    stream = StreamBatches(text, *fitting_batch(size, batch_size, length))
    shards = [list(stream.shard(rank, world).epoch(0)) for rank in range(world)]
    assert {len(shard) for shard in shards} == {len(stream)}
    for whole, *parts in zip(stream.epoch(0), *shards, strict=True):
        counted = [batch.targets[batch.mask()].tolist() for batch in (whole, *parts)]
        assert sorted(counted[0]) == sorted(symbol for part in counted[1:] for symbol in part)
        assert sum(part.symbols for part in parts) == whole.symbols
        for rank, part in enumerate(parts):
            if rank < whole.targets.shape[1]:
                assert torch.equal(part.targets, whole.targets[:, rank::world])
                assert torch.equal(part.inputs, whole.inputs[:, rank::world])
            else:
                assert part.symbols == 0


class Counted:
    """An array that counts what is read of it."""

    def __init__(self, symbols):
        self.symbols, self.read = symbols, 0

    def __len__(self):
        return len(self.symbols)

    def __getitem__(self, index):
        found = self.symbols[index]
        self.read += found.size
        return found


def test_only_the_windows_that_are_asked_for_are_read():
    text = Counted(np.arange(100_000))
    epoch = StreamBatches(text, batch_size=10, sequence_length=50).epoch(0, start=150)
    assert text.read == 0
    assert int(next(epoch).targets[0, 0]) == 150 * 50
    assert text.read == 10 * 51


@pytest.mark.parametrize(
    ("symbols", "lines", "length"),
    [
        (2_088_628, 36_718, 64),
        (1000, 100, 32),
        (1000, 25, 40),
        (1001, 25, 48),
        (9000, 10, 128),
        (500, 0, 128),
    ],
)
def test_a_window_is_a_line_of_mean_length(symbols, lines, length):
    assert line_length(symbols, lines) == length
