"""Texts side by side, and the likeliest of all texts, held to an enumeration."""

from itertools import product

import numpy as np
import pytest

from elman.core.errors import InputError
from elman.data.vocabulary import EOS
from elman.tasks.language import predict

TEXTS = ["bad", "a", "face a bad cab\n" * 9, "cab", "dad fed a cab", "hhh", "face"]


@pytest.mark.parametrize("kind", ["language_model", "names_model"])
def test_texts_read_side_by_side_have_the_scores_that_they_have_alone(kind, request, monkeypatch):
    model = request.getfixturevalue(kind)
    texts = [text if kind == "language_model" else text.split()[0] for text in TEXTS]
    alone = [model.score(text).log_prob for text in texts]
    assert model.log_probs(texts) == pytest.approx(alone, rel=1e-5)
    monkeypatch.setattr(predict, "_WINDOW", 2)
    monkeypatch.setattr(predict, "_SIDE_BY_SIDE", 3)
    assert model.log_probs(texts) == pytest.approx(alone, rel=1e-5)


def test_an_empty_text_is_refused_where_nothing_ends_it(language_model, names_model):
    with pytest.raises(InputError, match="'' has no symbols"):
        language_model.log_probs(["a", ""])
    assert names_model.log_probs([""])[0] == pytest.approx(names_model.score("").log_prob, rel=1e-5)
    assert len(language_model.log_probs([])) == 0


@pytest.mark.parametrize("prompt", ["", "bad"])
def test_a_wide_beam_finds_the_likeliest_text_of_a_length(language_model, prompt):
    candidates = ["".join(letters) for letters in product("abcdefgh \n", repeat=3)]
    log_probs = language_model.log_probs([prompt + text for text in candidates])
    best = candidates[int(np.argmax(log_probs))]
    assert language_model.likeliest(prompt, length=3, beam=1000) == prompt + best


def test_a_wide_beam_finds_the_likeliest_name(names_model):
    names_model.projection.bias.data[EOS] = 1.0
    names = ["".join(letters) for n in (1, 2, 3) for letters in product("abcdefgh", repeat=n)]
    best = names[int(np.argmax(names_model.log_probs(names)))]
    assert names_model.likeliest(length=3, beam=600) == best


def test_a_beam_of_one_is_greedy(language_model):
    greedy = language_model.sample("face", length=12, temperature=0.0)
    assert language_model.likeliest("face", length=12, beam=1) == greedy


def test_no_symbols_in_a_row_are_written_twice(language_model):
    free = language_model.likeliest(length=30, beam=2)
    blocked = language_model.likeliest(length=30, beam=2, block_ngram=2)
    pairs = [blocked[i : i + 2] for i in range(len(blocked) - 1)]
    assert len(set(pairs)) == len(pairs) == 29
    assert free != blocked


@pytest.mark.parametrize("wrong", [{"length": 0}, {"beam": 0}, {"block_ngram": -1}])
def test_wrong_options_are_refused(language_model, wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        language_model.likeliest(**wrong)
