"""Translation: reads pairs, learns a small language, searches, copies, is scored as sacrebleu does."""

import json
import math
import random

import numpy as np
import pytest
import sacrebleu
import torch

import elman
from elman.cli.main import main
from elman.core.errors import InputError
from elman.data.vocabulary import EOS, UNKNOWN
from elman.tasks.translate import picture, predict
from elman.tasks.translate.config import PredictOptions, TranslateConfig
from elman.tasks.translate.data import TranslateData
from elman.tasks.translate.metrics import score
from elman.tasks.translate.model import TranslateModel
from elman.tasks.translate.picture import draw_attention
from elman.tasks.translate.vocabulary import PairVocabulary

ENGLISH = ["dog", "cat", "man", "woman", "bird", "horse", "child", "house", "tree", "sea"]
GERMAN = ["Hund", "Katze", "Mann", "Frau", "Vogel", "Pferd", "Kind", "Haus", "Baum", "Meer"]
NOUNS = dict(zip(ENGLISH, GERMAN, strict=True))
VERBS = {"sees": "sieht", "likes": "mag", "hears": "hört", "finds": "findet"}
SMALL = {"hidden_size": 16, "embedding_size": 8, "min_count": 1, "batch_size": 8}


def sentences(number, seed=0):
    """Pairs of a small language, whose objects come before their verbs in the target."""
    draw = random.Random(seed)
    for _ in range(number):
        a, b = draw.choice(list(NOUNS)), draw.choice(list(NOUNS))
        verb = draw.choice(list(VERBS))
        yield f"The {a} {verb} a {b}.\t{NOUNS[a]} {NOUNS[b]} {VERBS[verb]}."


def write(path, lines):
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return write(tmp_path_factory.mktemp("pairs") / "pairs.tsv", sentences(400))


@pytest.fixture(scope="module")
def run(file, tmp_path_factory):
    """A trained model, and its folder."""
    folder = tmp_path_factory.mktemp("run") / "run"
    model = elman.train(
        "translate",
        file,
        out=folder,
        hidden_size=32,
        embedding_size=32,
        level="word",
        dropout=0.0,
        batch_size=16,
        learning_rate=0.01,
        epochs=8,
        validate_every=50,
        validation_share=0.2,
    )
    return model, folder


def fresh(file, **options):
    config = TranslateConfig(**{**SMALL, "level": "word", **options})
    data = TranslateData.read(file, config, seed=1)
    return TranslateModel(config, data.vocabulary).eval(), data


def test_the_padding_told_is_that_of_both_sides(tmp_path):
    lines = list(sentences(40))
    lines += [f"The {'old ' * (i % 7)}dog.\tDer {'alte ' * (i % 5)}Hund." for i in range(40)]
    _, data = fresh(write(tmp_path / "pairs.tsv", lines))
    places = filled = 0
    for batch in data.train.epoch(0):
        places += batch.sources.numel() + batch.targets.targets.numel()
        filled += int(batch.lengths.sum() + batch.targets.lengths.sum())
    assert data.train.padding == pytest.approx(1 - filled / places)
    assert data.train.padding > 0


def test_a_small_language_is_learned(run, file):
    model, _ = run
    unseen = [line.split("\t") for line in set(sentences(3000, 5)) - set(sentences(400))][:20]
    found = list(model.translations([source for source, _ in unseen]))
    right = sum(one.candidates[0].text == target for one, (_, target) in zip(found, unseen, strict=True))
    assert len(unseen) == 20
    assert right >= 0.9 * len(unseen)


def test_attention_is_at_the_word_that_is_translated(run):
    one = run[0].translate("The horse hears a bird.")
    assert one.target == ("Pferd", "Vogel", "hört", ".")
    attended = [one.source[place] for place in one.alignment]
    assert "horse" in attended or "bird" in attended
    assert one.attention.shape == (len(one.target) + 1, len(one.source))
    assert one.attention.sum(1) == pytest.approx(np.ones(len(one.target) + 1), abs=1e-5)


