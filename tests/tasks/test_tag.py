"""Tagging: batches, what the network is held to, readings, and a walk from training to answers."""

import itertools
import json
import math
import zlib

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from seqeval import metrics as seqeval
from torch.nn import functional

import elman
from elman.cli.main import main
from elman.core.errors import InputError
from elman.data.conll import read_sentences
from elman.data.phrases import broken, phrases_of, tags_of
from elman.data.vocabulary import UNKNOWN
from elman.tasks.tag import predict
from elman.tasks.tag.config import PredictOptions, TagConfig
from elman.tasks.tag.data import TagBatch, TagData
from elman.tasks.tag.metrics import PhraseCounts, TagScore
from elman.tasks.tag.model import TagModel
from elman.tasks.tag.tokens import spelling, trigrams
from elman.tasks.tag.vocabulary import TagVocabulary

SMALL = {"hidden_size": 8, "embedding_size": 6, "character_size": 4, "trigram_size": 5, "trigram_buckets": 64}
CITIES = ["Rome", "Paris", "New York", "Los Angeles", "Bonn", "北 京"]
PLAIN = "the\tDET\nold\tADJ\ncat\tNOUN\n\nI\tPRON\nsleep\tVERB\n\nDogs\tNOUN\nbark\tVERB\n"


def flights():
    """Sentences of which the cities are phrases of one or two words, by where one flies from and to."""
    for start, end in itertools.permutations(CITIES, 2):
        for before, between in ((["fly", "from"], ["to"]), (["from"], ["on", "to"])):
            tokens, tags = list(before), ["O"] * len(before)
            for city, kind, then in ((start, "start", between), (end, "end", ["please"])):
                words = city.split()
                tokens += [*words, *then]
                tags += [f"B-{kind}", *[f"I-{kind}"] * (len(words) - 1), *["O"] * len(then)]
            yield tokens, tags, "short" if before == ["from"] else "long"


def columns(folder, sentences, name="flights.conll"):
    path = folder / name
    text = "\n".join("".join(f"{a}\t{b}\n" for a, b in zip(*s[:2], strict=True)) for s in sentences)
    path.write_text(text, encoding="utf-8")
    return path


