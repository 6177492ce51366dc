"""Raw text to symbols."""

import builtins
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.core.errors import InputError
from elman.data import segment as module
from elman.data.segment import segment, stream


def test_words_and_punctuation_are_parted():
    text = "The writer's co-op paid 1,234.50 dollars (at last)!"
    assert segment(text) == [
        *["The", "writer's", "co-op", "paid", "1,234.50", "dollars", "(", "at", "last", ")", "!"]
    ]


def test_chinese_is_read_by_character_among_words():
    assert segment("我爱China的tea。") == ["我", "爱", "China", "的", "tea", "。"]


def test_full_width_forms_are_those_of_ascii():
    assert segment("ＡＢＣ　１２３！") == ["ABC", "123", "!"]
    assert segment("ＡＢ", "character", lower=True) == ["a", "b"]


def test_blanks_part_what_is_left_as_it_is():
    assert segment("(a)  ＡＢ\tc", "blank") == ["(a)", "ＡＢ", "c"]


def test_runs_of_blanks_are_one_character():
    assert segment("  a \t b ", "character") == ["a", " ", "b"]


def test_chinese_words_are_those_of_jieba():
    import jieba

    text = "我来到北京清华大学"
    assert segment(text, "jieba") == jieba.lcut(text)
    assert "北京" in segment(text, "jieba")


def test_jieba_is_asked_for_by_name_where_it_is_missing(monkeypatch):
    real = builtins.__import__

    def without(name, *more, **options):
        if name == "jieba":
            raise ImportError
        return real(name, *more, **options)

    module._jieba_module.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match="pip install 'elman\\[chinese\\]'"):
        segment("我", "jieba")


@given(st.text(), st.sampled_from(["word", "character", "blank"]), st.booleans())
def test_nothing_but_blanks_is_lost(text, segments, lower):
    found = segment(text, segments, lower)
    assert all(symbol == " " or symbol.strip() for symbol in found)
    if segments == "blank":
        assert found == (text.lower() if lower else text).split()


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"])))
def test_words_of_ascii_hold_all_that_is_not_blank(text):
    assert "".join(segment(text)) == "".join(text.split())


WITH_PLACES = {
    "word": [" ", "\n", "一", "龙"],
    "character": ["ab", "3,", "一龙"],
    "blank": [" ", "\t"],
    "jieba": [" ", "。", "、"],
}


@pytest.mark.parametrize("segments", WITH_PLACES)
def test_a_text_in_pieces_has_the_symbols_of_the_whole(segments, monkeypatch):
    monkeypatch.setattr(module, "_PIECE", 40)
    monkeypatch.setattr(module, "_SEARCHED", 30)
    draw = random.Random(0)
    others = [
        "a",
        "Σ",
        ".",
        "'",
        "，",
        "ー",
        "カ",
        "\u3099",
        "\u0308",
        "é",
        "ﬁ",
        "１",
        "\u00a0",
        "！",
        "각",
        "我爱中国",
    ]
    for _ in range(100):
        parts = [
            "".join(draw.choices(others, k=draw.randrange(5))) + draw.choice(WITH_PLACES[segments])
            for _ in range(draw.randrange(60))
        ]
        text = "".join(parts)
        for lower in (False, True):
            assert list(stream(text, segments, lower)) == segment(text, segments, lower)


def test_a_text_without_a_place_to_cut_is_cut_anywhere():
    text = "x" * 100_000
    assert [len(part) for part in stream(text, "blank")] == [32_768, 32_768, 32_768, 1_696]
