"""A text that a tiny model learns in a second, and the options for it."""

import pytest

TEXT = "the cat sat on the mat. a dog sat on the log. " * 40
TINY = {"hidden_size": 16, "layers": 1, "embedding_size": 8, "batch_size": 4, "sequence_length": 20}


@pytest.fixture
def text_file(tmp_path):
    path = tmp_path / "cats.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def tiny():
    return {**TINY, "epochs": 3, "learning_rate": 0.02}
