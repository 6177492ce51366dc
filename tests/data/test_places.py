"""Where symbols stand in the text that they were made of."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.core.errors import InputError
from elman.data.places import places
from elman.data.segment import segment


def cut(text, symbols, **options):
    return [text[start:stop] for start, stop in places(text, symbols, **options)]


def test_symbols_are_found_as_they_are_written():
    text = "The ＣＡＴ's  café, 我爱"
    assert cut(text, segment(text)) == ["The", "ＣＡＴ's", "café", ",", "我", "爱"]
    assert cut("a  (b)", ["a", "(b)"], normalized=False) == ["a", "(b)"]


def test_a_letter_and_its_mark_are_one_and_symbols_share_a_character_that_is_several():
    text = "cafe\u0301 ok…½"
    assert segment(text)[:5] == ["café", "ok", ".", ".", "."]
    assert cut(text, segment(text))[:5] == ["cafe\u0301", "ok", "…", "…", "…"]
    assert set(cut(text, segment(text))[5:]) == {"½"}


@given(st.text(), st.sampled_from(["word", "character"]))
def test_any_symbols_of_any_text_are_found_in_their_order(text, segments):
    symbols = [symbol for symbol in segment(text, segments) if symbol.strip()]
    found = places(text, symbols)
    assert len(found) == len(symbols)
    for symbol, (start, stop) in zip(symbols, found, strict=True):
        assert symbol in unicodedata.normalize("NFKC", text[start:stop])
    assert found == sorted(found)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1)))
def test_what_blanks_part_is_cut_out_as_it_is(words):
    text = "  ".join(words)
    symbols = segment(text, "blank")
    assert cut(text, symbols, normalized=False) == symbols


def test_what_is_not_there_is_named():
    with pytest.raises(InputError, match="'c' is not in the text behind its character 1"):
        places("abc"[:2], ["a", "c"])


def test_chinese_words_are_found():
    text = "我来到 北京清华大学"
    words = segment(text, "jieba")
    assert len(words) < len(text)
    assert cut(text, words) == words
