"""The language model: its data, its probabilities, its samples."""

import warnings
from itertools import islice, product

import numpy as np
import pytest
import torch

import elman
from elman.core.errors import InputError
from elman.data import tokens
from elman.data.vocabulary import EOS, UNKNOWN, CharacterVocabulary, UnknownSymbolWarning, Vocabulary
from elman.run.cache import cache_folder
from elman.tasks.language import predict
from elman.tasks.language.config import LanguageConfig
from elman.tasks.language.data import LanguageData
from elman.tasks.language.model import LanguageModel


def written(folder, text):
    path = folder / "text.txt"
    path.write_text(text, encoding="utf-8")
    return path


def read(folder, text, **options):
    return LanguageData.read(written(folder, text), LanguageConfig(**options), seed=1)


def test_the_first_nine_tenths_train_and_the_rest_validates(tmp_path):
    text = "abcdefghij" * 100 + "\n"
    data = read(tmp_path, text, batch_size=3, sequence_length=10)
    assert sum(batch.symbols for batch in data.train.epoch(0)) == 900
    assert sum(batch.symbols for batch in data.validation.epoch(0)) == 101
    assert data.vocabulary.characters == "abcdefghij"
    assert data.held_out[:].tolist() == [*(list(range(2, 12)) * 10), UNKNOWN]
    assert data.notes == ()


def test_a_text_shorter_than_a_batch_shrinks_it_with_a_word_about_it(tmp_path):
    data = read(tmp_path, "ab" * 500, batch_size=64, sequence_length=128)
    (batch,) = data.train.epoch(0)
    assert batch.targets.shape == (113, 8)
    assert batch.symbols == 900
    (note,) = data.notes
    assert "8 streams (not 64), 128 characters at a time (not 128)" in note


def test_a_text_from_which_nothing_can_be_learned_is_refused(tmp_path):
    with pytest.raises(InputError, match="10 characters are too few"):
        read(tmp_path, "abcdefghij")
    assert len(read(tmp_path, "abcdefghijk").held_out) == 2


WIKI = " \n = Homarus = \n \n the <unk> lobster of the sea , the lobster \n"


def test_words_are_read_with_the_ends_of_their_lines(tmp_path):
    data = read(tmp_path, WIKI * 100, level="word", batch_size=3, sequence_length=10)
    assert len(data.vocabulary) == 9
    assert sum(batch.symbols for batch in data.train.epoch(0)) == int(0.9 * 1600)
    assert len(data.held_out) == 1600 - int(0.9 * 1600)
    first = next(data.train.epoch(0)).targets[:, 0]
    assert data.vocabulary.decode(first.tolist()) == "\n= Homarus =\n\nthe <unk> lobster of"


def test_rare_words_are_unknown(tmp_path):
    text = "whale\n" + WIKI * 10
    shares = {"level": "word", "validation_share": 0.01}
    assert "whale" in read(tmp_path, text, **shares).vocabulary.words
    assert "whale" not in read(tmp_path, text, min_count=2, **shares).vocabulary.words
    assert read(tmp_path, text, vocabulary_size=4, **shares).vocabulary.words[2:] == ("the", "=")


def test_a_file_of_its_own_validates(tmp_path):
    (tmp_path / "valid.txt").write_text("the whale\n")
    data = read(tmp_path, WIKI, level="word", validation_file=str(tmp_path / "valid.txt"))
    assert sum(batch.symbols for batch in data.train.epoch(0)) == 16
    assert data.vocabulary.decode(data.held_out[:]) == "the <unk>\n"
    (tmp_path / "valid.txt").write_text("a")
    with pytest.raises(InputError, match=r"valid\.txt: 1 characters are too few"):
        read(tmp_path, WIKI, validation_file=str(tmp_path / "valid.txt"))


def test_the_share_that_validates_can_be_chosen(tmp_path):
    assert len(read(tmp_path, "abcdefghij" * 10, validation_share=0.25).held_out) == 25


