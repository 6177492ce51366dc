"""LLVM IR text to machine code in memory, through the disk cache."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

import llvmlite.binding as llvm
from llvmlite import __version__ as llvmlite_version

from elman.emit.target import TARGETS, Target
from elman.emit.tile import emit_tiles
from elman.run.cache import cached


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

    key: names the code in the cache. text: makes its LLVM IR, if the cache does not have it. calls: object
    code that this code calls, loaded beside it, so that no library depends on another.
    """

    def __init__(self, key: str, text: Callable[[], str], target: Target, calls: bytes | None = None) -> None:
        code = object_code(key, text, target)
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine(target))
        for part in (calls, code) if calls is not None else (code,):
            self._engine.add_object_file(llvm.ObjectFileRef.from_data(part))
        self._engine.finalize_object()
        self._addresses: dict[str, int] = {}

    def address(self, name: str) -> int:
        """Returns the address of a function; KeyError if there is none of that name."""
        if name not in self._addresses:
            address = self._engine.get_function_address(name)
            if not address:
                raise KeyError(name)
            self._addresses[name] = address
        return self._addresses[name]


@cache
def tiles(target: Target, dtype: str) -> bytes:
    """Returns the object code of the register tiles, which kernels call."""
    return object_code(f"tiles {dtype}", lambda: emit_tiles(target, dtype), target)


def object_code(key: str, text: Callable[[], str], target: Target) -> bytes:
    """Returns object code by its key, from the cache or compiled from its LLVM IR text."""
    _initialise()
    return cached(
        f"{target} {llvmlite_version} {llvm.get_process_triple()} {_processor(target)} {key}",
        lambda: compile_object(text(), _machine(target)),
    )


def compile_object(text: str, machine: llvm.TargetMachine) -> bytes:
    """Returns the object code of LLVM IR text."""
    module = llvm.parse_assembly(text)
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    # the text is vectors and tiles already: more of both takes twice as long to compile and runs no faster
    options.loop_unrolling = options.loop_vectorization = options.slp_vectorization = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return machine.emit_object(module)


@lru_cache(maxsize=len(TARGETS))
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
