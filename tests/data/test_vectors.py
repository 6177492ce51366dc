"""Files of word vectors, against gensim and files written by hand."""

import gzip
import struct

import numpy as np
import pytest
from gensim.models import KeyedVectors
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.core.errors import InputError
from elman.data.vectors import Vectors, read_vectors, write_vectors

WORDS = ("king", "Königin", "男人", "女人", "co-op", "3")
GLOVE = "the 0.5 -1 2e-3\n猫 1 2 3\n. . . 7 8 9\n"


@pytest.fixture
def vectors():
    return Vectors(WORDS, np.random.default_rng(0).standard_normal((len(WORDS), 5)).astype(np.float32))


def written(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("binary", [False, True])
def test_gensim_reads_what_is_written(vectors, tmp_path, binary):
    write_vectors(tmp_path / "v", vectors, binary)
    read = KeyedVectors.load_word2vec_format(str(tmp_path / "v"), binary=binary)
    assert tuple(read.index_to_key) == WORDS
    np.testing.assert_array_equal(read.vectors, vectors.matrix)


@pytest.mark.parametrize("binary", [False, True])
def test_what_gensim_writes_is_read(vectors, tmp_path, binary):
    theirs = KeyedVectors(vectors.size)
    theirs.add_vectors(list(WORDS), vectors.matrix)
    theirs.save_word2vec_format(str(tmp_path / "v"), binary=binary)
    read = read_vectors(tmp_path / "v")
    assert read.words == WORDS
    np.testing.assert_array_equal(read.matrix, vectors.matrix)
    assert read_vectors(tmp_path / "v", {"男人", "nobody"}).words == ("男人",)


def test_numbers_like_line_breaks_do_not_make_a_binary_file_text(tmp_path):
    # the first number's first byte is a line break, as is the byte before the second word
    record = [b"a " + bytes([10, 0x41, 0x41, 0x41]), b"\nb " + bytes([0x42, 0x42, 0x42, 10])]
    read = read_vectors(written(tmp_path / "v", b"2 1\n" + b"".join(record)))
    assert read.words == ("a", "b")
    assert read.matrix.ravel().tolist() == [struct.unpack("<f", part[-4:])[0] for part in record]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=6, max_size=6))
def test_every_number_is_read_back_as_it_was(tmp_path_factory, numbers):
    given = Vectors(("a", "b"), np.array(numbers, np.float32).reshape(2, 3))
    for binary in (False, True):
        path = tmp_path_factory.getbasetemp() / "every"
        write_vectors(path, given, binary)
        np.testing.assert_array_equal(read_vectors(path).matrix, given.matrix)


def test_glove_has_no_header_and_words_with_blanks(tmp_path):
    read = read_vectors(written(tmp_path / "glove.txt", GLOVE))
    assert read.words == ("the", "猫", ". . .")
    np.testing.assert_array_equal(read.matrix, np.array([[0.5, -1, 0.002], [1, 2, 3], [7, 8, 9]], np.float32))


def test_fasttext_compressed_with_blanks_at_the_ends_of_lines_and_a_mark(tmp_path):
    text = "\ufeff2 3\r\nthe 0.5 -1 2 \r\n猫 1 2 3 \r\n\r\n"
    path = written(tmp_path / "cc.vec.gz", gzip.compress(text.encode()))
    read = read_vectors(path, ["猫"])
    assert (read.words, read.matrix.tolist()) == (("猫",), [[1, 2, 3]])
    assert len(read_vectors(path)) == 2


def test_of_a_word_that_is_there_twice_the_first_vector_is_taken(tmp_path):
    read = read_vectors(written(tmp_path / "v", "3 1\na 1\nb 2\na 3\n"))
    assert (read.words, read.matrix.ravel().tolist()) == (("a", "b"), [1, 2])


def test_nothing_wanted_is_no_row(tmp_path):
    read = read_vectors(written(tmp_path / "v", GLOVE), ["nobody"])
    assert read.matrix.shape == (0, 3)


def test_a_long_vector_is_read_whatever_the_blocks(tmp_path):
    wide = Vectors(("a", "b"), np.random.default_rng(0).standard_normal((2, 9000)).astype(np.float32))
    for binary in (False, True):
        write_vectors(tmp_path / "v", wide, binary)
        np.testing.assert_array_equal(read_vectors(tmp_path / "v").matrix, wide.matrix)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("2 3\nthe 1 2 3\ncat 1 2\n", "line 3: 'cat' has 2 numbers and must have 3"),
        ("the 1 2 3\ncat 1 2 3 4\n", "line 2: 'cat' has 4 numbers and must have 3"),
        ("2 3\nthe 1 2\ncat 1 2\n", "line 2: 'the' has 2 numbers and must have 3"),
        ("the 1 2 3\n\ncat 1 2 3\n", "line 2: is blank"),
        ("the 1 2 3\ncat 1 two 3\n", "line 2: 'two' is not a number"),
        ("2 3\nthe 1 x 3\ncat 1 2 3\n", "line 2: 'x' is not a number"),
        ("the 1 2 3\ncat 1 nan 3\n", "line 2: the vector of 'cat' holds nan"),
        ("the 1 2 3\ncat 1 1e39 3\n", "line 2: the vector of 'cat' holds inf"),
        (b"the 1 2\n" + "Köln 1 2\n".encode("latin-1"), "line 2: the word 'K�ln' is not UTF-8"),
        ("3 2\nthe 1 2\ncat 1 2\n", "holds 2 words and declares 3"),
        ("1 2\nthe 1 2\ncat 1 2\n", "holds 2 words and declares 1"),
        ("0 2\n", "line 1: declares 0 words"),
        ("hello\n", "line 1: 'hello' is neither a word and its numbers nor V D"),
        ("", "the file is empty"),
        ("\n", "the file is empty"),
        (b"2 2\na " + bytes(8) + b"\nb " + bytes(7), "ends in word 2 of the 2"),
        (b"1 2\na " + bytes(8) + b"\nb " + bytes(8), "goes on after the 1 words"),
        (b"1 2\n\xff\xfe " + bytes(8), "word 1: the word '��' is not UTF-8"),
        (b"1 1\n " + bytes(4), "word 1: the word is empty"),
        (b"1 1\na " + struct.pack("<f", float("nan")), "word 1: the vector of 'a' holds nan"),
        (b"1 1\n" + bytes(1 << 17), "word 1: no blank"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_is_wrong_is_said_with_its_place(tmp_path, content, said):
    path = written(tmp_path / "v", content)
    with pytest.raises(InputError) as error:
        read_vectors(path)
    assert said in str(error.value)
    assert str(error.value).startswith(str(path))


def test_a_word_with_a_blank_is_not_written(tmp_path):
    with pytest.raises(InputError, match="'New York' cannot be"):
        write_vectors(tmp_path / "v", Vectors(("New York",), np.zeros((1, 2), np.float32)))
    assert not list(tmp_path.iterdir())


def test_as_many_vectors_as_words():
    with pytest.raises(InputError, match="2 words need a vector each"):
        Vectors(("a", "b"), np.zeros((1, 2), np.float32))


def test_numbers_that_are_letters_are_numbers(tmp_path):
    path = written(tmp_path / "v", b"2 3\na *3Z *3Z *3Z*\nb " + bytes(12))
    expected = [*struct.unpack("<3f", b"*3Z *3Z *3Z*"), 0, 0, 0]
    assert read_vectors(path).matrix.ravel().tolist() == expected
