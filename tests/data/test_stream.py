"""Streams for truncated backpropagation through time: nothing lost, everything in order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.data.stream import StreamBatches, fitting_batch
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
