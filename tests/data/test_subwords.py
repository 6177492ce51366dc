"""Byte-pair encoding: texts to pieces, pieces to subwords, and back."""

import itertools
import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.core.errors import InputError
from elman.data.source import Source
from elman.data.subwords import BytePairs, learn, pieces, pieces_of
from elman.data.symbols import Symbols
from elman.data.tokens import read_tokens
from elman.data.vocabulary import EOS, UNKNOWN, Vocabulary

TEXT = "low lower lowest\nnew newer newest, 我爱中国。\n" * 20
MIXED = st.text(st.sampled_from("ab _1,.\n\t\u3000é我爱한\U0001f600"), max_size=200)


@settings(deadline=None)
@given(MIXED, st.lists(st.integers(0, 200)))
def test_pieces_are_the_text_wherever_it_is_cut(text, cuts):
    assert "".join(pieces(text)) == text
    places = [0, *sorted(cuts), len(text)]
    parts = [text[a:b] for a, b in itertools.pairwise(places)]
    assert [piece for some in pieces_of(parts) for piece in some] == pieces(text)


def test_a_piece_is_a_word_with_the_blank_before_it():
    assert pieces("The cat,\n    it  sat 3 m. 我爱 he") == [
        *("The", " cat", ",", "\n", "   ", " it", " ", " sat", " 3", " m", "."),
        *(" ", "我", "爱", " he"),
    ]


def test_no_piece_is_long():
    text = "x" * 1_000_000 + "!" * 1_000_000 + " " * 1_000_000
    assert max(map(len, pieces(text))) == 65 - 1
    assert "".join(pieces(text)) == text


def counts_of_pairs(words):
    pairs = Counter()
    for word, count in words.items():
        for pair in itertools.pairwise(word):
            pairs[pair] += count
    return pairs


def _merged(word, pair):
    merged, i = [], 0
    while i < len(word):
        step = 2 if word[i : i + 2] == pair else 1
        merged.append("".join(word[i : i + step]))
        i += step
    return tuple(merged)


def test_each_merge_is_of_the_most_frequent_pair_that_the_merges_before_it_left():
    """Sennrich et al. (2016), algorithm 1, by hand; pairs of one frequency may come in any order."""
    counts = {"low": 31, "lowest": 7, "newer": 17, "wider": 11, "newest": 13, "slow": 5}
    merges = learn(counts, 256 + 12).merges
    words = {tuple(word): count for word, count in counts.items()}
    for merge in merges:
        pairs = counts_of_pairs(words)
        assert pairs[merge] == max(pairs.values())
        words = {_merged(word, merge): count for word, count in words.items()}
    assert len(merges) == 12


def test_a_piece_is_encoded_by_merges_in_their_order():
    subwords = BytePairs([("a", "b"), ("b", "c"), ("ab", "c")])
    (spelled,) = subwords.spellings(["abcbc"])
    assert [subwords.subwords[i] for i in spelled] == [b"abc", b"bc"]


@settings(deadline=None)
@given(MIXED)
def test_decode_undoes_encode_whatever_the_text(text):
    vocabulary = Vocabulary.of(TEXT, "subword", 300)
    ids = vocabulary.encode(text)
    assert vocabulary.decode(ids.tolist()) == text
    assert not np.isin(ids, [UNKNOWN, EOS]).any()


def test_frequent_words_are_one_symbol_and_the_size_is_kept():
    vocabulary = Vocabulary.of(TEXT, "subword", 280)
    assert len(vocabulary) == 280
    assert len(vocabulary.encode("lower newest")) < len("lower newest") / 2
    assert vocabulary.describe() == "278 subwords"


def test_each_character_is_spelled_with_its_last_byte():
    vocabulary = Vocabulary.of("abab", "subword")
    assert list(vocabulary.spell(vocabulary.encode("水a").tolist())) == ["", "", "水", "a"]
    assert vocabulary.decode(vocabulary.encode("水").tolist()[:2]) == "\ufffd"


def test_lone_surrogates_are_read_as_the_replacement_character():
    vocabulary = Vocabulary.of("abab", "subword")
    assert "\ufffd" in vocabulary.decode(vocabulary.encode_with_warning("a\udce9").tolist())


def test_counts_decide_and_their_order_does_not():
    counts = Counter(pieces(TEXT))
    again = dict(reversed(counts.items()))
    assert learn(counts, 300).merges == learn(again, 300).merges
    assert learn(counts, 300, min_count=21).merges != learn(counts, 300).merges


def test_it_survives_json():
    vocabulary = Vocabulary.of(TEXT, "subword", 300)
    assert Vocabulary.from_dict(json.loads(json.dumps(vocabulary.to_dict()))) == vocabulary
    assert vocabulary != Vocabulary.of(TEXT, "subword", 270)


DOUBLED = [["a" * 2**n, "a" * 2**n] for n in range(10)]


@pytest.mark.parametrize(
    "merges", [None, 3, "ab", ["ab"], [["a"]], [["a", 3]], [["a", "bc"]], [["é", "\u4e2d"]], DOUBLED]
)
def test_records_that_it_never_wrote_are_refused(merges):
    with pytest.raises(InputError, match=r"merge|subwords"):
        Vocabulary.from_dict({"kind": "subword", "merges": merges})


def test_a_size_that_leaves_no_room_for_bytes_is_refused():
    with pytest.raises(InputError, match="255 subwords are too few"):
        Vocabulary.of(TEXT, "subword", 257)
    assert len(Vocabulary.of(TEXT, "subword", 258)) == 258


def test_a_text_on_disk_has_the_symbols_that_it_has_in_memory(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    tokens = read_tokens(Source.of(path), "subword")
    vocabulary = Vocabulary.of(TEXT, "subword", 300)
    cut = len(tokens) // 3
    first, rest = Symbols(tokens, vocabulary, 0, cut), Symbols(tokens, vocabulary, cut)
    assert [*first[:], *rest[:]] == vocabulary.encode(TEXT).tolist()
    assert rest[np.array([0, 2])].tolist() == [rest[:][0], rest[:][2]]
    assert (first.characters, rest.characters) == (
        len(vocabulary.decode(first[:].tolist())),
        len(vocabulary.decode(rest[:].tolist())),
    )
    assert len(Symbols(tokens, vocabulary, cut, cut)) == 0


def test_characters_of_words_are_those_that_they_are_spelled_with(tmp_path):
    path = tmp_path / "text.txt"
    text = "the  cat sat\n\n on\tthe mat\n"
    path.write_text(text, encoding="utf-8")
    tokens = read_tokens(Source.of(path), "word")
    vocabulary = Vocabulary.of(text, "word")
    for cut in range(len(tokens) + 1):
        spelled = vocabulary.decode(Symbols(tokens, vocabulary, 0, cut)[:].tolist())
        assert tokens.characters(0, cut) == len(spelled)


def test_chinese_characters_stand_alone():
    assert pieces("我爱 中国 hello") == ["我", "爱", " ", "中", "国", " hello"]
