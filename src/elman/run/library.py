"""LLVM IR text to machine code in memory, through the disk cache."""

from __future__ import annotations

from functools import lru_cache

import llvmlite.binding as llvm

from elman.emit.target import TARGETS, Target


@lru_cache(maxsize=1)
def host_target() -> Target:
    """Returns the widest target that this processor runs."""
    _initialise()
    features = llvm.get_host_cpu_features()
    if llvm.get_process_triple().startswith("aarch64"):
        return TARGETS["neon"]
    if all(features.get(name) for name in ("avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd")):
        return TARGETS["x86-64-v4"]
    if features.get("avx2") and features.get("fma"):
        return TARGETS["x86-64-v3"]
    return TARGETS["x86-64-v2"]


class Library:
    """Machine code of one kernel, kept in memory as long as this object lives."""

    def __init__(self, text: str, target: Target) -> None:
        _initialise()
        machine = _machine(target)
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine(target))
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(compile_object(text, machine)))
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        """Returns the address of a function; KeyError if there is none of that name."""
        address = self._engine.get_function_address(name)
        if not address:
            raise KeyError(name)
        return address


def compile_object(text: str, machine: llvm.TargetMachine) -> bytes:
    """Returns the object code of LLVM IR text."""
    module = llvm.parse_assembly(text)
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return machine.emit_object(module)


def _machine(target: Target) -> llvm.TargetMachine:
    native = target is host_target()
    return llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(
        cpu=llvm.get_host_cpu_name() if native else target.cpu,
        features=llvm.get_host_cpu_features().flatten() if native else "",
        opt=3,
        reloc="pic",
        codemodel="jitdefault",
    )


@lru_cache(maxsize=1)
def _initialise() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
