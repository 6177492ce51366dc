"""Object code on disk: private, whole, its own, and never needed."""

import multiprocessing
import os
import resource
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from elman import emit
from elman.cells import CELLS
from elman.core.passes import compile_step
from elman.emit.target import TARGETS
from elman.emit.tile import emit_tiles
from elman.run import cache, kernel, library
from elman.run.cache import cached
from elman.run.layout import Layout
from tests.run.loops import Case

CODE = bytes(range(256)) * 100


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty cache, and the kernels forgotten that this process has."""
    monkeypatch.setenv("ELMAN_CACHE", str(tmp_path / "cache"))
    cache.cache_folder.cache_clear()
    yield tmp_path / "cache" / "kernels"
    cache.cache_folder.cache_clear()


class Compiler:
    """Stands for the compiler: counts how often it is asked."""

    def __init__(self, code: bytes = CODE) -> None:
        self.code, self.calls = code, 0

    def __call__(self) -> bytes:
        self.calls += 1
        return self.code


def entry(folder: Path) -> Path:
    (only,) = folder.iterdir()
    return only


def outputs_of_a_cell() -> list[Tensor]:
    """Runs the code that is in the cache, or else compiles it."""
    kernel._library.cache_clear()
    torch.manual_seed(0)
    case = Case.random(compile_step(CELLS["min_gru"].step), {"I": 3, "H": 5}, Layout((2, 2)), torch.float32)
    return list(case.outputs(case.compiled(torch.float32)))


def _child(together: Any, results: Any) -> None:
    compiled = []

    def compile_object(*given: Any) -> bytes:
        together.wait()  # until no process finds an entry of another
        compiled.append(1)
        return original(*given)

    original, library.compile_object = library.compile_object, compile_object
    outputs = [value.tolist() for value in outputs_of_a_cell()]
    results.put((len(compiled), outputs))


def in_processes(count: int) -> list[tuple[int, list[Any]]]:
    """Runs a cell in processes at once; returns how much each compiled, and its outputs."""
    context = multiprocessing.get_context("fork")
    together, results = context.Barrier(count), context.Queue()
    children = [context.Process(target=_child, args=(together, results)) for _ in range(count)]
    for child in children:
        child.start()
    found = [results.get(timeout=60) for _ in children]
    for child in children:
        child.join()
    return found


def test_what_was_compiled_once_is_read_from_then_on(folder):
    first, second = Compiler(), Compiler()
    assert cached("a", first) == cached("a", second) == CODE
    assert (first.calls, second.calls) == (1, 0)


def test_the_folder_and_its_files_are_the_users_alone(folder):
    cached("a", Compiler())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert entry(folder).stat().st_mode & 0o777 == 0o600


def test_a_folder_that_others_can_write_is_not_used(folder):
    cached("a", Compiler())
    for mode in (0o720, 0o702):
        folder.chmod(mode)
        cache.cache_folder.cache_clear()
        compiler = Compiler()
        assert cached("a", compiler) == CODE
        assert compiler.calls == 1


def test_a_folder_that_is_a_symbolic_link_is_not_used(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    folder.parent.mkdir()
    folder.symlink_to(elsewhere)
    assert cached("a", Compiler()) == CODE
    assert not list(elsewhere.iterdir())


def test_a_folder_of_another_user_is_not_used(folder, monkeypatch):
    cached("a", Compiler())
    cache.cache_folder.cache_clear()
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    compiler = Compiler()
    cached("a", compiler)
    assert compiler.calls == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: whole[:-1],
        lambda whole: whole[:20],
        lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]),
        lambda whole: bytes([whole[0] ^ 1]) + whole[1:],
    ],
    ids=["empty", "cut", "cut in the hash", "changed", "changed in the hash"],
)
def test_a_damaged_entry_is_compiled_anew_and_mended(folder, damage):
    cached("a", Compiler())
    whole = entry(folder).read_bytes()
    entry(folder).write_bytes(damage(whole))
    compiler = Compiler()
    assert cached("a", compiler) == CODE
    assert compiler.calls == 1
    assert entry(folder).read_bytes() == whole


def test_an_entry_under_anothers_name_is_compiled_anew(folder):
    cached("a", Compiler(b"code of a"))
    of_a = entry(folder)
    content = of_a.read_bytes()
    of_a.unlink()
    cached("b", Compiler(b"code of b"))
    entry(folder).write_bytes(content)
    assert cached("b", Compiler(b"code of b")) == b"code of b"


def test_a_folder_where_an_entry_should_stand_does_no_harm(folder):
    cached("a", Compiler())
    path = entry(folder)
    path.unlink()
    path.mkdir()
    assert cached("a", Compiler()) == CODE
    assert entry(folder) == path


def test_a_folder_that_cannot_be_made_is_done_without(folder):
    folder.parent.write_text("a file stands where the folder should")
    assert cached("a", Compiler()) == CODE


def test_a_folder_that_cannot_be_written_is_done_without(monkeypatch):
    reading = "/proc/self" if os.geteuid() == 0 else "/usr"  # root may write in any other folder
    monkeypatch.setenv("ELMAN_CACHE", reading)
    cache.cache_folder.cache_clear()
    assert cached("a", Compiler()) == CODE


def test_a_folder_that_vanished_is_done_without(folder):
    cached("a", Compiler())
    entry(folder).unlink()
    folder.rmdir()
    assert cached("a", Compiler()) == CODE


def test_a_full_disk_costs_nothing_but_the_next_compilation(folder):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(CODE) // 2, limits[1]))
    try:
        assert cached("a", Compiler()) == CODE
        assert not list(folder.iterdir())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert cached("a", Compiler()) == CODE
    assert entry(folder).suffix == ".o"


def test_a_user_without_a_home_compiles_in_memory(monkeypatch):
    monkeypatch.delenv("ELMAN_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    assert cache.cache_folder() is None
    assert cached("a", Compiler()) == CODE


def test_the_folder_follows_the_environment(monkeypatch, tmp_path):
    for name, base in {"ELMAN_CACHE": "", "XDG_CACHE_HOME": "elman", "HOME": ".cache/elman"}.items():
        monkeypatch.setenv(name, str(tmp_path / name))
        for other in {"ELMAN_CACHE", "XDG_CACHE_HOME"} - {name}:
            monkeypatch.delenv(other, raising=False)
        cache.cache_folder.cache_clear()
        assert cache.cache_folder() == tmp_path / name / base / "kernels"


def test_a_change_of_the_compilers_source_changes_every_name(folder, tmp_path, monkeypatch):
    cached("a", Compiler())
    source = tmp_path / "emit"
    source.mkdir()
    (source / "tile.py").write_text("another emitter")
    monkeypatch.setattr(emit, "__path__", [str(source)])
    cache.compiler_version.cache_clear()
    try:
        compiler = Compiler()
        cached("a", compiler)
    finally:
        cache.compiler_version.cache_clear()
    assert compiler.calls == 1
    assert len(list(folder.iterdir())) == 2


def test_a_change_below_the_compiler_changes_every_name(folder, monkeypatch):
    def entries(target: str = "x86-64-v2") -> int:
        """How many entries there are once the tiles of a target are compiled."""
        library.Library("tiles", lambda: emit_tiles(TARGETS[target], "float"), TARGETS[target])
        return len(list(folder.iterdir()))

    assert (entries(), entries()) == (1, 1)
    assert entries("x86-64-v3") == 2
    monkeypatch.setattr(library, "llvmlite_version", "0.0")
    assert entries() == 3
    monkeypatch.setattr(library, "_processor", lambda target: ("x86-64", ""))
    assert entries() == 4


def test_processes_that_start_at_once_on_an_empty_cache_agree(folder):
    expected = [value.tolist() for value in outputs_of_a_cell()]
    for path in folder.iterdir():
        path.unlink()
    assert in_processes(3) == [(1, expected)] * 3
    assert all(path.suffix == ".o" for path in folder.iterdir())
    assert in_processes(1) == [(0, expected)]
