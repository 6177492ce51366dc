"""Batches of lines: framed, padded, shuffled from a seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.lines import LineBatches, Lines
from elman.data.vocabulary import EOS, Vocabulary

LINES = [np.arange(10 * n, 10 * n + 1 + n % 7) for n in range(1, 24)]


def lines_of(batches):
    return [
        batch.targets[: length - 1, b].tolist()
        for batch in batches
        for b, length in enumerate(batch.lengths.tolist())
    ]


def test_a_batch_by_hand():
    (batch,) = LineBatches([np.array([5, 6, 7]), np.array([8])], batch_size=4).epoch(0)
    assert batch.inputs.T.tolist() == [[EOS, 8, EOS, EOS], [EOS, 5, 6, 7]]
    assert batch.targets.T.tolist() == [[8, EOS, EOS, EOS], [5, 6, 7, EOS]]
    assert batch.lengths is not None
    assert batch.lengths.tolist() == [2, 4]
    assert batch.mask().T.tolist() == [[True, True, False, False], [True] * 4]
    assert batch.symbols == 6
    assert not batch.continues


def test_every_line_is_there_once_in_every_epoch():
    batches = LineBatches(LINES, batch_size=5, seed=1)
    assert len(batches) == 5
    for number in range(3):
        epoch = list(batches.epoch(number))
        assert len(epoch) == 5
        assert sorted(lines_of(epoch)) == sorted(line.tolist() for line in LINES)


def test_little_is_padding():
    for batch in LineBatches(LINES, batch_size=5, seed=1).epoch(0):
        assert batch.lengths is not None
        assert batch.lengths.max() - batch.lengths.min() <= 2


def test_the_order_depends_on_the_seed_and_the_number_of_the_epoch_alone():
    def order(seed, number):
        return lines_of(LineBatches(LINES, 5, seed).epoch(number))

    assert order(1, 4) == order(1, 4)
    assert order(1, 4) != order(1, 5)
    assert order(1, 4) != order(2, 4)
    assert order(None, 4) == order(None, 5)


def test_an_epoch_from_a_batch_on_is_the_rest_of_the_epoch():
    batches = LineBatches(LINES, batch_size=5, seed=1)
    for start in range(7):
        rest = [batch.targets.tolist() for batch in batches.epoch(2, start)]
        assert rest == [batch.targets.tolist() for batch in batches.epoch(2)][start:]


@pytest.mark.parametrize("world", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("batch_size", [1, 5, 22])
def test_processes_together_read_what_one_reads(batch_size, world):
    batches = LineBatches(LINES, batch_size, seed=1)
    shards = [list(batches.shard(rank, world).epoch(3)) for rank in range(world)]
    for whole, *parts in zip(batches.epoch(3), *shards, strict=True):
        assert sum(part.symbols for part in parts) == whole.symbols
        parts = [part for part in parts if part.symbols]
        assert sorted(lines_of(parts)) == sorted(lines_of([whole]))


@settings(deadline=None)
@given(st.text("ab\n", max_size=60), st.integers(1, 9))
def test_the_lines_of_a_text_are_those_of_a_loop(text, longest):
    vocabulary = Vocabulary.of("ab\n")
    expected = [
        line[start : start + longest] for line in text.split("\n") for start in range(0, len(line), longest)
    ]
    lines = Lines(vocabulary.encode(text), vocabulary, longest)
    assert [vocabulary.decode(line.tolist()) for line in lines] == expected
    assert lines.sizes.tolist() == [len(line) for line in expected]


@pytest.mark.parametrize("level", ["word", "subword"])
def test_lines_of_words_and_subwords_end_where_those_of_the_text_do(level):
    text = "the cat\n\nsat on\nthe mat"
    vocabulary = Vocabulary.of(text, level)
    lines = Lines(vocabulary.encode(text), vocabulary, 100)
    assert [vocabulary.decode(line.tolist()) for line in lines] == ["the cat", "sat on", "the mat"]


def test_a_vocabulary_without_line_ends_has_one_line():
    vocabulary = Vocabulary.of("ab")
    assert Lines(vocabulary.encode("a\nb"), vocabulary, 9).sizes.tolist() == [3]
