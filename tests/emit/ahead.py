"""Compiles the kernels of a cell for a GPU that need not be there: `python -m tests.emit.ahead CELL FORMAT`,
with `ieee` behind it for products of float32 without TF32, and behind that the kind of a plan (else the one
that runs everywhere), SIZE=VALUE for a size other than 512, and B=SEQUENCES.

For each launch a line: its name, spilled bytes, and the instructions for products that it has; where a plan
is asked for, registers, shared memory and loads from memory, too.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import triton
from triton.backends.compiler import GPUTarget
from triton.backends.driver import DriverBase
from triton.runtime import driver
from triton.runtime.jit import JITFunction

from elman.cells import find
from elman.core.passes import compile_scan, compile_step
from elman.emit.triton.chip import H200
from elman.run.gpu import launch, persistent
from elman.run.gpu.kernel import GpuKernel
from elman.run.gpu.loop import GpuLoop
from elman.run.gpu.plan import Plan
from elman.run.layout import Layout

SIZES = {"H": 512, "P": 256, "O": 128, "I": 256}
BATCH = 64
PRODUCTS = ("HGMMA", "HMMA", "DMMA")


class Hopper(DriverBase):
    """What Triton asks of a device for which it compiles: no more than which it is."""

    @classmethod
    def is_active(cls):
        return True

    def map_python_to_cpp_type(self, ty):
        raise NotImplementedError

    def get_current_target(self):
        return GPUTarget("cuda", 90, 32)

    def get_active_torch_device(self):
        return torch.device("cpu")

    def get_benchmarker(self):
        raise NotImplementedError

    def get_current_device(self):
        return 0

    def get_current_stream(self, device):
        return 0


def compiled(kernel: GpuKernel, plan: Plan, batch: int = BATCH) -> Iterator[tuple[str, object]]:
    """What a plan launches for so many sequences: names, and what each is compiled to."""
    found = {}
    compiles = JITFunction.run

    def kept(function, *args, grid, warmup, **options):
        found[function.__name__] = compiles(function, *args, grid=grid, warmup=True, **options)
        return found[function.__name__]

    values, layout = kernel._trial(torch.device("cpu")), Layout((batch,))
    driver.set_active(Hopper())
    for module in (launch, persistent):
        module.processors = lambda device: H200.processors
    JITFunction.run = kept
    try:
        plan.run(kernel._work(values, layout, layout, steps=0))
    finally:
        JITFunction.run = compiles
    return iter((one.name, found[one.name]) for one in plan.source.launches)


def inspected(cubin: bytes, way: str) -> str:
    """What the inspector of machine code says."""
    tool = Path(triton.__file__).parent / "backends/nvidia/bin/cuobjdump"
    with TemporaryDirectory() as folder:
        file = Path(folder, "kernel.cubin")
        file.write_bytes(cubin)
        return subprocess.run([tool, way, file], capture_output=True, text=True, check=True).stdout


def main(cell: str, name: str, precision: str = "tf32", kind: str = "", *given: str) -> None:
    torch.backends.cudnn.rnn.fp32_precision = precision
    dtype, sizes = getattr(torch, name), SIZES | {g[0]: int(g[2:]) for g in given}
    program = compile_step(find(cell).step)
    loop = GpuLoop(compile_scan(program.step) or program, sizes, dtype, torch.device("cpu"))
    for way, kernel in (("forward", loop._train), ("backward", loop._back)):
        plan = next((one for one in kernel.plans if one.kind == kind), kernel.plans[-1])
        for title, made in compiled(kernel, plan, sizes.get("B", BATCH)):
            usage = inspected(made.asm["cubin"], "--dump-resource-usage")
            spilled = sum(int(size) for size in re.findall(r"(?:STACK|LOCAL):(\d+)", usage))
            code = inspected(made.asm["cubin"], "--dump-sass")
            told = [title, spilled, *(product for product in PRODUCTS if product in code)]
            if kind:
                (registers,) = re.findall(r"REG:(\d+)", usage)
                told += [f"registers={registers}", f"shared={made.metadata.shared}"]
                told += [f"loads={len(re.findall(r'LDG', code))}"]
            print(way, *told, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
