"""Tagged sentences of columns and of parallel files."""

import gzip

import pytest

from elman.core.errors import InputError
from elman.data.conll import read_sentences
from elman.data.text import fingerprint


def write(folder, text, name="data.conll"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def pairs(sentences):
    return [list(zip(sentence.tokens, sentence.tags, strict=True)) for sentence in sentences]


def test_two_columns_by_tabs_are_tokens_and_tags_also_those_that_begin_with_the_sign_of_a_comment(tmp_path):
    path = write(tmp_path, "# a comment\n#fun\tO\nNew York\tB-city\n\n\n \n我\tO\n")
    found = read_sentences(path)
    assert pairs(found) == [[("#fun", "O"), ("New York", "B-city")], [("我", "O")]]
    assert [sentence.lines for sentence in found] == [(2, 3), (7,)]
    assert found[0].label is None


def test_columns_by_blanks_are_chosen_by_number_from_either_end(tmp_path):
    path = write(tmp_path, "-DOCSTART- -X- -X- O\n\nU.N. NNP I-NP I-ORG\nofficial  NN  I-NP  O\n")
    assert pairs(read_sentences(path)) == [[("U.N.", "I-ORG"), ("official", "O")]]
    assert pairs(read_sentences(path, 1, -3)) == [[("U.N.", "NNP"), ("official", "NN")]]


def test_conllu_is_words_and_their_parts_of_speech_without_ranges_and_empty_nodes(tmp_path):
    rows = ["1-2\tdon't", "1\tdo\tdo\tAUX", "2\tn't\tnot\tPART", "2.1\tsay\tsay\tVERB"]
    text = "# text = don't (a\ttab)\n" + "".join(row + "\t_" * (9 - row.count("\t")) + "\n" for row in rows)
    path = tmp_path / "a.conllu.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()))
    assert pairs(read_sentences(path)) == [[("do", "AUX"), ("n't", "PART")]]
    assert pairs(read_sentences(path, 2, 3)) == [[("do", "do"), ("n't", "not")]]


def test_parallel_files_are_sentences_with_a_label(tmp_path):
    write(tmp_path, "fly to  rome \nhello\n", "seq.in")
    write(tmp_path, "O O B-city \nO\n", "seq.out")
    assert [sentence.label for sentence in read_sentences(tmp_path)] == [None, None]
    before = fingerprint(tmp_path)
    write(tmp_path, "Flight\nGreeting\n", "label")
    found = read_sentences(tmp_path)
    assert pairs(found) == [[("fly", "O"), ("to", "O"), ("rome", "B-city")], [("hello", "O")]]
    assert [sentence.label for sentence in found] == ["Flight", "Greeting"]
    assert fingerprint(tmp_path) != before


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("a\tO\nb\tO\tX\n", {}, "line 2: 3 columns where the first line has 2: 'b"),
        ("a O\n\nb\n", {}, "line 3: 1 columns where the first line has 2"),
        ("a\tO\nb\t\n", {}, "line 2: an empty token or tag"),
        ("a\tO\n", {"token_column": 3}, "token_column is 3, and its lines have 2 columns"),
        ("a\tO\n", {"tag_column": -3}, "tag_column is -3, and its lines have 2 columns"),
        ("\n \n", {}, "holds no token"),
        ("", {}, "is empty"),
        ("a\tO\n" + 1_000_000 * "b", {}, "line 2: 1 columns"),
    ],
)
def test_bad_columns_are_refused_with_the_line(tmp_path, text, options, message):
    with pytest.raises(InputError, match=message) as error:
        read_sentences(write(tmp_path, text), **options)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("tokens", "tags", "label", "message"),
    [
        ("a b\nc\n", "O O\n", "x\ny\n", "not seq.in 2, seq.out 1, label 2"),
        ("a b\n", "O O\n", "x\ny\n", "not seq.in 1, seq.out 1, label 2"),
        ("a\nb c\n", "O\nO\n", "x\ny\n", "line 2: 2 tokens in seq.in and 1 tags in seq.out: no tag for 'c'"),
        ("a\n\nb\n", "O\n\nO\n", "x\ny\nz\n", "line 2: is empty"),
        ("a\nb\n", "O\nO\n", "x\n\n", "label, line 2: is empty"),
        ("a\n", None, "x\n", "seq.out: no such file"),
    ],
)
def test_parallel_files_that_do_not_fit_are_refused(tmp_path, tokens, tags, label, message):
    for name, text in (("seq.in", tokens), ("seq.out", tags), ("label", label)):
        if text is not None:
            write(tmp_path, text, name)
    with pytest.raises(InputError, match=message):
        read_sentences(tmp_path)
