"""Reading files: every way in which a file can be wrong is refused, with the place."""

import hashlib

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from elman.core.errors import InputError
from elman.data import source
from elman.data.text import fingerprint, read_lines, read_text

PARTS = [
    b"a",
    b"\r",
    b"\n",
    b"\r\n",
    "é".encode(),
    "水".encode(),
    "🙂".encode(),
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xe6\xb0",
]


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


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PARTS), min_size=1).map(b"".join), st.integers(1, 9))
@example(b"\xef\xbb\xbfa\r\n\r\nb", 5)
def test_where_blocks_begin_and_end_makes_no_difference(tmp_path, content, size):
    path = written(tmp_path, content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "BLOCK", size)
        try:
            expected = content.decode().removeprefix("\ufeff").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            with pytest.raises(
                InputError, match=rf"byte 0x{content[error.start]:02x} at offset {error.start} "
            ):
                read_text(path)
        else:
            if expected:
                assert read_text(path) == expected
            else:
                with pytest.raises(InputError, match="byte order mark and no text"):
                    read_text(path)


def test_lines_are_stripped_and_blank_ones_left_out(tmp_path):
    content = b" Ammosaurus \n\n\t\nBagaceratops\r\nform\x0cfeed"
    assert read_lines(written(tmp_path, content)) == ["Ammosaurus", "Bagaceratops", "form\x0cfeed"]


def test_blank_lines_alone(tmp_path):
    with pytest.raises(InputError, match="all lines are blank"):
        read_lines(written(tmp_path, b"\n \n\t\n"))


def test_fingerprint_is_the_sha256_of_the_bytes(tmp_path):
    assert fingerprint(written(tmp_path, b"\xffabc")) == hashlib.sha256(b"\xffabc").hexdigest()
