"""A trained run of each task, made once."""

import pytest

import elman

TINY = {"hidden_size": 16, "layers": 1, "embedding_size": 8, "epochs": 2, "learning_rate": 0.02}


@pytest.fixture(scope="session")
def language_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("language")
    (folder / "cats.txt").write_text("the cat sat on the mat. " * 40)
    elman.train("language", folder / "cats.txt", out=folder / "run", batch_size=4, sequence_length=20, **TINY)
    return folder / "run"


@pytest.fixture(scope="session")
def names_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("names")
    (folder / "names.txt").write_text("\n".join(f"{a}na{b}us" for a in "bcdfgklm" for b in "bcdfgklm"))
    elman.train("names", folder / "names.txt", out=folder / "run", **TINY)
    return folder / "run"
