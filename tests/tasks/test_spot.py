"""Spotting phrases: what is planted, where flags have to be, and what a trained model raises them for."""

import json
import re
from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import elman
from elman.cli.main import main
from elman.core.errors import InputError
from elman.data.vocabulary import UNKNOWN
from elman.tasks.spot import predict
from elman.tasks.spot.config import PredictOptions, SpotConfig
from elman.tasks.spot.data import SpotBatch, SpotData
from elman.tasks.spot.model import SpotModel
from elman.tasks.spot.planting import Planted, phrase_ends
from elman.tasks.spot.vocabulary import FoldedVocabulary, folded

PHRASE = "我爱中国"
SYLLABLES = "天地人你我他中国爱好山水日月、。"
SMALL = {"hidden_size": 12, "embedding_size": 6, "min_count": 1}


def chinese(length, seed=0):
    """Characters at random, of which those of the phrase are some, the phrase itself as good as never."""
    return "".join(np.random.default_rng(seed).choice(list(SYLLABLES), length))


def written(folder, text, name="text.txt"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def ends_in(text, phrases):
    """By search in the text: the places and phrases that end there."""
    return {
        (match.start() + len(phrase) - 1, k)
        for k, phrase in enumerate(phrases)
        for match in re.finditer(f"(?={re.escape(phrase)})", text)
    }


def places_of(ends):
    return set(map(tuple, np.argwhere(ends).tolist()))


def planted_text(phrases, length=6000, spacing=50, seed=(1, 0)):
    vocabulary = FoldedVocabulary(SYLLABLES)
    numbers = tuple(map(vocabulary.encode, phrases))
    return vocabulary, numbers, Planted(vocabulary.encode(chinese(length)), numbers, spacing, seed)


@pytest.mark.parametrize("phrases", [[PHRASE], [PHRASE, "中国", "国"], ["天天天"], ["你好中国", "山水"]])
def test_flags_stand_where_a_search_finds_the_phrases(phrases):
    vocabulary, numbers, planted = planted_text(phrases)
    places = np.arange(len(planted))
    text = vocabulary.decode(planted[places])
    assert len(text) == 6000
    expected = ends_in(text, phrases)
    assert {k for _, k in expected} == set(range(len(phrases)))
    assert places_of(phrase_ends(planted, numbers, places)) == expected
    # read in another order and shape, it is the same text
    some = np.random.default_rng(1).permutation(6000)[:5000].reshape(50, 100)
    assert (phrase_ends(planted, numbers, some) == phrase_ends(planted, numbers, places)[some]).all()


def test_two_cells_in_five_hold_the_phrase_and_the_rest_of_the_text_stays():
    vocabulary, _, planted = planted_text([PHRASE], length=200_000)
    text, before = vocabulary.decode(planted[np.arange(200_000)]), chinese(200_000)
    # some of the variations end with the phrase, or hold it, such as 我我爱中国
    assert 0.4 < len(ends_in(text, [PHRASE])) / 4000 < 0.5
    assert np.mean([a == b for a, b in zip(text, before, strict=True)]) > 1 - 2 * len(PHRASE) / 50
    varied = {text[i : i + n] for i in range(len(text)) for n in (3, 4, 5, 6)}
    assert {"爱我中国", "我爱国中", "我爱爱中国", "我爱我爱中国", "天爱中国", "我爱中\ufffd"} <= varied


def test_every_epoch_is_planted_anew_and_the_same_again(tmp_path):
    path = written(tmp_path, chinese(5000))
    data = SpotData.read(path, SpotConfig(batch_size=4, min_count=1), seed=3)
    first, again, second = (list(data.train.epoch(number)) for number in (0, 0, 1))
    assert all(torch.equal(a.inputs, b.inputs) for a, b in zip(first, again, strict=True))
    assert not all(torch.equal(a.inputs, b.inputs) for a, b in zip(first, second, strict=True))
    other = SpotData.read(path, SpotConfig(batch_size=4, min_count=1), seed=4)
    assert not torch.equal(next(other.train.epoch(0)).inputs, first[0].inputs)
    held_out = zip(data.validation.epoch(0), other.validation.epoch(7), strict=True)
    assert all(torch.equal(a.inputs, b.inputs) for a, b in held_out)
    assert all(
        torch.equal(a.inputs, b.inputs) for a, b in zip(data.train.epoch(0, 5), first[5:], strict=True)
    )


@pytest.mark.parametrize("length", [5000, 5003])
def test_batches_are_streams_of_the_planted_text_with_its_flags(tmp_path, length):
    config = SpotConfig(batch_size=3, sequence_length=16, min_count=1, phrases="我爱中国|山水")
    data = SpotData.read(written(tmp_path, chinese(length)), config, seed=1)
    text = data.vocabulary.decode(data.train.planted(2)[np.arange(int(0.9 * length))])
    batches = list(data.train.epoch(2))
    assert [batch.continues for batch in batches] == [False] + [True] * (len(batches) - 1)
    assert sum(batch.symbols for batch in batches) == len(text)
    streams, flags = ["", "", ""], []
    for batch in batches:
        lengths = [len(batch.inputs)] * 3 if batch.lengths is None else batch.lengths.tolist()
        for b, count in enumerate(lengths):
            ends = batch.ends[:count, b].nonzero().tolist()
            flags += [(b, len(streams[b]) + t, k) for t, k in ends]
            streams[b] += data.vocabulary.decode(batch.inputs[:count, b].tolist())
    assert "".join(streams) == text
    starts = np.cumsum([0, *map(len, streams)])
    assert {(int(starts[b]) + t, k) for b, t, k in flags} == ends_in(text, config.each_phrase)


def test_processes_share_the_streams(tmp_path):
    data = SpotData.read(written(tmp_path, chinese(3000)), SpotConfig(batch_size=4, min_count=1), seed=1)
    parts = [data.train.shard(rank, 2) for rank in range(2)]
    for whole, *shares in zip(data.train.epoch(1), *(part.epoch(1) for part in parts), strict=True):
        for rank, share in enumerate(shares):
            assert torch.equal(whole.inputs[:, rank::2], share.inputs)
            assert torch.equal(whole.ends[:, rank::2], share.ends)


def test_full_width_forms_are_those_of_ascii_and_no_place_moves():
    vocabulary = FoldedVocabulary("AB!我")
    assert vocabulary.encode("ＡＢ！我Ａ").tolist() == vocabulary.encode("AB!我A").tolist()
    assert UNKNOWN not in vocabulary.encode("ＡＢ！")
    assert len(folded("㍿ﬁＡ")) == 3
    loaded = FoldedVocabulary.from_dict(json.loads(json.dumps(vocabulary.to_dict())))
    assert isinstance(loaded, FoldedVocabulary)
    assert loaded == vocabulary


def test_the_vocabulary_holds_the_phrases_and_what_occurs_often_enough(tmp_path):
    path = written(tmp_path, chinese(1000) + "鷹\n" + "ＺＺ" * 400)
    data = SpotData.read(path, SpotConfig(phrases="我爱猫", min_count=2), seed=1)
    assert set("我爱猫Z") <= set(data.vocabulary.characters)
    assert not set("鷹Ｚ") & set(data.vocabulary.characters)


@pytest.mark.parametrize("cell", ["lstm", "gru", "slstm"])
def test_the_loss_is_the_cross_entropy_of_the_flags_that_count(cell):
    config = SpotConfig(cell=cell, phrases="我爱|山水", **SMALL)
    model = SpotModel(config, FoldedVocabulary(SYLLABLES)).eval()
    inputs, ends = torch.randint(2, 15, (6, 3)), torch.rand(6, 3, 2) < 0.3
    lengths = torch.tensor([6, 2, 0])
    odds = model(inputs)[0].detach()
    expected = 0.0
    for t, b, k in np.ndindex(6, 3, 2):
        if t < lengths[b]:
            p = 1 / (1 + np.exp(-float(odds[t, b, k])))
            expected -= np.log(p if ends[t, b, k] else 1 - p)
    batch = SpotBatch(inputs, ends, lengths)
    assert batch.symbols == 8
    assert float(model.loss(batch)[0].detach()) == pytest.approx(expected, rel=1e-5)
    found = model.objective(batch)
    assert float(found.loss) == pytest.approx(expected / 8, rel=1e-5)
    whole = SpotBatch(inputs, ends)
    first, state = model.loss(SpotBatch(inputs[:2], ends[:2]))
    second, _ = model.loss(SpotBatch(inputs[2:], ends[2:], continues=True), state)
    assert float(first + second) == pytest.approx(float(model.loss(whole)[0]), rel=1e-5)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run that has learned the phrase."""
    folder = tmp_path_factory.mktemp("spot")
    path = written(folder, "\n".join(chinese(40, seed) for seed in range(1000)))
    options = {"hidden_size": 24, "embedding_size": 8, "epochs": 10, "learning_rate": 0.015}
    elman.train("spot", path, out=folder / "run", batch_size=16, sequence_length=32, **options)
    return folder / "run"


@pytest.fixture(scope="module")
def model(run):
    return elman.load(run)


PLANTED = "\n".join(
    chinese(23, seed) + PHRASE * (seed % 3 == 0) + chinese(9, seed) for seed in range(3000, 3300)
)


def test_a_trained_model_spots_the_phrase_and_not_what_is_like_it(model):
    found = model.stream().feed(f"他说{PHRASE}，不说我爱中山，不说爱我中国。我爱{PHRASE}，我爱国中。")
    assert [(s.offset, s.phrase) for s in found] == [(5, PHRASE), (26, PHRASE)]
    assert all(0.9 <= s.probability <= 1.0 for s in found)


def test_the_score_counts_as_a_search_in_the_text_does(model, tmp_path):
    path = written(tmp_path, PLANTED)
    score = predict.evaluate_file(model, path)
    flags = {(s.offset, 0) for s in model.stream().feed(PLANTED)}
    truth = ends_in(PLANTED, [PHRASE])
    assert score.characters == len(PLANTED)
    assert score.phrases == len(truth) >= 100
    assert score.misses == len(truth - flags) <= 2
    assert score.false_alarms == len(flags - truth) <= 2
    figures = score.to_dict()
    # a model file holds both, and the command info shows both
    assert not set(figures) & {field.name for field in fields(SpotConfig)}
    assert figures["false_alarms_per_million"] == pytest.approx(1e6 * score.false_alarms / len(PLANTED))
    assert f"{score.misses} of {score.phrases} phrases missed" in score.describe()


@given(cuts=st.lists(st.integers(0, 300), max_size=20))
@settings(max_examples=20, deadline=None)
def test_pieces_of_any_size_give_what_the_whole_gives(model, cuts):
    text = PLANTED[:300]
    whole, stream = model.stream().feed(text), model.stream()
    places = [0, *sorted(cuts), len(text)]
    found = [s for a, b in pairwise(places) for s in stream.feed(text[a:b])]
    assert [(s.offset, s.phrase) for s in found] == [(s.offset, s.phrase) for s in whole]
    assert [s.probability for s in found] == pytest.approx([s.probability for s in whole], abs=1e-6)
    assert stream.offset == 300


def test_a_stream_carries_its_state_from_one_character_to_the_next(model):
    stream = model.stream()
    flags = [stream.feed(character) for character in f"天{PHRASE}天"]
    assert [bool(flag) for flag in flags] == [False, False, False, False, True, False]
    assert model.stream().feed("国") == []


def test_the_threshold_decides(model):
    assert len(model.stream(1e-7).feed(PLANTED[:500])) > len(model.stream().feed(PLANTED[:500]))
    (prediction,) = predict.predictions(model, [PHRASE], PredictOptions(threshold=0.999_999_9))
    assert prediction.text() == "nothing"
    with pytest.raises(InputError, match=r"threshold is 1\.5"):
        model.stream(1.5)


def test_a_long_line_is_read_in_windows(model):
    text = chinese(20_000) + PHRASE + chinese(20_000)
    offsets = [s.offset for s in model.stream().feed(text)]
    assert 20_003 in offsets


def test_the_commands_predict_and_evaluate(run, tmp_path, capsys):
    assert main(["predict", str(run), f"他{PHRASE}", "天地", " "]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"我爱中国 at 4 \(0\.9\d\d\)", lines[0])
    assert lines[1:] == ["nothing", ""]
    assert main(["predict", str(run), PHRASE, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["prediction"]["found"]
    assert (found["offset"], found["phrase"]) == (3, PHRASE)
    assert main(["evaluate", str(run), str(written(tmp_path, PLANTED)), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["occurrences"] == len(ends_in(PLANTED, [PHRASE]))


def test_a_fresh_model_is_shown_off_on_the_validation_part(model, run):
    data = SpotData.read(run.parent / "text.txt", model.config, seed=1)
    said = predict.demonstrate(model, data, seed=1)
    assert f"{PHRASE}'" in said
    score = predict.evaluate(model, data)
    assert score.misses + score.false_alarms <= 0.1 * score.phrases


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"phrases": ""}, "none blank"),
        ({"phrases": "我爱| "}, "none blank"),
        ({"phrases": "我爱|我爱"}, "different phrases"),
        ({"phrases": "我爱中国", "spacing": 7}, "spacing is 7; give a whole number from 8"),
        ({"threshold": 1.0}, "threshold is 1.0"),
        ({"cell": "lsmt"}, "lstm"),
    ],
)
def test_options_that_cannot_work_are_named(options, message):
    with pytest.raises(InputError, match=re.escape(message)):
        SpotConfig(**options).validate()


def test_a_text_without_room_for_a_phrase_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"text\.txt: 10 characters .* every 50 of them"):
        SpotData.read(written(tmp_path, chinese(100)), SpotConfig(), seed=1)
    short = written(tmp_path, "天地人", "short.txt")
    with pytest.raises(InputError, match=r"short\.txt: 3 characters"):
        SpotData.read(written(tmp_path, chinese(500)), SpotConfig(validation_file=str(short)), seed=1)


def test_a_model_file_whose_vocabulary_lacks_a_phrase_is_refused():
    with pytest.raises(InputError, match="'我爱猫'"):
        SpotModel(SpotConfig(phrases="我爱猫"), FoldedVocabulary("我爱"))
    with pytest.raises(InputError, match="a vocabulary is a text"):
        FoldedVocabulary.from_dict({"words": ["我"]})
