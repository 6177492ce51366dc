"""The language model at the level of subwords: read, trained, scored, sampled; levels compared."""

import math

import pytest
import torch

import elman
from elman.core.errors import InputError
from elman.data.vocabulary import SubwordVocabulary, Vocabulary
from elman.tasks.language import predict
from elman.tasks.language.config import LanguageConfig
from elman.tasks.language.data import LanguageData
from elman.tasks.language.model import LanguageModel

TEXT = "the lower slower mower,\nthe newer fewer hewer 我爱中国\n" * 40
TINY = {"hidden_size": 16, "layers": 1, "embedding_size": 16, "level": "subword", "vocabulary_size": 280}


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def model():
    torch.manual_seed(0)
    return LanguageModel(LanguageConfig(**TINY), Vocabulary.of(TEXT, "subword", 280)).eval()


def test_the_parts_are_the_text_and_merges_are_of_the_first(text):
    data = LanguageData.read(text, LanguageConfig(batch_size=1, **TINY), seed=1)
    assert isinstance(data.vocabulary, SubwordVocabulary)
    read = torch.cat([batch.targets[:, 0] for batch in data.train.epoch(0)]).tolist()
    first, rest = data.vocabulary.decode(read), data.vocabulary.decode(data.held_out[:].tolist())
    assert first + rest == TEXT
    assert data.vocabulary == Vocabulary.of(first, "subword", 280)
    assert data.held_out.characters == len(rest)
    assert "subwords at a time: a line has" in data.notes[0]


def test_a_run_is_trained_saved_scored_and_sampled(text, tmp_path):
    run = tmp_path / "run"
    elman.train("language", text, out=run, epochs=3, batch_size=4, sequence_length=20, **TINY)
    model = elman.load(run)
    score = predict.evaluate_file(model, text)
    assert score.characters == len(TEXT)
    assert score.symbols == len(model.vocabulary.encode(TEXT))
    assert score.bits_per_character == pytest.approx(-score.log_prob / len(TEXT) / math.log(2))
    assert f"{score.bits_per_character:.4f} bits per character" in score.describe()
    assert model.sample("the 我", length=20, seed=1) == model.sample("the 我", length=20, seed=1)


def test_what_is_sampled_is_what_its_symbols_spell(model):
    text = model.sample(length=100, seed=2)
    assert model.sample(length=100, seed=2) == text
    assert list(model.stream(length=100, seed=2)) != list(text)
    assert "".join(model.stream(length=100, seed=2)) == text


def test_a_subword_over_several_calls_of_the_stream_is_spelled_whole(model, monkeypatch):
    ids = model.vocabulary.encode("水水").tolist()
    one_by_one = [[i] for i in ids]
    monkeypatch.setattr("elman.nn.stream.Stream.generate", lambda *_: iter(one_by_one))
    assert "".join(model.stream()) == "水水"


@pytest.mark.parametrize(("level", "expected"), [("character", 7), ("word", 7), ("subword", 7)])
def test_every_level_knows_the_characters_of_a_text(level, expected):
    model = LanguageModel(LanguageConfig(level=level), Vocabulary.of("the cat the cat", level, 258)).eval()
    score = model.score("the cat")
    assert score.characters == expected
    assert score.bits_per_character == pytest.approx(-score.log_prob / 7 / math.log(2))


def test_too_small_a_vocabulary_is_refused():
    with pytest.raises(InputError, match="vocabulary_size is 257; give a whole number from 258"):
        LanguageConfig(level="subword", vocabulary_size=257).validate()
    LanguageConfig(level="subword", vocabulary_size=258).validate()
