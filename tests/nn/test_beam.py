"""Beam search against all sequences enumerated, and against a search with lists alone."""

import itertools
import math

import pytest
import torch

from elman.core.errors import InputError
from elman.nn.beam import Beam
from tests.nn.writer import END, SYMBOLS, Writer

LIMITS = [4, 2, 3]


@pytest.mark.parametrize("alpha", [0.0, 0.6, 2.0])
def test_a_beam_that_holds_everything_finds_the_best_of_all_sequences(alpha):
    writer = Writer(len(LIMITS))
    beam = Beam(size=400, n_best=7, length_penalty=alpha)
    found = beam.search(writer.step, writer.state(), END, END, LIMITS, forbidden=[0])
    for source, (limit, best) in enumerate(zip(LIMITS, found, strict=True)):
        expected = writer.all_sequences(source, limit, alpha, (2, 3, 4))[:7]
        assert [one.symbols for one in best] == [symbols for _, symbols in expected]
        assert [one.score for one in best] == pytest.approx([score for score, _ in expected])
        assert [one.log_prob for one in best] == pytest.approx(
            [writer.log_prob(source, one.symbols) for one in best]
        )


def by_lists(writer, source, beam, limit):
    """The same search, a source at a time, with lists."""
    log_p = writer.scores[source].log_softmax(-1)
    going, ended = [(0.0, ())], []
    for length in range(limit + 1):
        longer = []
        for total, symbols in going:
            before = (END, END, *symbols)[-2:]
            for symbol in range(SYMBOLS):
                if (symbol == END and length == 0) or (symbol != END and length == limit):
                    continue
                longer.append((total + float(log_p[before[0], before[1], symbol]), symbols, symbol))
        longer.sort(key=lambda one: -one[0])
        for total, symbols, symbol in longer[: beam.size]:
            if symbol == END:
                ended.append((total / ((5 + length + 1) / 6) ** beam.length_penalty, symbols))
        going = [(total, (*symbols, symbol)) for total, symbols, symbol in longer if symbol != END]
        going = going[: beam.size]
        if len(ended) >= beam.size or not going:
            break
    return sorted(ended, reverse=True)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_narrow_beam_is_that_of_a_search_with_lists(size):
    for seed in range(20):
        torch.manual_seed(seed)
        writer, beam = Writer(3), Beam(size, n_best=1, length_penalty=0.0)
        found = beam.search(writer.step, writer.state(), END, END, [6, 6, 6])
        for source, best in enumerate(found):
            expected = by_lists(writer, source, beam, 6)[0]
            assert best[0].symbols == expected[1]
            assert best[0].score == pytest.approx(expected[0])


def test_sources_are_found_together_as_they_are_alone():
    writer = Writer(3)
    together = Beam(3, 2).search(writer.step, writer.state(), END, END, LIMITS)
    for source, expected in enumerate(together):
        alone = Writer(1)
        alone.scores = writer.scores[source : source + 1]
        found = Beam(3, 2).search(alone.step, alone.state(), END, END, [LIMITS[source]])
        assert [one.symbols for one in found[0]] == [one.symbols for one in expected]


def test_nothing_is_written_twice_where_n_symbols_in_a_row_are_unique():
    for n in (1, 2, 3):
        writer = Writer(2, sharpness=8.0)
        writer.scores[..., END] -= 30.0
        free, blocked = (
            Beam(4, 4, block_ngram=block).search(writer.step, writer.state(), END, END, [12, 12])
            for block in (0, n)
        )

        def repeats(found, n=n):
            for one in itertools.chain(*found):
                grams = [one.symbols[i : i + n] for i in range(len(one.symbols) - n + 1)]
                yield len(grams) - len(set(grams))

        assert max(repeats(free)) > 0
        assert max(repeats(blocked)) == 0


def test_what_is_found_is_never_empty_and_always_ends():
    for preference in (-1e3, 1e3):
        writer = Writer(2, dtype=torch.float32)
        writer.scores[..., END] += preference
        for best in Beam(2, 2).search(writer.step, writer.state(), END, END, [5, 1]):
            assert all(1 <= len(one.symbols) <= 5 for one in best)


def test_scores_that_are_no_numbers_are_refused():
    writer = Writer(2)
    writer.scores[1, 2:] = math.nan
    with pytest.raises(InputError, match="NaN or infinity in the weights"):
        Beam(2).search(writer.step, writer.state(), END, END, [5, 5])


def test_a_beam_out_of_range_is_refused():
    for given, said in (
        ({"size": 0}, "beam is 0"),
        ({"size": 2, "n_best": 3}, "n_best is 3; a beam of 2 finds 1 to 2"),
        ({"length_penalty": -1.0}, "length_penalty is -1"),
        ({"block_ngram": -1}, "block_ngram is -1"),
    ):
        with pytest.raises(InputError, match=said):
            Beam(**given)
