"""Reading files: every way in which a file can be wrong is refused, with the place."""

import hashlib

import pytest

from elman.core.errors import InputError
from elman.data.text import fingerprint, read_lines, read_text


def written(folder, content):
    path = folder / "file.txt"
    path.write_bytes(content)
    return path


def test_text_is_read_as_utf8(tmp_path):
    assert read_text(written(tmp_path, "水灵灵\nÉlan\n".encode())) == "水灵灵\nÉlan\n"


def test_byte_order_mark_and_windows_line_ends_are_no_part_of_the_text(tmp_path):
    assert read_text(written(tmp_path, b"\xef\xbb\xbfone\r\ntwo\r\n")) == "one\ntwo\n"


def test_no_such_file(tmp_path):
    with pytest.raises(InputError, match=r"missing\.txt: no such file"):
        read_text(tmp_path / "missing.txt")


def test_folder(tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        read_text(tmp_path)


def test_path_through_a_file(tmp_path):
    with pytest.raises(InputError, match="cannot be read: Not a directory"):
        read_text(written(tmp_path, b"text") / "below")


def test_empty_file(tmp_path):
    with pytest.raises(InputError, match="empty"):
        read_text(written(tmp_path, b""))


def test_byte_order_mark_alone(tmp_path):
    with pytest.raises(InputError, match="byte order mark and no text"):
        read_text(written(tmp_path, b"\xef\xbb\xbf"))


def test_binary_file_names_the_offset_of_the_zero_byte(tmp_path):
    with pytest.raises(InputError, match=r"byte 0x00 at offset 4.*binary"):
        read_text(written(tmp_path, b"\x89PNG\0\0"))


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"ab\xffcd", "byte 0xff at offset 2"),
        ("Élan".encode("latin-1"), "byte 0xc9 at offset 0"),
        ("abc水".encode()[:-1], "byte 0xe6 at offset 3"),
        (b"a\xed\xa0\x80", "byte 0xed at offset 1"),
    ],
)
def test_invalid_utf8_names_the_offset_of_the_byte(tmp_path, content, place):
    with pytest.raises(InputError, match=place):
        read_text(written(tmp_path, content))


def test_lines_are_stripped_and_blank_ones_left_out(tmp_path):
    content = b" Ammosaurus \n\n\t\nBagaceratops\r\nform\x0cfeed"
    assert read_lines(written(tmp_path, content)) == ["Ammosaurus", "Bagaceratops", "form\x0cfeed"]


def test_blank_lines_alone(tmp_path):
    with pytest.raises(InputError, match="all lines are blank"):
        read_lines(written(tmp_path, b"\n \n\t\n"))


def test_fingerprint_is_the_sha256_of_the_bytes(tmp_path):
    assert fingerprint(written(tmp_path, b"\xffabc")) == hashlib.sha256(b"\xffabc").hexdigest()
