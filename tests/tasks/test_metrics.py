"""Figures against those computed by hand."""

import math

import pytest
import torch

from elman.data.batch import SequenceBatch
from elman.tasks.language.metrics import Score, negative_log_likelihood


def test_a_coin_has_one_bit_a_symbol_and_perplexity_two():
    score = Score(log_prob=10 * math.log(0.5), symbols=10)
    assert score.nats_per_symbol == pytest.approx(math.log(2))
    assert score.bits_per_symbol == pytest.approx(1.0)
    assert score.perplexity == pytest.approx(2.0)


def test_a_hopeless_model_has_infinite_perplexity():
    assert Score(log_prob=-1e6, symbols=1).perplexity == math.inf


def test_only_targets_before_the_ends_count():
    scores = torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]]).log()[:, None].expand(2, 2, 3)
    targets = torch.tensor([[0, 1], [2, 0]])
    whole = negative_log_likelihood(scores, SequenceBatch(targets, targets))
    assert float(whole) == pytest.approx(-math.log(0.5 * 0.25 * 0.7 * 0.1))
    ended = negative_log_likelihood(scores, SequenceBatch(targets, targets, torch.tensor([2, 1])))
    assert float(ended) == pytest.approx(-math.log(0.5 * 0.25 * 0.7))
