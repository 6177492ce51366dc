"""Pairs of texts: tables, parallel files, and what is wrong with them."""

import gzip

import pytest

from elman.core.errors import InputError
from elman.data.pairs import Pair, beside, read_pairs


def write(path, text):
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_table_gives_its_first_two_columns(tmp_path):
    path = write(tmp_path / "t.tsv", "\ufeffHi.\t嗨。\tCC-BY\r\n\r\n Run. \t 跑！\n")
    assert read_pairs(path) == [Pair("Hi.", "嗨。", 1), Pair("Run.", "跑！", 3)]


def test_two_files_are_read_side_by_side_compressed_or_not(tmp_path):
    source = tmp_path / "t.en.gz"
    source.write_bytes(gzip.compress(b"one\n\nthree\n"))
    target = write(tmp_path / "t.de", "eins\n\ndrei")
    assert read_pairs(source, target) == [Pair("one", "eins", 1), Pair("three", "drei", 3)]


@pytest.mark.parametrize(("sources", "targets"), [(3, 5), (5, 3), (1, 2)])
def test_unequal_numbers_of_lines_are_refused_with_both(tmp_path, sources, targets):
    source, target = (write(tmp_path / name, "a\n" * n) for name, n in (("s", sources), ("t", targets)))
    with pytest.raises(InputError, match=f"has {sources} lines and .*t {targets}: line n"):
        read_pairs(source, target)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\tb\nno tab here\n", "line 2: no tab in 'no tab here'"),
        ("a\tb\n\tc\n", "line 2: the source is empty, beside 'c'"),
        ("a\t \n", "line 1: the target is empty, beside 'a'"),
        ("\n \t \n", "all lines are blank"),
        (b"a\tb\nc\t\xe9\n", "byte 0xe9 at offset 6 is not UTF-8"),
    ],
)
def test_lines_that_are_no_pair_are_refused(tmp_path, text, said):
    with pytest.raises(InputError, match=said):
        read_pairs(write(tmp_path / "t.tsv", text))


def test_the_file_beside_another_has_the_other_ending(tmp_path):
    there = write(tmp_path / "test.v2.de.gz", "")
    for name in ("test.v2.en", "test.v2.en.gz", "test.v2.en.zst"):
        assert beside(tmp_path / name, tmp_path / "train.de.zst") == there
    with pytest.raises(InputError, match=r"looked for other\.de, other\.de\.gz, other\.de\.zst"):
        beside(tmp_path / "other.en", tmp_path / "train.de")
