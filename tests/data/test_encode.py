"""Texts as numbers in a file: what is read back is the text, however it is cut."""

import io
import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.core.errors import InputError
from elman.data import encode as module
from elman.data.encode import encode

CHARACTERS = st.characters(exclude_categories=["Cs"])


def cut(text, places):
    edges = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[start:stop] for start, stop in pairwise(edges)]


def symbols_of(texts, level):
    file = io.BytesIO()
    encoded = encode(texts, level, file)
    numbers = np.frombuffer(file.getvalue(), encoded.dtype)
    assert len(numbers) == encoded.length
    assert encoded.counts.tolist() == np.bincount(numbers, minlength=len(encoded.symbols)).tolist()
    return [encoded.symbols[number] for number in numbers], encoded


@settings(deadline=None)
@given(st.text(CHARACTERS, min_size=1), st.lists(st.integers(0, 1000), max_size=5))
def test_characters_come_back(text, places):
    symbols, encoded = symbols_of(cut(text, places), "character")
    assert "".join(symbols) == text
    others = sum(not character.isascii() for character in set(text))
    assert encoded.dtype == (np.uint8 if others <= 128 else np.uint16)


@settings(deadline=None)
@given(st.text(st.sampled_from("ab水 \n\t\u3000"), min_size=1), st.lists(st.integers(0, 1000), max_size=5))
def test_words_are_what_blanks_separate_and_each_line_has_an_end(text, places):
    symbols, _ = symbols_of(cut(text, places), "word")
    lines = text.removesuffix("\n").split("\n")
    assert symbols == [symbol for line in lines for symbol in (*line.split(), "<eos>")]


@pytest.mark.parametrize("piece", [1, 2, 5])
def test_pieces_of_any_size_give_the_same(monkeypatch, piece):
    text = "to be, or not to be: é水 that\nis the question\n" * 3
    expected = [symbols_of([text], level)[0] for level in ("character", "word")]
    monkeypatch.setattr(module, "_PIECE", piece)
    assert [symbols_of([text], level)[0] for level in ("character", "word")] == expected


def test_numbers_grow_where_a_byte_and_where_two_are_too_few(monkeypatch):
    monkeypatch.setattr(module, "_BLOCK", 7)
    words = [f"w{i}" for i in range(70_000)]
    texts = [" ".join(words[start : start + 50]) + "\n" for start in range(0, len(words), 50)]
    symbols, encoded = symbols_of(texts[:2], "word")
    assert encoded.dtype == np.uint8
    assert symbols_of(texts[:20], "word")[1].dtype == np.uint16
    monkeypatch.setattr(module, "_BLOCK", 1 << 12)
    symbols, encoded = symbols_of(texts, "word")
    assert encoded.dtype == np.uint32
    assert [symbol for symbol in symbols if symbol != "<eos>"] == words


def test_a_text_without_blanks_has_no_words():
    with pytest.raises(InputError, match="a text of words has blanks between them"):
        symbols_of(["x" * 700_000, "x" * 700_000], "word")


@pytest.mark.parametrize("character", ["e", "é", "水"])
def test_thirty_megabytes_of_characters_a_second(character):
    text = f"to b{character}, or not to b{character}: that is th{character} question\n" * 200_000
    megabytes = len(text.encode()) / 1e6
    start = time.process_time()
    encode([text], "character", io.BytesIO())
    assert megabytes / (time.process_time() - start) > 30