@pytest.mark.parametrize(("level", "window", "mean"), [("character", 80, "74.0"), ("word", 32, "16.0")])
def test_a_window_is_by_itself_as_long_as_a_line(tmp_path, level, window, mean):
    line = "and so we beat on , boats against the current , borne back ceaselessly to\n"
    data = read(tmp_path, line * 500, level=level)
    assert next(data.train.epoch(0)).targets.shape[0] == window
    assert f"reading {window} {level}s at a time: a line has {mean} on average" in data.notes[0]


def test_a_text_that_is_kept_on_disk_gives_the_same_batches(tmp_path, monkeypatch):
    text = "to be, or not to be: é水 that is\nthe question\n" * 300
    small = read(tmp_path, text)
    monkeypatch.setenv("ELMAN_CACHE", str(tmp_path / "cache"))
    cache_folder.cache_clear()
    monkeypatch.setattr(tokens, "_SMALL", 1)
    for _ in range(2):
        large = read(tmp_path, text)
        for ours, theirs in zip(large.train.epoch(0), small.train.epoch(0), strict=True):
            assert torch.equal(ours.inputs, theirs.inputs)
            assert torch.equal(ours.targets, theirs.targets)
        assert large.held_out[:].tolist() == small.held_out[:].tolist()
    assert len(list((tmp_path / "cache" / "tokens").iterdir())) == 1
    cache_folder.cache_clear()


def test_the_score_of_a_part_on_disk_is_that_of_its_text(language_model, tmp_path):
    data = read(tmp_path, "bad cab\nface " * 50)
    model = LanguageModel(LanguageConfig(hidden_size=12, layers=1, embedding_size=5), data.vocabulary).eval()
    score = predict.evaluate(model, data)
    assert score.symbols == len(data.held_out)
    expected = predict.score_symbols(model, data.held_out[:])
    assert score.log_prob == pytest.approx(expected.log_prob, rel=1e-12)


def test_words_are_sampled_with_blanks_and_lines_between_them():
    vocabulary = Vocabulary.of("the cat sat\n", "word")
    config = LanguageConfig(level="word", hidden_size=8, layers=1, embedding_size=8, dropout=0.0)
    model = LanguageModel(config, vocabulary).eval()
    text = model.sample("the cat", length=30, seed=1)
    assert text.startswith("the cat")
    assert "<unk>" not in text
    assert "\n" in text
    ids = vocabulary.encode(text)
    assert len(ids) == 32
    assert vocabulary.decode(ids) == text
    assert model.score(text).symbols == 32


def test_the_score_is_the_chain_rule_one_symbol_at_a_time(language_model):
    text = "bad cab\nface"
    ids = language_model.vocabulary.encode(text)
    log_prob = 0.0
    with torch.no_grad():
        for t, symbol in enumerate(ids):
            # The whole history anew for every symbol, with no state carried.
            scores, _ = language_model(torch.tensor([EOS, *ids[:t]])[:, None])
            log_prob += float(scores[-1, 0].double().log_softmax(-1)[symbol])
    score = language_model.score(text)
    assert score.symbols == len(text)
    assert score.log_prob == pytest.approx(log_prob, rel=1e-5)


def test_probabilities_of_all_texts_of_a_length_sum_to_one(language_model):
    symbols = range(len(language_model.vocabulary))
    total = sum(
        np.exp(predict.score_symbols(language_model, np.array(text)).log_prob)
        for text in product(symbols, repeat=2)
    )
    assert total == pytest.approx(1.0, abs=1e-4)


def test_a_long_text_is_read_in_windows_that_carry_the_state(language_model, monkeypatch):
    text = "fade a bad cab\n" * 20
    whole = language_model.score(text)
    monkeypatch.setattr(predict, "_WINDOW", 7)
    assert language_model.score(text).log_prob == pytest.approx(whole.log_prob, rel=1e-6)


