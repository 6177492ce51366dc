"""LLVM IR text to machine code in memory, through the disk cache."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from threading import Lock

import llvmlite.binding as llvm
from llvmlite import __version__ as llvmlite_version

from elman.emit.target import TARGETS, Target
from elman.emit.tile import emit_tiles, tile_names
from elman.run.cache import cached

_one_at_a_time = Lock()


@lru_cache(maxsize=1)
def host_target() -> Target:
    """Returns the widest target that this processor runs."""
    if llvm.get_process_triple().startswith("aarch64"):
        return TARGETS["neon"]
    features = llvm.get_host_cpu_features()
    if all(features.get(name) for name in ("avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd")):
        return TARGETS["x86-64-v4"]
    if features.get("avx2") and features.get("fma"):
        return TARGETS["x86-64-v3"]
    return TARGETS["x86-64-v2"]


class Library:
    """Machine code in memory, for as long as this object lives.

    key: names the code in the cache. text: makes its LLVM IR, if the cache does not have it. calls: the code
    that this code calls, which has to live as long.
    """

    def __init__(
        self, key: str, text: Callable[[], str], target: Target, calls: Library | None = None
    ) -> None:
        _initialise()
        self._calls = calls
        machine = _machine(target)
        code = cached(
            f"{target} {llvmlite_version} {machine.triple} {_processor(target)} {key}",
            lambda: compile_object(text(), machine),
        )
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        """Returns the address of a function; KeyError if there is none of that name."""
        address = self._engine.get_function_address(name)
        if not address:
            raise KeyError(name)
        return address


def tiles(target: Target, dtype: str) -> Library:
    """Returns the register tiles, which kernels made after this call find by their names."""
    with _one_at_a_time:  # two threads at once would exchange the functions behind the names
        return _tiles(target, dtype)


@cache
def _tiles(target: Target, dtype: str) -> Library:
    library = Library(f"tiles {dtype}", lambda: emit_tiles(target, dtype), target)
    for name in tile_names(target, dtype):
        llvm.add_symbol(name, library.address(name))
    return library


def compile_object(text: str, machine: llvm.TargetMachine) -> bytes:
    """Returns the object code of LLVM IR text."""
    module = llvm.parse_assembly(text)
    module.verify()
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=3))
    builder.getModulePassManager().run(module, builder)
    return machine.emit_object(module)


def _processor(target: Target) -> tuple[str, str]:
    """The processor to compile for: this one for its own target, else the least that the target promises."""
    if target is host_target():
        return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    return target.cpu, ""


def _machine(target: Target) -> llvm.TargetMachine:
    cpu, features = _processor(target)
    host = llvm.Target.from_triple(llvm.get_process_triple())
    return host.create_target_machine(cpu=cpu, features=features, opt=3, reloc="pic", codemodel="jitdefault")


@lru_cache(maxsize=1)
def _initialise() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
