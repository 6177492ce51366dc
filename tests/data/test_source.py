"""Where text comes from: files, compressed or not, folders, standard input; each error names the file."""

import gzip
import hashlib
import io
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
import zstandard

from elman.core.errors import InputError
from elman.data import source
from elman.data.source import STANDARD_INPUT, Source, blocks, located
from elman.data.text import fingerprint, read_text

TEXT = "水灵灵\nÉlan\n" * 1000
PACK = {
    "": bytes,
    ".gz": gzip.compress,
    ".zst": zstandard.compress,
}


def write(path, text=TEXT):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(PACK.get(path.suffix, bytes)(text.encode()))
    return path


@pytest.mark.parametrize("suffix", PACK)
def test_a_file_is_decompressed_as_its_name_says(tmp_path, suffix):
    path = write(tmp_path / f"text.txt{suffix}")
    assert read_text(path) == TEXT
    assert fingerprint(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert Source.of(path).is_compressed == bool(suffix)


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_several_compressed_parts_in_one_file_are_read_one_after_another(tmp_path, suffix):
    path = tmp_path / f"text{suffix}"
    path.write_bytes(PACK[suffix](b"one\n") + PACK[suffix](b"two\n"))
    assert read_text(path) == "one\ntwo\n"


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("harm", ["cut", "other"])
def test_damaged_files_are_refused(tmp_path, suffix, harm):
    path = write(tmp_path / f"text{suffix}", os.urandom(5000).hex())
    path.write_bytes(path.read_bytes()[:-20] if harm == "cut" else b"plain text")
    with pytest.raises(InputError, match=rf"text{suffix}: damaged, or not compressed as its name says"):
        read_text(path)


def test_a_folder_is_its_text_files_by_name(tmp_path):
    write(tmp_path / "b.txt.gz", "third\n")
    write(tmp_path / "a.txt", "second, without a line break")
    write(tmp_path / "B.txt.zst", "first\n")
    write(tmp_path / "c" / "d.txt", "\ufefffourth\n")
    write(tmp_path / "c" / "notes.md", "no text")
    write(tmp_path / ".git" / "hidden.txt", "no text")
    write(tmp_path / "empty.txt", "")
    assert read_text(tmp_path) == "first\nsecond, without a line break\nthird\nfourth\n"


def test_errors_name_the_file_in_the_folder(tmp_path):
    write(tmp_path / "a.txt")
    (tmp_path / "b.txt").write_bytes(b"ab\xff")
    with pytest.raises(InputError, match=r"b\.txt: byte 0xff at offset 2"):
        read_text(tmp_path)


def test_a_folder_without_text(tmp_path):
    write(tmp_path / "notes.md")
    with pytest.raises(
        InputError, match=r"is a folder without text; give a file, or a folder of \*\.txt files"
    ):
        Source.of(tmp_path)


def test_the_fingerprint_of_a_folder_changes_with_names_and_content(tmp_path):
    seen = {fingerprint(write(tmp_path / "a.txt", "one").parent)}
    seen.add(fingerprint(write(tmp_path / "a.txt", "two").parent))
    seen.add(fingerprint((tmp_path / "a.txt").rename(tmp_path / "b.txt").parent))
    seen.add(fingerprint(write(tmp_path / "c.txt", "one").parent))
    assert len(seen) == 4
    write(tmp_path / "notes.md")
    assert fingerprint(tmp_path) in seen


def test_the_bytes_read_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(source, "BLOCK", 1000)
    path = write(tmp_path / "text.txt")
    told = []
    assert b"".join(blocks(path, told.append)) == TEXT.encode()
    assert told == [*range(1000, path.stat().st_size, 1000), path.stat().st_size]


def test_a_path_means_the_same_in_every_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert located("a.txt") == tmp_path / "a.txt"
    assert located("-") == STANDARD_INPUT


@pytest.fixture
def standard_input(monkeypatch):
    def given(content, terminal=False):
        stream = SimpleNamespace(buffer=io.BytesIO(content), isatty=lambda: terminal)
        monkeypatch.setattr(sys, "stdin", stream)

    source._spooled.cache_clear()
    yield given
    source._spooled.cache_clear()


def test_standard_input_is_read_as_often_as_needed(standard_input):
    standard_input(TEXT.encode())
    assert [read_text("-"), read_text("-")] == [TEXT, TEXT]
    assert fingerprint("-") == hashlib.sha256(TEXT.encode()).hexdigest()
    assert Source.of("-").sizes() == (len(TEXT.encode()),)


@pytest.mark.parametrize(("content", "terminal"), [(b"", False), (b"text", True)])
def test_standard_input_that_holds_nothing_is_refused(standard_input, content, terminal):
    standard_input(content, terminal)
    with pytest.raises(InputError, match=r"^-: standard input is .*goes on when it gets the same text again"):
        read_text(STANDARD_INPUT)


def test_errors_in_standard_input_have_a_place_too(standard_input):
    standard_input(b"abc\xff")
    with pytest.raises(InputError, match=r"^-: byte 0xff at offset 3"):
        read_text("-")


def test_a_pipe():
    script = "from elman.data.text import read_text; print(len(read_text('-')), len(read_text('-')))"
    done = subprocess.run([sys.executable, "-c", script], input=TEXT.encode() * 50, capture_output=True)
    assert done.stdout.split() == [str(50 * len(TEXT)).encode()] * 2


def test_tables_and_yaml_are_read_of_a_folder_without_other_text(tmp_path):
    for name in ("b.yml", "a.tsv.gz", "c.png"):
        (tmp_path / name).write_text("x")
    assert [file.name for file in Source.of(tmp_path).files] == ["a.tsv.gz", "b.yml"]
    (tmp_path / "d.txt").write_text("x")
    assert [file.name for file in Source.of(tmp_path).files] == ["d.txt"]
