"""Names: split without overlap, ended by themselves, invented anew."""

import math

import pytest
import torch

import elman
from elman.core.errors import InputError
from elman.data.vocabulary import EOS
from elman.tasks import find
from elman.tasks.names import predict
from elman.tasks.names.config import NamesConfig
from elman.tasks.names.data import NamesData


def read(folder, names, **options):
    path = folder / "names.txt"
    path.write_text("\n".join(names), encoding="utf-8")
    return NamesData.read(path, NamesConfig(**options), seed=1)


def names_in(data, batches):
    return [
        data.vocabulary.decode(batch.targets[: length - 1, b].numpy())
        for batch in batches.epoch(0)
        for b, length in enumerate(batch.lengths.tolist())
    ]


def test_a_tenth_validates_and_no_name_is_in_both_parts(tmp_path):
    names = [f"{first}{second}" for first in "abcdefghij" for second in "abcdefghij"]
    data = read(tmp_path, [*names, *names])
    train, validation = names_in(data, data.train), names_in(data, data.validation)
    assert (len(train), len(validation)) == (90, 10)
    assert sorted(train + validation) == names
    assert data.names == frozenset(names)


def test_the_split_does_not_depend_on_the_order_of_the_file(tmp_path):
    names = [f"{first}{second}" for first in "abcdef" for second in "abcdef"]
    forwards, backwards = (read(tmp_path, order) for order in (names, names[::-1]))
    assert sorted(names_in(forwards, forwards.validation)) == sorted(
        names_in(backwards, backwards.validation)
    )


def test_fewer_names_than_a_batch_are_read_at_once_with_a_word_about_it(tmp_path):
    data = read(tmp_path, ["ada", "bob", "cyd"])
    assert data.notes == ("2 names to train on are fewer than one batch: reading all of them at once",)


def test_a_file_of_its_own_validates(tmp_path):
    (tmp_path / "valid.txt").write_text("Tamar\nTiber\n")
    data = read(tmp_path, ["Tagus", "Tamar", "Trent"], validation_file=str(tmp_path / "valid.txt"))
    assert sorted(names_in(data, data.train)) == ["Tagus", "Trent"]
    assert len(names_in(data, data.validation)) == 2
    assert data.names == {"Tagus", "Tamar", "Trent", "Tiber"}
    with pytest.raises(InputError, match="none is left to train on"):
        read(tmp_path, ["Tamar"], validation_file=str(tmp_path / "valid.txt"))


def test_one_name_is_refused(tmp_path):
    with pytest.raises(InputError, match="one name teaches nothing"):
        read(tmp_path, ["ada", "ada"])


def test_a_line_that_is_no_name_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"'x{20}'… has 65 characters and the limit is 64"):
        read(tmp_path, ["ada", "x" * 65])


def test_the_built_in_list_is_read():
    task = find("names")
    data = NamesData.read(task.data_file(None), NamesConfig(), seed=1)
    assert len(data.names) >= 900
    assert "Tyrannosaurus" in data.names


def test_the_end_of_a_name_is_scored(names_model):
    ids = names_model.vocabulary.encode("bad")
    with torch.no_grad():
        scores, _ = names_model(torch.tensor([EOS, *ids])[:, None])
    log_probs = scores[:, 0].double().log_softmax(-1)
    expected = sum(float(log_probs[t, symbol]) for t, symbol in enumerate([*ids, EOS]))
    score = names_model.score("bad")
    assert score.symbols == 4
    assert score.log_prob == pytest.approx(expected, rel=1e-5)
    assert names_model.score("").symbols == 1


def test_short_names_have_less_than_all_of_the_probability(names_model):
    short = ["", *names_model.vocabulary.characters]
    assert 0.0 < sum(math.exp(names_model.score(name).log_prob) for name in short) < 1.0


def test_evaluation_is_the_mean_over_all_symbols_of_all_names(names_model, tmp_path):
    data = read(tmp_path, [f"{first}{second}" for first in "abcdef" for second in "abcdefgh"], batch_size=3)
    names_model.vocabulary = data.vocabulary
    alone = [names_model.score(name) for name in names_in(data, data.validation)]
    together = predict.evaluate(names_model, data)
    assert together.symbols == sum(score.symbols for score in alone)
    assert together.log_prob == pytest.approx(sum(score.log_prob for score in alone), rel=1e-5)


def test_a_sample_ends_itself(names_model):
    with torch.no_grad():
        names_model.projection.bias[EOS] = 2.0
    lengths = [len(names_model.sample(seed=seed)) for seed in range(50)]
    assert max(lengths) < names_model.sample_length
    assert len(set(lengths)) > 2


def test_names_end_at_the_same_place_by_kernels_and_by_torch(names_model):
    with torch.no_grad():
        names_model.projection.bias[EOS] = 1.0
    names = [names_model.sample("ab", seed=seed) for seed in range(20)]
    with elman.kernels("eager"):
        assert [names_model.sample("ab", seed=seed) for seed in range(20)] == names


def test_a_sample_that_does_not_end_is_cut(names_model):
    with torch.no_grad():
        names_model.projection.bias[EOS] = -50.0
    assert len(names_model.sample()) == 40
    assert len(names_model.sample("ab", length=3)) == 5


def test_invented_names_are_new_and_different(names_model):
    known = {names_model.sample(seed=seed) for seed in range(5)}
    names = predict.invent(names_model, known, 10, seed=0)
    assert len(set(names)) == 10
    assert not known & set(names)


def test_a_model_that_knows_one_name_invents_none(names_model):
    with torch.no_grad():
        names_model.projection.bias[names_model.vocabulary.encode("a")] = 99.0
    assert predict.invent(names_model, {"a" * 40}, 2, seed=0) == []
