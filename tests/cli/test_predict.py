"""`elman predict`: where texts come from, and what cannot be read."""

import io
import json
import sys

import pytest
import torch

from elman.cli.main import main
from elman.data.labels import Labels
from elman.data.vocabulary import WordVocabulary
from elman.tasks import model_file
from elman.tasks.classify.config import ClassifyConfig
from elman.tasks.classify.model import ClassifyModel
from elman.tasks.classify.vocabulary import ClassifyVocabulary

WRONG_INPUT = 2


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A model that was not trained."""
    torch.manual_seed(0)
    vocabulary = ClassifyVocabulary(WordVocabulary(["fine", "dull"]), Labels(["bad", "good"]), [1, 1])
    model = ClassifyModel(ClassifyConfig(hidden_size=4, embedding_size=3), vocabulary)
    folder = tmp_path_factory.mktemp("run")
    model_file.save(folder / "model.safetensors", model, {})
    return str(folder)


def piped(monkeypatch, content):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), "ascii"))


def inputs(capsys):
    return [json.loads(line)["input"] for line in capsys.readouterr().out.splitlines()]


def test_lines_of_a_pipe_are_utf8_with_any_end_and_with_a_mark_or_without(run, monkeypatch, capsys):
    piped(monkeypatch, "\ufeff很好\r\nfine\x0b dull\n\n \nlast".encode())
    assert main(["predict", run, "--json"]) == 0
    assert inputs(capsys) == ["很好", "fine\x0b dull", "", " ", "last"]


def test_a_blank_line_has_a_line_of_output_that_is_empty(run, monkeypatch, capsys):
    piped(monkeypatch, b"fine\n\ndull\n")
    assert main(["predict", run]) == 0
    first, blank, last = capsys.readouterr().out.splitlines()
    assert (bool(first), blank, bool(last)) == (True, "", True)


def test_a_line_of_another_encoding_is_refused_with_its_number(run, monkeypatch, capsys):
    piped(monkeypatch, "fine\nschön\n".encode("latin-1"))
    assert main(["predict", run]) == WRONG_INPUT
    assert "elman: -, line 2: byte 0xf6 is not UTF-8" in capsys.readouterr().err


def test_nothing_to_predict_anything_of_is_refused(run, monkeypatch, capsys, tmp_path):
    piped(monkeypatch, b"")
    assert main(["predict", run]) == WRONG_INPUT
    assert "-: holds no line to predict anything of" in capsys.readouterr().err
    (tmp_path / "empty.txt").touch()
    for options in ([], ["--whole"]):
        assert main(["predict", run, "--file", str(tmp_path / "empty.txt"), *options]) == WRONG_INPUT
        assert "empty.txt: the file is empty" in capsys.readouterr().err


def test_a_file_can_be_one_text(run, tmp_path, capsys):
    path = tmp_path / "review.txt"
    path.write_text("the room was very lovely\n\nthe food was so fine\n", encoding="utf-8")
    assert main(["predict", run, "--file", str(path), "--whole", "--json"]) == 0
    assert inputs(capsys) == [path.read_text(encoding="utf-8")]
    assert main(["predict", run, "fine", "--whole"]) == WRONG_INPUT
    assert "whole is of a file, and texts are given" in capsys.readouterr().err
