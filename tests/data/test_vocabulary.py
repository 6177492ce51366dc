"""Vocabularies: numbers for characters, and back."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.core.errors import InputError
from elman.data.vocabulary import EOS, UNKNOWN, UnknownSymbolWarning, Vocabulary


def test_characters_are_numbered_by_code_point_after_the_special_symbols():
    vocabulary = Vocabulary.of("banana水")
    assert (UNKNOWN, EOS, len(vocabulary)) == (0, 1, 6)
    assert vocabulary.encode("abn水").tolist() == [2, 3, 4, 5]


def test_what_is_not_there_is_unknown():
    vocabulary = Vocabulary.of("ace")
    assert vocabulary.encode("abcdef\U0010ffff\0").tolist() == [2, 0, 3, 0, 4, 0, 0, 0]


def test_rare_characters_are_left_out_by_min_count():
    assert Vocabulary.of("aabbc", min_count=2).characters == "ab"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_decode_undoes_encode(text):
    vocabulary = Vocabulary.of(text)
    assert vocabulary.decode(vocabulary.encode(text)) == text


def test_unknown_decodes_to_the_replacement_character_and_eos_to_nothing():
    vocabulary = Vocabulary.of("ab")
    assert vocabulary.decode([EOS, 2, UNKNOWN, 3, EOS]) == "a\ufffdb"


def test_lone_surrogates_of_arguments_that_are_not_utf8_are_unknown():
    assert Vocabulary.of("ab").encode("a\udce9").tolist() == [2, UNKNOWN]


def test_more_characters_than_the_limit_are_refused():
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 20_001)))
    with pytest.raises(InputError, match=r"20,001 different characters and the limit is 20,000"):
        Vocabulary.of(text)
    assert len(Vocabulary.of(text[:-1])) == 20_002


def test_one_warning_names_the_unknown_characters():
    vocabulary = Vocabulary.of("abc")
    with pytest.warns(UnknownSymbolWarning) as caught:
        ids = vocabulary.encode_with_warning("ax\nxb水")
    assert ids.tolist() == [2, 0, 0, 0, 3, 0]
    assert [str(warning.message) for warning in caught] == [
        r"not in the model's vocabulary, read as <unk>: 'x' '\n' '水'"
    ]


def test_many_unknown_characters_are_counted_and_not_all_named():
    with pytest.warns(UnknownSymbolWarning, match="'j' and 5 more$"):
        Vocabulary.of("z").encode_with_warning("abcdefghijklmno")


def test_it_survives_json():
    vocabulary = Vocabulary.of('水 "quoted"\n')
    assert Vocabulary.from_dict(json.loads(json.dumps(vocabulary.to_dict()))) == vocabulary


@pytest.mark.parametrize(
    "characters", [None, 3, ["a"], "", "aa", "\ud800", "".join(map(chr, range(0x4E00, 0x9C21)))]
)
def test_records_that_it_never_wrote_are_refused(characters):
    with pytest.raises(InputError, match="vocabulary"):
        Vocabulary.from_dict({"characters": characters})


def test_a_megabyte_takes_well_under_a_tenth_of_a_second():
    text = "to be, or not to be: " * 50_000
    vocabulary = Vocabulary.of(text)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        vocabulary.encode(text)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.1
