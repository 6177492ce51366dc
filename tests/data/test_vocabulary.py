"""Vocabularies: numbers for characters, and back."""

import json
import time
import warnings

import pytest
from hypothesis import given, settings
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


@settings(deadline=None)
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


PLAY = "the cat sat\n\nthe dog and the <unk> sat\n"


def test_words_are_numbered_from_the_most_frequent_on():
    vocabulary = Vocabulary.of(PLAY, "word")
    assert vocabulary.words == ("<unk>", "<eos>", "the", "sat", "cat", "dog", "and")
    assert vocabulary.encode(PLAY).tolist() == [2, 4, 3, 1, 1, 2, 5, 6, 2, 0, 3, 1]
    assert vocabulary.encode("a cat").tolist() == [0, 4]


def test_a_vocabulary_of_words_has_a_size_and_a_least_count():
    assert Vocabulary.of(PLAY, "word", size=4).words == ("<unk>", "<eos>", "the", "sat")
    assert Vocabulary.of(PLAY, "word", min_count=3).words == ("<unk>", "<eos>", "the")
    with pytest.raises(InputError, match="no word of the text occurs 4 times"):
        Vocabulary.of(PLAY, "word", min_count=4)


def test_characters_have_a_size_too():
    assert Vocabulary.of("aabbbc", size=4).characters == "ab"


def test_words_are_written_with_blanks_and_lines():
    vocabulary = Vocabulary.of(PLAY, "word")
    assert vocabulary.decode(vocabulary.encode(PLAY)) == PLAY
    assert list(vocabulary.spell([4, 3, EOS, 2], before=2)) == [" cat", " sat", "\n", "the"]


def test_the_unknown_word_of_a_text_is_no_news():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Vocabulary.of(PLAY, "word").encode_with_warning("the <unk>\n")
    with pytest.warns(UnknownSymbolWarning, match="'bird' 'sang'$"):
        Vocabulary.of(PLAY, "word").encode_with_warning("the bird sang")


def test_words_survive_json():
    vocabulary = Vocabulary.of(PLAY + 'say "水"\n', "word")
    assert Vocabulary.from_dict(json.loads(json.dumps(vocabulary.to_dict()))) == vocabulary


@pytest.mark.parametrize(
    "words", [None, "the cat", [], ["a", "a"], ["a b"], [""], ["<unk>"], [3], ["\ud800"], ["a"] * 1_000_001]
)
def test_records_of_words_that_it_never_wrote_are_refused(words):
    with pytest.raises(InputError, match="vocabulary"):
        Vocabulary.from_dict({"kind": "word", "words": words})


def test_a_record_of_another_kind_is_refused():
    with pytest.raises(InputError, match="character, word, subword, not 'syllable'"):
        Vocabulary.from_dict({"kind": "syllable"})


def test_a_record_from_before_there_were_words_is_one_of_characters():
    assert Vocabulary.from_dict({"characters": "abc"}) == Vocabulary.of("cab")
