"""Sequences drawn from a small model, against the probabilities of all that it can write."""

import itertools
import math
from collections import Counter

import pytest
import torch

from elman.nn.beam import Beam, rows
from elman.nn.decode import Decoding
from elman.nn.sampling import sample
from tests.nn.writer import END, Writer

DRAWS = 1500


def draw(writer, number, limit, decoding, seed=0):
    state = rows(writer.state(), torch.zeros(number, dtype=torch.long))
    generator = torch.Generator().manual_seed(seed)
    return sample(writer.step, state, END, END, [limit] * number, decoding, generator, forbidden=[0])


def test_sequences_come_as_often_as_they_are_probable():
    writer = Writer(1, sharpness=1.0)
    found = Counter(one.symbols for one in draw(writer, DRAWS, 2, Decoding()))
    log_p = writer.scores[0].log_softmax(-1)
    allowed = log_p.clone()
    allowed[..., 0] = -math.inf
    first = allowed[END, END].clone()
    first[END] = -math.inf
    total = 0.0
    for symbols in [(a,) for a in (2, 3, 4)] + list(itertools.product((2, 3, 4), repeat=2)):
        p = float(first.softmax(-1)[symbols[0]])
        after = allowed[END, symbols[0]].softmax(-1)
        p *= float(after[END] if len(symbols) == 1 else after[symbols[1]])
        total += p
        assert abs(found[symbols] - DRAWS * p) <= 5 * math.sqrt(DRAWS * p * (1 - p)) + 1
    assert total == pytest.approx(1.0)


def test_log_prob_is_that_of_the_model_whatever_the_decoding():
    writer = Writer(1)
    for one in draw(writer, 20, 4, Decoding(temperature=0.5, top_k=2)):
        assert one.log_prob == pytest.approx(writer.log_prob(0, one.symbols))


def test_temperature_zero_is_greedy_search():
    for seed in range(10):
        torch.manual_seed(seed)
        writer = Writer(1)
        greedy = Beam(1).search(writer.step, writer.state(), END, END, [5], forbidden=[0])
        assert draw(writer, 1, 5, Decoding(temperature=0.0))[0].symbols == greedy[0][0].symbols


def test_what_is_drawn_is_never_empty_always_ends_and_follows_from_the_seed():
    for preference in (-1e3, 1e3):
        writer = Writer(1)
        writer.scores[..., END] += preference
        assert all(1 <= len(one.symbols) <= 3 for one in draw(writer, 20, 3, Decoding()))
    writer = Writer(1)
    first, again, other = (draw(writer, 20, 6, Decoding(), seed) for seed in (1, 1, 2))
    assert first == again != other