def test_scoring_leaves_the_mode_of_the_model_and_uses_no_dropout(language_model):
    expected = language_model.score("abc").log_prob
    language_model.train()
    assert language_model.score("abc").log_prob == expected
    assert language_model.training


def test_an_empty_text_has_no_score(language_model):
    with pytest.raises(InputError, match="empty text"):
        language_model.score("")


def test_a_sample_has_its_length_and_neither_unknown_nor_end(language_model):
    with torch.no_grad():
        language_model.projection.bias[[UNKNOWN, EOS]] = 50.0
    text = language_model.sample(length=200, seed=1)
    assert len(text) == 200
    assert set(text) <= set("abcdefgh \n")


def test_the_same_seed_gives_the_same_sample(language_model):
    assert language_model.sample(length=50, seed=1) == language_model.sample(length=50, seed=1)
    assert language_model.sample(length=50, seed=1) != language_model.sample(length=50, seed=2)
    assert language_model.sample(length=50) != language_model.sample(length=50)


@pytest.mark.parametrize("options", [{}, {"temperature": 0.5, "top_k": 6}, {"top_p": 0.7}, {"prompt": "bad"}])
def test_the_same_seed_gives_the_same_sample_by_kernels_and_by_torch(language_model, options):
    text = language_model.sample(length=80, seed=3, **options)
    with elman.kernels("eager"):
        assert language_model.sample(length=80, seed=3, **options) == text


def test_a_vocabulary_of_thousands_is_sampled_by_kernels_and_by_torch():
    characters = "".join(chr(0x4E00 + i) for i in range(3000))
    model = LanguageModel(
        LanguageConfig(hidden_size=16, layers=1, embedding_size=9), CharacterVocabulary(characters)
    )
    text = model.sample(length=30, seed=1, top_k=500)
    with elman.kernels("eager"):
        assert model.sample(length=30, seed=1, top_k=500) == text


def test_the_global_random_numbers_are_left_alone(language_model):
    before = torch.get_rng_state()
    language_model.sample(length=5)
    assert torch.equal(torch.get_rng_state(), before)


def test_greedy_takes_the_likeliest_symbol_after_the_whole_history(language_model):
    text = language_model.sample("face", length=6, temperature=0.0)
    assert text.startswith("face")
    ids = language_model.vocabulary.encode(text)
    with torch.no_grad():
        for t in range(4, 10):
            scores, _ = language_model(torch.tensor([EOS, *ids[:t]])[:, None])
            scores[:, :, [UNKNOWN, EOS]] = -torch.inf
            assert int(scores[-1, 0].argmax()) == ids[t]


def test_a_prompt_longer_than_a_window_is_read_whole(language_model, monkeypatch):
    prompt = "a bad face\n" * 10
    expected = language_model.sample(prompt, length=20, temperature=0.0)
    monkeypatch.setattr(predict, "_WINDOW", 16)
    assert language_model.sample(prompt, length=20, temperature=0.0) == expected


def test_unknown_characters_in_a_prompt_are_a_warning(language_model):
    with pytest.warns(UnknownSymbolWarning, match="'水'"):
        text = language_model.sample("a水b", length=10)
    assert text.startswith("a水b")
    assert len(text) == 13


def test_a_stream_is_lazy_and_leaves_no_mode_behind(language_model):
    stream = language_model.stream(length=10**9, seed=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first = "".join(islice(stream, 5))
    assert not torch.is_inference_mode_enabled()
    assert language_model.sample(length=5, seed=1) == first


@pytest.mark.parametrize("wrong", [{"length": -1}, {"seed": -1}, {"temperature": -1.0}, {"top_p": 2.0}])
def test_wrong_options_are_refused_before_the_first_character(language_model, wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        language_model.stream(**wrong)


def test_nothing_is_a_sample_too(language_model):
    assert language_model.sample("ab", length=0) == "ab"