def parallel(folder, sentences):
    folder.mkdir()
    for name, lines in (
        ("seq.in", [" ".join(s[0]) for s in sentences]),
        ("seq.out", [" ".join(s[1]) for s in sentences]),
        ("label", [s[2] for s in sentences]),
    ):
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def written(folder, text, name="data.conll"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def fresh(path, **options):
    config = TagConfig(**{**SMALL, **options})
    data = TagData.read(path, config, seed=1)
    torch.manual_seed(0)
    model = TagModel(config, data.vocabulary).eval()
    if isinstance(model.crf.transitions, torch.nn.Parameter):
        torch.nn.init.normal_(model.crf.transitions)
    return model, data


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a run on the flights, with intents."""
    folder = tmp_path_factory.mktemp("tag")
    data = parallel(folder / "flights", list(flights()))
    elman.train(
        "tag", data, out=folder / "run", **{**SMALL, "hidden_size": 16}, dropout=0.1, epochs=15,
        learning_rate=0.02, batch_size=8, device="cpu",
    )  # fmt: skip
    return folder


# Data


def test_sentences_validate_by_their_text_and_none_is_in_both_parts(tmp_path):
    sentences = list(flights())
    data = TagData.read(columns(tmp_path, [*sentences, *sentences]), TagConfig(**SMALL), seed=1)
    validation = {example.text for example in data.examples}
    train = {" ".join(tokens) for tokens, _, _ in sentences} - validation
    assert validation
    assert sum(batch.words.shape[1] for batch in data.train.epoch(0)) == 2 * len(train)
    assert data.notes == ("phrases marked by iob2: end, start",)


def test_a_batch_holds_the_sentences_letter_by_letter(tmp_path):
    config = TagConfig(**SMALL)
    data = TagData.read(columns(tmp_path, list(flights())), config, seed=1)
    vocabulary = data.vocabulary
    for batch in data.validation.epoch(0):
        for b, length in enumerate(batch.lengths.tolist()):
            forms = batch.forms[:length, b]
            letters = batch.spelled.characters.T[forms].tolist()
            lengths = batch.spelled.lengths[forms].tolist()
            tokens = [vocabulary.characters.decode(row[:n]) for row, n in zip(letters, lengths, strict=True)]
            tags = vocabulary.written([vocabulary.tags.names[k] for k in batch.tags[:length, b]])
            found = (" ".join(tokens), tuple(tags))
            assert found in {(example.text, example.tags) for example in data.examples}
            words = vocabulary.words.numbers([token.lower() for token in tokens])
            assert batch.words[:length, b].tolist() == words.tolist()
            ends = [*batch.spelled.starts.tolist(), len(batch.spelled.trigrams)]
            for token, form in zip(tokens, forms.tolist(), strict=True):
                own = batch.spelled.trigrams[ends[form] : ends[form + 1]].tolist()
                assert own == trigrams(token, config.trigram_buckets).tolist()


def test_trigrams_of_a_word_have_the_buckets_of_their_hashes():
    expected = [zlib.crc32(part) % 100 for part in (b"#ca", b"cat", b"at#")]
    assert trigrams("Cat", 100).tolist() == expected
    assert len(trigrams("我", 100)) == 1


def test_a_token_is_read_without_full_width_forms_and_only_at_its_ends_if_it_is_long():
    assert spelling("Ｃat") == "Cat"
    assert spelling("1 000") == "1_000"
    assert spelling("\u3000") == "_"
    assert spelling("a" * 500_000 + "b" * 500_000) == "a" * 16 + "b" * 16


def test_rare_words_are_read_as_unknown_in_training_by_how_rare_they_are(tmp_path):
    text = "".join(f"{word}\t{tag}\n\n" for word, tag in [("a", "X")] * 3 + [("b", "Y")] * 4)
    valid = written(tmp_path, "c\tX\n\na b\tY\n", "valid.conll")
    config = TagConfig(**SMALL, word_dropout=0.5, validation_file=str(valid))
    data = TagData.read(written(tmp_path, text), config, seed=1)
    found = {
        word: share
        for batch in data.train.epoch(0)
        for word, share in zip(batch.words[0].tolist(), batch.rarity[0].tolist(), strict=True)
    }
    a, b = data.vocabulary.words.numbers(["a", "b"]).tolist()
    assert found == pytest.approx({a: 0.5 / 3.5, b: 0.5 / 4.5})
    assert all(not batch.rarity.any() for batch in data.validation.epoch(0))


@pytest.mark.parametrize("bioes", [True, False])
@pytest.mark.parametrize("scheme", ["iob1", "iob2", "bioes"])
def test_tags_of_any_scheme_come_back_as_they_were(scheme, bioes, tmp_path):
    sentences = [(t, tags_of(phrases_of(tags), len(tags), scheme), i) for t, tags, i in flights()]
    vocabulary = TagData.read(
        columns(tmp_path, sentences), TagConfig(**SMALL, bioes=bioes), seed=1
    ).vocabulary
    assert vocabulary.scheme == scheme
    for _, tags, _ in sentences:
        inner = vocabulary.read(tags)
        assert set(inner) <= set(vocabulary.tags.names)
        assert broken(inner, "bioes" if bioes else "iob2") is None
        assert vocabulary.written(inner) == tags
    assert TagVocabulary.from_dict(json.loads(json.dumps(vocabulary.to_dict()))) == vocabulary


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (
            "a\tO\nb\tI-x\nc\tB-x\n\nd\tB-x\n",
            {},
            "line 2: the tag 'I-x' of 'b' breaks iob2: right would be 'B-x'",
        ),
        ("a\tO\nb\tB-x\n\nc\tI-x\n", {"scheme": "bioes"}, "line 2: .* breaks bioes: right would be 'S-x'"),
        ("a\tX\n\nb\tX\n", {}, "'X': there must be at least 2"),
        ("a\tX\n\na\tX\n", {}, "none is left to train on"),
        ("a\tX\n" * 5000, {}, "line 1: a sentence of 5,000 tokens, and the limit is 4,096; end sentences"),
    ],
)
def test_sentences_that_cannot_be_used_are_refused_with_the_line(tmp_path, text, options, message):
    with pytest.raises(InputError, match=message):
        TagData.read(written(tmp_path, text), TagConfig(**SMALL, **options), seed=1)


def test_broken_tags_are_repaired_where_asked_for(tmp_path):
    path = written(tmp_path, "a\tO\nb\tI-x\nc\tB-x\n\nd\tB-x\n")
    data = TagData.read(path, TagConfig(**SMALL, repair=True), seed=1)
    assert data.vocabulary.written(data.vocabulary.read(["O", "I-x"])) == ["O", "B-x"]


def test_labels_in_one_of_two_parts_are_refused(tmp_path):
    path = parallel(tmp_path / "flights", list(flights()))
    other = columns(tmp_path, list(flights())[:3])
    with pytest.raises(InputError, match="one has labels of sentences and the other has none"):
        TagData.read(path, TagConfig(**SMALL, validation_file=str(other)), seed=1)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("scheme", "bio", "scheme is 'bio'; .* It may be auto, plain, iob1, iob2, bioes"),
        ("decoder", "viterbi", "decoder is 'viterbi'"),
        ("token_column", 1.5, "token_column is 1.5"),
        ("trigram_buckets", 0, "trigram_buckets is 0"),
        ("vectors", 3, "vectors is 3; give the path of a file"),
        ("cell", "lstn", "lstm"),
    ],
)
def test_options_that_cannot_work_are_refused(option, value, message):
    with pytest.raises(InputError, match=message):
        TagConfig(**{option: value}).validate()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"words": {"kind": "character", "characters": "ab"}}, "has words and characters"),
        ({"kinds": "ab"}, "kinds of phrases are a list of texts"),
        ({"kinds": ["a", "a"]}, "each label is there once"),
        ({"scheme": "bio"}, "one of plain, iob1, iob2, bioes, not 'bio'"),
        ({"intents": {"labels": ["a"]}}, "at least 2"),
    ],
)
def test_a_record_that_is_none_of_a_vocabulary_is_refused(tmp_path, change, message):
    _, data = fresh(columns(tmp_path, list(flights())))
    with pytest.raises(InputError, match=message):
        TagVocabulary.from_dict({**data.vocabulary.to_dict(), **change})


# The model


@pytest.mark.parametrize("cell", ["lstm", "gru", "sru"])
def test_the_loss_of_a_batch_is_the_sum_of_those_of_its_sentences(cell, tmp_path):
    model, data = fresh(parallel(tmp_path / "flights", list(flights())), cell=cell, batch_size=8)
    config = TagConfig(**SMALL, cell=cell, batch_size=1)
    together = sum(model.loss(batch)[0].item() for batch in data.validation.epoch(0))
    alone = 0.0
    for batch in TagData.read(tmp_path / "flights", config, seed=1).validation.epoch(0):
        scores, intents = model(batch)
        alone += float(functional.cross_entropy(intents, batch.intents))
        alone += float(model.crf.negative_log_likelihood(scores, batch.tags, batch.lengths))
    assert together == pytest.approx(alone, rel=1e-4)


def test_without_a_crf_each_tag_costs_its_softmax(tmp_path):
    model, data = fresh(written(tmp_path, PLAIN * 3), decoder="softmax", validation_share=0.5)
    assert not [name for name in model.state_dict() if name.startswith("crf")]
    for batch in data.train.epoch(0):
        scores, _ = model(batch)
        inside = torch.arange(len(scores))[:, None] < batch.lengths
        expected = functional.cross_entropy(scores[inside], batch.tags[inside], reduction="sum")
        assert float(model.loss(batch)[0]) == pytest.approx(float(expected), rel=1e-5)


def test_a_part_of_a_batch_that_has_no_sentence_counts_nothing(tmp_path):
    model, data = fresh(parallel(tmp_path / "flights", list(flights())), batch_size=len(list(flights())))
    world = 1000
    (batch,) = data.train.shard(world - 1, world).epoch(0)
    assert batch.symbols == 0
    found = model.objective(batch)
    assert float(found.loss) == 0.0
    found.loss.backward()
    assert all(weight.grad is None or not weight.grad.any() for weight in model.parameters())


def test_words_begin_with_the_vectors_of_a_file(tmp_path):
    numbers = " ".join(["0.5"] * 6)
    vectors = written(tmp_path, f"rome {numbers}\nnobody {numbers}\n", "vectors.txt")
    path = columns(tmp_path, list(flights()))
    model, data = fresh(path, vectors=str(vectors))
    assert data.notes[-1] == "1 of 14 words begin with a vector of vectors.txt"
    rome = int(data.vocabulary.words.numbers(["rome"])[0])
    expected = torch.full((6,), 0.5 / math.sqrt(6 * 0.25))
    assert torch.allclose(model.words.weight[rome], expected)
    assert not torch.allclose(model.words.weight[UNKNOWN], expected)
    with pytest.raises(InputError, match="6 numbers and embedding_size is 7; give embedding_size 6"):
        fresh(path, vectors=str(vectors), embedding_size=7)


def test_letters_alone_and_words_alone_are_enough(tmp_path):
    path = columns(tmp_path, list(flights()))
    for left_out in ("character_size", "trigram_size"):
        model, data = fresh(path, **{left_out: 0})
        assert math.isfinite(sum(float(model.loss(batch)[0]) for batch in data.validation.epoch(0)))


# Readings


def test_the_readings_of_a_text_are_the_most_probable_and_follow_the_scheme(tmp_path):
    model, _ = fresh(columns(tmp_path, list(flights())))
    tokens = ["fly", "to", "Rome"]
    found = model.tag(tokens, n_best=1000).readings
    assert sum(reading.probability for reading in found) == pytest.approx(1.0, abs=1e-4)
    assert [r.probability for r in found] == sorted((r.probability for r in found), reverse=True)
    assert len({reading.tags for reading in found}) == len(found)
    assert all(broken(reading.tags, "iob2") is None for reading in found)
    assert model.tag("fly to Rome", n_best=3).readings == found[:3]


def test_a_long_text_is_read_in_pieces_whose_readings_are_put_together(tmp_path, monkeypatch):
    model, _ = fresh(columns(tmp_path, list(flights())))
    tokens = ["fly", "to", "Rome", "from", "Bonn"]
    monkeypatch.setattr(predict, "_PIECE", 3)
    found = model.tag(tokens, n_best=4).readings
    first, second = (model.tag(part, n_best=100).readings for part in (tokens[:3], tokens[3:]))
    expected = sorted((a.probability * b.probability for a in first for b in second), reverse=True)[:4]
    assert [reading.probability for reading in found] == pytest.approx(expected, rel=1e-4)
    assert found[0].tags == first[0].tags + second[0].tags


def test_a_token_of_a_megabyte_is_tagged(tmp_path):
    model, _ = fresh(columns(tmp_path, list(flights())))
    assert model.tag("x" * 1_000_000).places == ((0, 1_000_000),)


def test_an_empty_text_is_refused(tmp_path):
    model, _ = fresh(columns(tmp_path, list(flights())))
    for nothing in ("", " \n", []):
        with pytest.raises(InputError, match="an empty text has no tokens to tag"):
            model.tag(nothing)


# Scores

SEQUENCES = st.lists(
    st.lists(st.tuples(*[st.sampled_from(["O", "B-x", "I-x", "B-y", "I-y"])] * 2), min_size=1, max_size=6),
    min_size=1,
    max_size=4,
)


@given(SEQUENCES)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_precision_recall_and_f1_are_those_of_seqeval(sentences):
    own, found = ([[pair[side] for pair in s] for s in sentences] for side in (0, 1))
    score = TagScore(PhraseCounts(), has_intents=False)
    for tags, other in zip(own, found, strict=True):
        score.add(tags, other)
    figures = score.to_dict()
    options = {"zero_division": 0}
    assert figures["precision"] == pytest.approx(seqeval.precision_score(own, found, **options))
    assert figures["recall"] == pytest.approx(seqeval.recall_score(own, found, **options))
    assert figures["f1"] == pytest.approx(seqeval.f1_score(own, found, **options))
    assert figures["tag_accuracy"] == pytest.approx(seqeval.accuracy_score(own, found))
    report = seqeval.classification_report(own, found, output_dict=True, **options)
    for kind in score.phrases.there:
        _, _, f1 = score.phrases.precision_recall_f1([kind])
        assert f1 == pytest.approx(report[kind]["f1-score"])


# From a file to answers


def test_a_trained_model_finds_phrases_and_intents_that_it_was_not_shown(trained, capsys):
    assert main(["evaluate", str(trained / "run"), str(trained / "flights"), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["f1"] > 0.95
    assert figures["intent_accuracy"] > 0.95
    assert figures["tokens"] == sum(len(tokens) for tokens, _, _ in flights())
    assert main(["info", str(trained / "run")]) == 0
    assert "2 kinds of phrases (iob2): end, start, 2 intents" in " ".join(capsys.readouterr().out.split())


def test_evaluation_counts_as_seqeval_does(trained):
    model = elman.load(trained / "run")
    torch.nn.init.normal_(model.projection.weight)  # so that there is something wrong
    sentences = read_sentences(trained / "flights")
    found = [list(model.tag(sentence.tokens).tags) for sentence in sentences]
    own = [list(sentence.tags) for sentence in sentences]
    figures = predict.evaluate_file(model, trained / "flights").to_dict()
    assert 0.0 < figures["tag_accuracy"] < 1.0
    assert figures["f1"] == pytest.approx(seqeval.f1_score(own, found))
    assert figures["tag_accuracy"] == pytest.approx(seqeval.accuracy_score(own, found))


def test_raw_text_is_tagged_with_places(trained, capsys):
    text = "Fly from  Ｎew York to 北京 please"
    assert main(["predict", str(trained / "run"), text, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["prediction"]
    phrases = [(phrase["kind"], phrase["text"]) for phrase in found["phrases"]]
    assert phrases == [("start", "Ｎew York"), ("end", "北京")]
    assert all(text[phrase["start"] : phrase["stop"]] == phrase["text"] for phrase in found["phrases"])
    assert found["tokens"] == ["Fly", "from", "New", "York", "to", "北", "京", "please"]
    assert found["intent"] == "long"
    assert sum(found["intents"].values()) == pytest.approx(1.0)
    assert 0.0 < found["probability"] <= 1.0


def test_n_best_readings_are_lines_with_their_probability(trained, capsys):
    assert main(["predict", str(trained / "run"), "from Rome to Bonn", "--n-best", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "from [Rome: start] to [Bonn: end]" in lines[0]
    shares = [float(line.split()[0]) for line in lines]
    assert shares == sorted(shares, reverse=True)
    assert main(["predict", str(trained / "run"), "from Rome to Bonn", "--json", "--n-best", "3"]) == 0
    assert len(json.loads(capsys.readouterr().out)["prediction"]["readings"]) == 3


def test_columns_can_be_trained_on_again(trained, capsys, tmp_path):
    run = str(trained / "run")
    assert main(["predict", run, "from Rome to Bonn", "from Paris please", "--format", "columns"]) == 0
    found = read_sentences(written(tmp_path, capsys.readouterr().out))
    assert [sentence.tokens for sentence in found] == [
        ("from", "Rome", "to", "Bonn"),
        ("from", "Paris", "please"),
    ]
    assert found[0].tags == ("O", "B-start", "O", "B-end")


def test_html_marks_phrases_and_nothing_else(trained, capsys):
    text = 'from Rome to <script>"Bönn"&'
    assert main(["predict", str(trained / "run"), text, "--format", "html"]) == 0
    found = capsys.readouterr().out
    assert "Rome <small>start</small></mark>" in found
    assert "<script>" not in found
    assert found.isascii()
    for part in ("&lt;", "script", "&gt;", "&quot;", "B&#246;nn", "&amp;"):
        assert part in found


def test_a_model_of_parts_of_speech_says_a_tag_for_each_token(tmp_path, capsys):
    path = written(tmp_path, PLAIN * 2)
    elman.train("tag", path, out=tmp_path / "run", **SMALL, max_steps=2, validation_share=0.4)
    assert main(["predict", str(tmp_path / "run"), "the cat"]) == 0
    line = capsys.readouterr().out.strip().splitlines()[-1]
    assert [part.partition("/")[0] for part in line.split()] == ["the", "cat"]
    model = elman.load(tmp_path / "run")
    assert model.tag("the cat").to_dict()["phrases"] == []
    assert "f1" not in predict.evaluate_file(model, path).to_dict()


def test_what_training_did_not_see_is_refused_with_the_line(trained, tmp_path):
    model = elman.load(trained / "run")
    with pytest.raises(InputError, match=r"line 2: the tag 'S-hotel' is of none trained on: end, start"):
        predict.evaluate_file(
            model, parallel(tmp_path / "a", [(["a"], ["O"], "long"), (["b"], ["B-hotel"], "long")])
        )
    with pytest.raises(InputError, match=r"line 1: the intent 'new' is none trained on: long, short"):
        predict.evaluate_file(model, parallel(tmp_path / "b", [(["a"], ["O"], "new")]))
    with pytest.raises(InputError, match=r"line 1: .* breaks iob2"):
        predict.evaluate_file(model, parallel(tmp_path / "c", [(["a"], ["I-start"], "long")]))


def test_wrong_options_of_a_prediction_are_refused(trained, capsys):
    with pytest.raises(InputError, match="n_best is 0"):
        PredictOptions(n_best=0).validate()
    assert main(["predict", str(trained / "run"), "a", "--n-best", "0"]) == 2
    assert "n_best is 0" in capsys.readouterr().err


def test_a_batch_moves_as_a_whole(tmp_path):
    _, data = fresh(columns(tmp_path, list(flights())))
    batch = next(data.train.epoch(0)).to("meta")
    assert isinstance(batch, TagBatch)
    tensors = [*vars(batch).values(), *vars(batch.spelled).values()]
    assert all(value.is_meta for value in tensors if isinstance(value, torch.Tensor))
