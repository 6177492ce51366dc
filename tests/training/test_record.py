"""Settings from files: what a run writes, what `--config` and presets give, and what is refused."""

import pytest
import yaml

import elman
from elman.core.errors import InputError
from elman.tasks import find
from elman.training.config import TrainConfig
from elman.training.record import RunRecord, preset, read_record

TINY = {"hidden_size": 16, "embedding_size": 8, "layers": 1, "batch_size": 4, "sequence_length": 20}


def written(folder, text):
    path = folder / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_a_run_writes_gives_the_same_run(text_file, tmp_path):
    first = elman.train("language", text_file, out=tmp_path / "one", epochs=1, **TINY)
    again = elman.train("language", config=tmp_path / "one" / "config.yaml", out=tmp_path / "two")
    assert all(a.equal(b) for a, b in zip(first.parameters(), again.parameters(), strict=True))
    one, two = (yaml.safe_load((tmp_path / name / "config.yaml").read_text()) for name in ("one", "two"))
    assert one == two


def test_what_a_file_leaves_out_is_as_without_it(tmp_path):
    record = RunRecord.of("language").with_file(
        written(tmp_path, "model: {hidden_size: 99}\ntraining: {learning_rate: 1e-3, clip_norm: 2}\n")
    )
    assert record.config.hidden_size == 99
    assert record.config.cell == "lstm"
    assert record.training.learning_rate == 0.001
    assert record.training.clip_norm == 2
    assert record.training.epochs == TrainConfig(**find("language").training).epochs


def test_an_option_goes_before_the_file_and_the_file_before_the_preset(text_file, tmp_path):
    path = written(tmp_path, "model: {hidden_size: 12}\ntraining: {epochs: 1}\n")
    elman.train(
        "language", text_file, preset="tinyshakespeare", config=path, out=tmp_path / "run",
        layers=1, batch_size=4, sequence_length=20, max_steps=3, max_minutes=None,
    )  # fmt: skip
    settings = read_record(tmp_path / "run").settings
    shipped = RunRecord.of("language").with_file(preset("tinyshakespeare"))
    assert (settings.config.layers, settings.config.hidden_size) == (1, 12)
    assert settings.training.learning_rate == shipped.training.learning_rate


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("model: {hiden_size: 5}", r"model\.unknown option 'hiden_size'; did you mean 'hidden_size'\?"),
        ("training: {learning_rat: 5}", r"unknown option 'learning_rat'; did you mean 'learning_rate'\?"),
        ("modell: {}", r"unknown option 'modell'; did you mean 'model'\?"),
        ("model: {hidden_size: big}", r"model\.hidden_size is 'big'; give a whole number"),
        ("model: {hidden_size: 1.5}", r"model\.hidden_size is 1\.5; give a whole number"),
        ("model: {hidden_size: true}", r"model\.hidden_size is True; give a whole number"),
        ("training: {learning_rate: fast}", r"training\.learning_rate is 'fast'; give a number"),
        ("training: {max_minutes: soon}", r"training\.max_minutes is 'soon'; give a number or nothing"),
        ("training: {optimizer: adamx}", r"optimizer is 'adamx'; give adamw or adam or sgd or nt-asgd"),
        ("training: {compile: 1}", r"training\.compile is 1; give true or false"),
        ("training: [1]", r"training is \[1\]; give options, each with its value"),
        ("data: 5", "data is 5; give the path of a file"),
        ("task: names", "is for the task 'names', not 'language'"),
        ("a text", "must say what task, data, model, training are"),
        ("{", "not YAML"),
        ("!!python/object/apply:os.system [ls]", "not YAML"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path, text, wrong):
    with pytest.raises(InputError, match=wrong) as error:
        RunRecord.of("language").with_file(written(tmp_path, text))
    assert "settings.yaml" in str(error.value)


def test_an_unknown_preset_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'tinyshakespeare'"):
        preset("tinyshakespear")


@pytest.mark.parametrize(
    ("option", "wrong"),
    [
        ({"optimizer": "adm"}, "optimizer is 'adm'; did you mean 'adam'"),
        ({"schedule": "cosin"}, "did you mean 'cosine'"),
        ({"precision": "bf16"}, "did you mean 'bf16-mixed'"),
        ({"accumulate": 0}, "accumulate is 0; give a whole number from 1"),
        ({"momentum": 1.0}, r"momentum is 1\.0; give a number from 0 to below 1"),
        ({"clip_value": -1.0}, r"clip_value is -1\.0; give a number above 0"),
        ({"averaging": "ema", "optimizer": "nt-asgd"}, "nt-asgd averages by itself"),
        ({"max_steps": 0}, "max_steps is 0"),
        ({"checkpoint_minutes": 0}, "checkpoint_minutes is 0"),
    ],
)
def test_what_cannot_work_is_refused(option, wrong):
    with pytest.raises(InputError, match=wrong):
        TrainConfig(**option).validate()