def test_a_picture_has_every_symbol_and_says_what_it_cannot_draw(tmp_path, monkeypatch):
    draw_attention(tmp_path / "a.png", ["a", "b", "<eos>"], ["c", "<eos>"], np.full((2, 3), 1 / 3))
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    monkeypatch.setattr(picture, "_WITH_HAN", ())
    with pytest.warns(UserWarning, match="no font for Chinese") as told:
        draw_attention(tmp_path / "b.png", ["我爱"], ["中国"], np.ones((1, 1)))
    assert len(told) == 1


def test_texts_together_are_translated_as_they_are_alone(run):
    texts = ["The dog sees a cat.", "A horse", "The woman likes a man. The woman hears a bird."]
    together = [one.candidates for one in run[0].translations(texts, n_best=3)]
    alone = [run[0].translate(text, n_best=3).candidates for text in texts]
    assert [[one.text for one in some] for some in together] == [[one.text for one in some] for some in alone]
    assert len(together[0]) == 3
    assert len({one.text for one in together[0]}) == 3


def test_the_command_predicts_evaluates_and_describes(run, file, tmp_path, capsys):
    model, folder = run
    picture = tmp_path / "attention.png"
    arguments = ["predict", str(folder), "The dog sees a cat.", "", "--json", "--n-best", "2"]
    assert main([*arguments, "--picture", str(picture)]) == 0
    first, blank = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert first["prediction"] == json.loads(
        json.dumps(model.translate("The dog sees a cat.", n_best=2).to_dict())
    )
    assert first["prediction"]["text"] == "Hund Katze sieht."
    assert blank["prediction"] is None
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert main(["evaluate", str(folder), str(file), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["bleu"] > 80.0
    assert figures["texts"] == 400
    assert main(["info", str(folder)]) == 0
    assert "words of the target" in capsys.readouterr().out


def test_the_score_is_sacrebleus_own(run, file):
    model, _ = run
    data = TranslateData.read(file, model.config, seed=1)
    found = predict.evaluate(model, data)
    texts = [one.candidates[0].text for one in model.translations(pair.source for pair in data.held_out)]
    references = [pair.target for pair in data.held_out]
    assert found.bleu == pytest.approx(sacrebleu.corpus_bleu(texts, [references]).score)
    assert found.chrf == pytest.approx(sacrebleu.corpus_chrf(texts, [references]).score)
    assert "tok:13a" in found.signatures[0]
    nats = [float(model.loss(batch)[0].detach()) for batch in data.validation.epoch(0)]
    assert found.nats == pytest.approx(sum(nats), rel=1e-5)


def test_chinese_is_scored_by_character():
    found = score(["我爱中国。", "你好"], ["我爱中国。", "你好吗"], 1.0, 1)
    assert "tok:zh" in found.signatures[0]
    assert found.bleu == pytest.approx(
        sacrebleu.corpus_bleu(["我爱中国。", "你好"], [["我爱中国。", "你好吗"]], tokenize="zh").score
    )


@pytest.mark.parametrize("cell", ["jordan", "gru", "projection_lstm", "slstm", "sru"])
def test_any_cell_reads_and_writes(file, cell):
    model, data = fresh(file, cell=cell)
    batch = next(iter(data.train.epoch(0)))
    model.train().objective(batch).loss.backward()
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in model.parameters())
    assert model.eval().translate("The dog sees a cat.", beam=2).candidates[0].text


@pytest.mark.parametrize("score", ["additive", "general", "dot"])
def test_the_loss_is_that_of_writing_symbol_by_symbol(file, score):
    model, data = fresh(file, attention=score)
    model, batch = model.double(), next(iter(data.validation.epoch(0)))
    expected = 0.0
    for b, length in enumerate(batch.targets.lengths.tolist()):
        places = int(batch.lengths[b])
        state = model.encode(batch.sources[:places, b : b + 1], batch.lengths[b : b + 1])
        for t in range(length):
            output, _, state = model.decoder(batch.targets.inputs[t : t + 1, b : b + 1], state)
            log_p = model.projection(output[0]).log_softmax(-1)[0]
            expected -= log_p[batch.targets.targets[t, b]].item()
    assert model.loss(batch)[0].item() == pytest.approx(expected)


def test_a_hypothesis_is_as_probable_as_the_loss_says(run, file):
    model, _ = run
    text, data = "The cat hears a dog.", TranslateData
    best = model.translate(text, length_penalty=0.0, copy_unknown=False).candidates[0]
    pair = data.pairs(write(file.parent / "one.tsv", [f"{text}\t{best.text}"]), None, model.config)
    nats, symbols = predict._nats(model, pair)
    assert best.log_prob == pytest.approx(-nats, rel=1e-4)
    assert symbols == 5


def test_an_unknown_word_is_copied_from_where_attention_is(file):
    model, _ = fresh(file)
    read = ["Zorg", "sees", "<eos>"]
    weights = np.array([[0.4, 0.1, 0.5], [0.1, 0.8, 0.1], [0.0, 0.2, 0.8]], np.float32)
    known = int(model.vocabulary.target.encode("Hund")[0])
    assert predict._spelled(model, [UNKNOWN, known, UNKNOWN], read, weights) == ["Zorg", "Hund", "sees"]


def test_unknown_words_are_written_only_as_copies(file):
    model, _ = fresh(file)
    with torch.no_grad():
        model.projection.bias[UNKNOWN] = 50.0
    copied = model.translate("Zorg sees Zorg.")
    assert set(copied.target) <= {"Zorg", "sees", "."}
    assert "<unk>" not in model.translate("Zorg sees Zorg.", copy_unknown=False).candidates[0].text


@pytest.mark.parametrize("preference", [-50.0, 50.0])
def test_a_translation_is_never_empty_and_always_ends(file, preference):
    model, _ = fresh(file)
    with torch.no_grad():
        model.projection.bias[EOS] = preference
    for one in model.translations(["dog", "The dog sees a cat."], n_best=2):
        assert all(candidate.text for candidate in one.candidates)
        assert len(one.target) <= model.longest_target(len(one.source))


def test_scheduled_sampling_reads_what_the_model_would_write(file):
    model, data = fresh(file, scheduled_sampling=0.5)
    batch = next(iter(data.train.epoch(0)))
    sure = int(model.vocabulary.target.encode("Vogel")[0])
    with torch.no_grad():
        model.projection.bias[sure] = 50.0
    inputs = batch.targets.inputs
    start = model.encode(batch.sources, batch.lengths)
    read = torch.stack([model._sampled(inputs, start) for _ in range(100)])
    assert (read[:, 0] == EOS).all()
    others = (inputs[1:] != sure).expand(100, -1, -1)
    assert ((read[:, 1:] == sure) | (read[:, 1:] == inputs[1:])).all()
    assert float((read[:, 1:] == sure)[others].double().mean()) == pytest.approx(0.5, abs=0.05)


def test_sources_are_in_one_part_and_the_vocabulary_is_of_the_training_part(file):
    _, data = fresh(file, validation_share=0.3)
    train = {
        tuple(batch.sources[: batch.lengths[b], b].tolist())
        for batch in data.train.epoch(0)
        for b in range(len(batch.lengths))
    }
    held = {tuple(data.vocabulary.read(pair.source).tolist()) for pair in data.held_out}
    assert held
    assert not train & held


def test_two_files_are_read_and_the_one_beside_validates(tmp_path):
    lines = [line.split("\t") for line in sentences(30)]
    for name, column in (("train.en", 0), ("train.de", 1), ("val.en", 0), ("val.de", 1)):
        write(tmp_path / name, [line[column] for line in (lines[:3] if name < "train.z" else lines)])
    config = TranslateConfig(
        **SMALL,
        level="word",
        target_file=str(tmp_path / "train.de"),
        validation_file=str(tmp_path / "val.en"),
    )
    data = TranslateData.read(tmp_path / "train.en", config, seed=1)
    assert [pair.target for pair in data.held_out] == [target for _, target in lines]
    assert str(tmp_path / "val.de") in config.other_files
    assert "fewer than one batch" in data.notes[0]


def test_the_direction_can_be_reversed(file):
    _, data = fresh(file, reverse=True)
    assert "Hund" in data.vocabulary.source.vocabulary.words
    assert "dog" in data.vocabulary.target.vocabulary.words


@pytest.mark.parametrize("level", ["subword", "character"])
def test_texts_are_what_they_were_after_encoding(tmp_path, level):
    texts = ["Ein Hund (braun) läuft.", "我爱中国，你呢？", "naïve café"]
    file = write(tmp_path / "t.tsv", [f"{text}\t{text}" for text in texts * 3])
    side = fresh(file, level=level, validation_share=0.001)[1].vocabulary.target
    held = [text for text in texts if UNKNOWN not in side.encode(text)]
    assert len(held) >= 2
    for text in held:
        ids = side.encode(text).tolist()
        assert side.text(side.spelled(ids)) == text
        assert len(side.symbols(text)) == len(ids)


def test_full_width_forms_and_byte_order_marks_are_read_as_others(tmp_path):
    file = tmp_path / "t.tsv"
    file.write_text("\ufeffＡＢＣ　１\teins\nABC 1\tzwei\nother\tdrei\n", encoding="utf-8")
    pairs = TranslateData.pairs(file, None, TranslateConfig())
    assert pairs[0].source == pairs[1].source


def test_what_is_too_long_is_left_out_with_a_word_about_it(tmp_path):
    lines = [*sentences(20), "long " * 20_000 + "\tlang", *sentences(3, 1)]
    data = fresh(write(tmp_path / "t.tsv", lines), sequence_length=10)[1]
    assert "1 pairs with more than 10 symbols on a side are left out, line 21 the first" in data.notes[0]
    with pytest.raises(InputError, match="pairs have more than 2 symbols on a side"):
        fresh(tmp_path / "t.tsv", sequence_length=2)


def test_little_is_padding(file):
    _, data = fresh(file)
    batches = list(data.train.epoch(3))
    for filled, shape in (
        (sum(int(b.lengths.sum()) for b in batches), sum(b.sources.numel() for b in batches)),
        (sum(b.symbols for b in batches), sum(b.targets.inputs.numel() for b in batches)),
    ):
        assert filled >= 0.9 * shape


def test_texts_that_cannot_be_translated_are_refused(run, tmp_path, capsys):
    model, folder = run
    with pytest.raises(InputError, match="a blank text"):
        model.translate(" \n")
    with pytest.raises(InputError, match=r"'dog dog .* has 3,001 symbols and the limit is 2,000"):
        model.translate("dog " * 3_000)
    write(tmp_path / "empty.txt", [""])
    assert main(["predict", str(folder), "--file", str(tmp_path / "empty.txt")]) != 0
    assert "empty.txt: the file is empty" in capsys.readouterr().err


def test_other_kinds_of_same_sources_are_refused(tmp_path):
    with pytest.raises(InputError, match="the sources are all the same"):
        fresh(write(tmp_path / "t.tsv", ["a\tb", "a\tc"]))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"hidden_size": 7}, "give an even number"),
        ({"attention": "lung"}, "did you mean"),
        ({"level": "sentence"}, "level is 'sentence'"),
        ({"target_level": "words"}, "did you mean 'word'"),
        ({"scheduled_sampling": 1.0}, "scheduled_sampling is 1.0"),
        ({"target_file": 3}, "give the path of a text"),
    ],
)
def test_options_that_cannot_work_are_refused(options, said):
    with pytest.raises(InputError, match=said):
        TranslateConfig(**options).validate()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"n_best": 6}, "n_best is 6"),
        ({"beam": 0}, "beam is 0"),
        ({"length_penalty": math.inf}, "length_pen"),
    ],
)
def test_a_search_that_cannot_be_is_refused(options, said):
    with pytest.raises(InputError, match=said):
        PredictOptions(**options).validate()


def test_a_vocabulary_is_what_it_was_and_damaged_ones_are_refused(file):
    vocabulary = fresh(file)[1].vocabulary
    values = json.loads(json.dumps(vocabulary.to_dict()))
    assert PairVocabulary.from_dict(values) == vocabulary
    for damaged in (
        None,
        [],
        {**values, "target": None},
        {**values, "source": {"lower": False, "kind": "x"}},
    ):
        with pytest.raises(InputError):
            PairVocabulary.from_dict(damaged)


def test_small_letters_are_read_and_written(file):
    model, data = fresh(file, lower=True)
    assert not any(word.lower() != word for word in data.vocabulary.target.vocabulary.words)
    assert (
        model.vocabulary.source.encode("THE DOG").tolist()
        == model.vocabulary.source.encode("the dog").tolist()
    )
