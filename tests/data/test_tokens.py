"""The cache of encoded texts: made once, private, whole or made again."""

import gzip
import os
import stat
import subprocess
import sys
import time

import numpy as np
import pytest

from elman.core.errors import InputError
from elman.data import tokens as module
from elman.data.source import Source
from elman.data.tokens import read_tokens
from elman.run.cache import cache_folder

LINE = "the quick brown fox é jumps over the lazy dog\n"
TEXT = LINE * 30_000


@pytest.fixture
def path(tmp_path, token_folder):
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def text_of(tokens):
    return "".join(np.array(tokens.symbols)[tokens.numbers[:]])


class Watched:
    """Counts how often a text is encoded."""

    def __init__(self, monkeypatch):
        self.times, self._encode = 0, module.encode
        monkeypatch.setattr(module, "encode", self)

    def __call__(self, *arguments):
        self.times += 1
        return self._encode(*arguments)


@pytest.fixture
def encoding(monkeypatch):
    return Watched(monkeypatch)


def test_a_text_is_encoded_once(path, token_folder, encoding):
    for _ in range(3):
        tokens = read_tokens(Source.of(path), "character")
        assert text_of(tokens) == TEXT
        assert dict(zip(tokens.symbols, tokens.counts.tolist(), strict=True))["é"] == 30_000
    assert encoding.times == 1
    (entry,) = token_folder.iterdir()
    assert stat.S_IMODE(token_folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600
    assert entry.stat().st_size < len(TEXT) + 10_000


def test_another_level_and_another_text_are_other_entries(path, token_folder, encoding):
    read_tokens(Source.of(path), "character")
    words = read_tokens(Source.of(path), "word")
    assert np.array(words.symbols)[words.numbers[:11]].tolist() == [*LINE.split(), "<eos>"]
    path.write_text(TEXT + "more\n", encoding="utf-8")
    assert text_of(read_tokens(Source.of(path), "character")).endswith("dog\nmore\n")
    assert encoding.times == len(list(token_folder.iterdir())) == 3


def test_a_text_that_moved_is_the_same_text(path, encoding):
    read_tokens(Source.of(path), "character")
    moved = path.rename(path.with_name("moved.txt"))
    assert text_of(read_tokens(Source.of(moved), "character")) == TEXT
    assert encoding.times == 1


@pytest.mark.parametrize("place", [0, 1000, -1, -33, -50])
def test_an_entry_with_a_wrong_byte_is_made_again(path, token_folder, encoding, place):
    read_tokens(Source.of(path), "character")
    (entry,) = token_folder.iterdir()
    content = bytearray(entry.read_bytes())
    content[place] ^= 1
    entry.write_bytes(content)
    assert text_of(read_tokens(Source.of(path), "character")) == TEXT
    assert text_of(read_tokens(Source.of(path), "character")) == TEXT
    assert encoding.times == 2


@pytest.mark.parametrize("size", [0, 10, 39, 100_000])
def test_an_entry_cut_short_is_made_again(path, token_folder, encoding, size):
    read_tokens(Source.of(path), "character")
    (entry,) = token_folder.iterdir()
    os.truncate(entry, size)
    assert text_of(read_tokens(Source.of(path), "character")) == TEXT
    assert encoding.times == 2


def test_an_entry_under_another_name_is_not_taken_for_it(path, token_folder, encoding):
    read_tokens(Source.of(path), "character")
    read_tokens(Source.of(path), "word")
    one, other = token_folder.iterdir()
    one.replace(other)
    assert text_of(read_tokens(Source.of(path), "character")) == TEXT
    assert len(read_tokens(Source.of(path), "word")) == 11 * 30_000
    assert encoding.times == 4


def test_a_small_text_needs_no_cache(path, token_folder):
    path.write_text(LINE, encoding="utf-8")
    assert text_of(read_tokens(Source.of(path), "character")) == LINE
    assert not token_folder.exists()


def test_a_compressed_text_is_kept_however_small_it_is(path, token_folder):
    path = path.with_suffix(".txt.gz")
    path.write_bytes(gzip.compress(TEXT.encode()))
    assert text_of(read_tokens(Source.of(path), "character")) == TEXT
    assert len(list(token_folder.iterdir())) == 1


def test_where_no_folder_is_private_a_text_is_encoded_each_time(path, token_folder, encoding):
    token_folder.mkdir(parents=True)
    token_folder.chmod(0o777)
    cache_folder.cache_clear()
    for _ in range(2):
        assert text_of(read_tokens(Source.of(path), "character")) == TEXT
    assert encoding.times == 2
    assert not list(token_folder.iterdir())


def test_a_text_that_is_refused_leaves_nothing_behind(path, token_folder):
    path.write_bytes(TEXT.encode() + b"\xff")
    with pytest.raises(InputError, match=rf"byte 0xff at offset {len(TEXT.encode())}"):
        read_tokens(Source.of(path), "character")
    assert not list(token_folder.iterdir())


def test_a_full_disk_is_named(path, token_folder):
    script = (
        "import resource, sys\n"
        "from elman.data.source import Source; from elman.data.tokens import read_tokens\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))\n"
        "read_tokens(Source.of(sys.argv[1]), 'character')"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True)
    assert f"cannot be encoded in {token_folder}: File too large; ELMAN_CACHE names another" in done.stderr
    assert not list(token_folder.iterdir())


def test_processes_that_encode_at_once_do_not_disturb_each_other(path, token_folder):
    script = (
        "import sys; from elman.data.source import Source; from elman.data.tokens import read_tokens\n"
        "tokens = read_tokens(Source.of(sys.argv[1]), 'word'); print(len(tokens), tokens.numbers[:].sum())"
    )
    command = [sys.executable, "-c", script, str(path)]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = {child.communicate()[0] for child in children}
    words = read_tokens(Source.of(path), "word")
    assert said == {f"{len(words)} {words.numbers[:].sum()}\n"}
    assert len(list(token_folder.iterdir())) == 1


def test_progress_is_told_from_the_first_byte_to_the_last(path):
    told = []
    read_tokens(Source.of(path), "character", lambda done, total: told.append((done, total)))
    size = path.stat().st_size
    assert told[-1] == (size, size)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_what_nobody_reads_and_what_a_killed_process_left_is_removed(path, token_folder, tmp_path):
    read_tokens(Source.of(path), "character")
    (unread,) = token_folder.iterdir()
    read_tokens(Source.of(path), "word")
    (read,) = set(token_folder.iterdir()) - {unread}
    left, fresh = token_folder / "tmpabc", token_folder / "tmpdef"
    left.touch()
    fresh.touch()
    day = 86400
    for file, days in ((read, 31), (unread, 31), (left, 2)):
        os.utime(file, (time.time() - days * day,) * 2)
    read_tokens(Source.of(path), "word")
    (tmp_path / "other.txt").write_text(TEXT.upper(), encoding="utf-8")
    read_tokens(Source.of(tmp_path / "other.txt"), "word")
    assert read.exists()
    assert fresh.exists()
    assert not unread.exists()
    assert not left.exists()
