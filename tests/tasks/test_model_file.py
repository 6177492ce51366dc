"""The model file: whole or refused, and never executed."""

import json
import pickle

import pytest
import safetensors.torch
import torch

from elman.core.errors import InputError
from elman.tasks import model_file


@pytest.fixture
def path(language_model, tmp_path):
    path = tmp_path / "model.safetensors"
    model_file.save(path, language_model, {"val_loss": 1.5})
    return path


def record_of(path):
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    return json.loads(json.loads(content[8 : 8 + size])["__metadata__"]["elman"])


def rewritten(path, change):
    """The same file with its record changed."""
    record = record_of(path)
    change(record)
    path.write_bytes(safetensors.torch.save(safetensors.torch.load_file(path), {"elman": json.dumps(record)}))
    return path


def with_header(path, header):
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(64))
    return path


@pytest.mark.parametrize("kind", ["language_model", "names_model"])
def test_a_model_comes_back_as_it_was(kind, request, tmp_path):
    model = request.getfixturevalue(kind)
    model_file.save(tmp_path / "model.safetensors", model, {})
    for place in (tmp_path, str(tmp_path), tmp_path / "model.safetensors"):
        loaded = model_file.load(place)
        assert type(loaded) is type(model)
        assert loaded.config == model.config
        assert loaded.vocabulary == model.vocabulary
        assert not loaded.training
        assert loaded.score("bad face" if kind == "language_model" else "bad") == model.score(
            "bad face" if kind == "language_model" else "bad"
        )


def test_the_record_says_where_the_model_is_from(path):
    record = record_of(path)
    assert record["task"] == "language"
    assert record["metrics"] == {"val_loss": 1.5}
    assert record["versions"]["torch"] == torch.__version__
    assert record["date"].endswith("+00:00")


def test_no_file(tmp_path):
    with pytest.raises(InputError, match=r"model\.safetensors: no such file; give a model file"):
        model_file.load(tmp_path)


@pytest.mark.parametrize("kept", [0, 4, 8, 100, -1])
def test_a_truncated_file(path, kept):
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match=r"truncated|damaged"):
        model_file.load(path)


def test_a_file_with_something_behind_its_end(path):
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(InputError, match="damaged"):
        model_file.load(path)


def test_a_safetensors_file_of_another_program(path):
    safetensors.torch.save_file({"weight": torch.zeros(2)}, path, {"format": "pt"})
    with pytest.raises(InputError, match="another program"):
        model_file.load(path)


def test_a_pickle_is_refused_and_not_executed(path, tmp_path):
    class Hostile:
        def __reduce__(self):
            return (open, (str(tmp_path / "executed"), "w"))

    path.write_bytes(pickle.dumps(Hostile()))
    with pytest.raises(InputError, match="not a model file"):
        model_file.load(path)
    assert not (tmp_path / "executed").exists()


def test_an_oversized_header_is_refused_unread(path):
    path.write_bytes((100_000_001).to_bytes(8, "little") + b"{}")
    with pytest.raises(InputError, match="header of 100,000,001 bytes"):
        model_file.load(path)


@pytest.mark.parametrize(
    "header",
    [
        b"{",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' + b"9" * 10_000 + b"}",
        b'{"__metadata__":{"elman":"{"}}',
    ],
)
def test_a_header_that_is_not_the_right_json(path, header):
    with pytest.raises(InputError, match="not a model file"):
        model_file.load(with_header(path, header))


def test_a_format_of_the_future(path):
    with pytest.raises(InputError, match=r"format 2; elman .* reads format 1"):
        model_file.load(rewritten(path, lambda record: record.update(format=2)))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("hidden_size", 10**12),
        ("hidden_size", 10**400),
        ("hidden_size", -1),
        ("hidden_size", "12"),
        ("hidden_size", 12.0),
        ("hidden_size", None),
        ("layers", 10**9),
        ("dropout", float("nan")),
        ("cell", "__import__('os')"),
        ("cell", "rhn(depth=1000000000)"),
        ("cell", ["lstm"]),
        ("surprise", 1),
    ],
)
def test_hostile_options_are_refused(path, key, value):
    def change(record):
        record["config"][key] = value

    with pytest.raises(InputError, match=f"damaged model file: .*({key}|cell)"):
        model_file.load(rewritten(path, change))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("task", "../../evil"),
        ("task", None),
        ("task", 3),
        ("config", None),
        ("config", []),
        ("vocabulary", {"characters": "aa"}),
        ("vocabulary", None),
    ],
)
def test_hostile_records_are_refused(path, key, value):
    with pytest.raises(InputError, match="damaged model file"):
        model_file.load(rewritten(path, lambda record: record.update({key: value})))


def test_shapes_that_do_not_fit_are_refused_before_memory_is_taken(path):
    # One layer of such a model is 64 GiB of weights.
    rewritten(path, lambda record: record["config"].update(hidden_size=65_536))
    with pytest.raises(InputError, match=r"tensor '.*' is F32 \[.*\] in the file and F32 \[.*65536.*\]"):
        model_file.load(path)


def test_weights_of_another_type_and_missing_ones_are_refused(path):
    weights = safetensors.torch.load_file(path)
    metadata = {"elman": json.dumps(record_of(path))}
    doubled = {name: weight.double() for name, weight in weights.items()}
    path.write_bytes(safetensors.torch.save(doubled, metadata))
    with pytest.raises(InputError, match="F64"):
        model_file.load(path)
    del weights["projection.bias"]
    path.write_bytes(safetensors.torch.save(weights, metadata))
    with pytest.raises(InputError, match=r"'projection\.bias' is missing in the file"):
        model_file.load(path)
