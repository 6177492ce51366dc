"""Symbols of a text in a file: read where they are asked for, and not kept in memory."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.symbols import Mapped, Symbols, Tokens
from elman.data.vocabulary import CharacterVocabulary

STATUS = Path("/proc/self/status")
SIZE = 300_000_000


def tokens(text):
    symbols = sorted(set(text))
    numbers = np.array([symbols.index(c) for c in text], np.uint8)
    return Tokens("character", numbers, symbols, np.bincount(numbers, minlength=len(symbols)))


@settings(deadline=None)
@given(st.text("abcd", min_size=1), st.integers(0, 50))
def test_counts_before_a_place(text, place):
    place = min(place, len(text))
    counts = tokens(text).counts_before(place)
    assert dict(zip(sorted(set(text)), counts.tolist(), strict=True)) == {
        c: text[:place].count(c) for c in set(text)
    }


@settings(deadline=None)
@given(
    st.text("abcx", min_size=1), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)
)
def test_a_part_reads_like_an_array_of_its_own(text, start, length, first, count):
    vocabulary = CharacterVocabulary("abc")
    start = min(start, len(text) - 1)
    stop = min(start + length + 1, len(text))
    symbols = Symbols(tokens(text), vocabulary, start, stop)
    expected = vocabulary.encode(text[start:stop])
    assert len(symbols) == len(expected)
    assert symbols[first : first + count].tolist() == expected[first : first + count].tolist()
    places = np.array([[0, len(expected) - 1]])
    assert symbols[places].tolist() == expected[places].tolist()
    assert symbols[places].dtype == np.int64


def resident_file_pages():
    return 1024 * int(re.search(r"RssFile:\s+(\d+) kB", STATUS.read_text())[1])


@pytest.mark.skipif(not STATUS.exists(), reason="reads what is in memory from Linux")
def test_what_has_been_read_leaves_memory(tmp_path):
    path = tmp_path / "numbers"
    path.write_bytes(np.arange(SIZE // 4, dtype=np.uint32).tobytes())
    with path.open("rb") as file:
        numbers = Mapped(file.fileno(), np.dtype(np.uint32), SIZE // 4)
    before, most = resident_file_pages(), 0
    for start in range(0, len(numbers), 1 << 18):
        assert numbers[start] == start
        part = numbers[start : start + (1 << 18)]
        assert part[-1] == start + len(part) - 1
        most = max(most, resident_file_pages() - before)
    assert most < 0.2 * SIZE
