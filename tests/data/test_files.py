"""Writing files: whole or not at all."""

import os
import stat
import subprocess
import sys

import pytest

from elman.core.errors import InputError
from elman.data.files import require_room, write_atomically

# A real limit of the operating system: a write beyond it fails as one on a full disk does.
UNDER_A_LIMIT = """
import resource, sys
from pathlib import Path
from elman.core.errors import InputError
from elman.data.files import require_room, write_atomically
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    {call}
except InputError as error:
    sys.exit(str(error))
"""


def run_under_a_limit(call, folder):
    script = UNDER_A_LIMIT.format(call=call)
    return subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True)


def test_content_is_replaced_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "file"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["file"]


def test_files_get_the_rights_that_the_user_gives_new_files(tmp_path):
    (tmp_path / "plain").touch()
    write_atomically(tmp_path / "file", b"content")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("file", "plain")]
    assert modes[0] == modes[1]


def test_folder_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="cannot be written: No such file or directory"):
        write_atomically(tmp_path / "missing" / "file", b"content")


def test_full_disk_leaves_the_old_file_and_nothing_half_written(tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    result = run_under_a_limit("write_atomically(Path('file'), bytes(20_000))", tmp_path)
    assert result.returncode == 1
    assert result.stderr.strip() == "file: cannot be written: File too large"
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


def test_room_is_measured_by_taking_it(tmp_path):
    require_room(tmp_path, 3_000_000)
    result = run_under_a_limit("require_room(Path('.'), 9_000); require_room(Path('.'), 2_000_000)", tmp_path)
    assert result.stderr.strip() == ".: cannot hold the 2.0 MB that this run needs: File too large"
    assert os.listdir(tmp_path) == []
