"""An empty cache of its own for each test."""

import pytest

from elman.run.cache import cache_folder


@pytest.fixture
def token_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ELMAN_CACHE", str(tmp_path / "cache"))
    cache_folder.cache_clear()
    yield tmp_path / "cache" / "tokens"
    cache_folder.cache_clear()
