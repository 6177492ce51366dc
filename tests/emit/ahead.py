"""Compiles the kernels of a cell for a GPU that need not be there: `python -m tests.emit.ahead CELL FORMAT`,
with `ieee` behind it for products of float32 without TF32.

For each launch a line: its name, spilled bytes, and the instructions for products that it has.
"""

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import triton
import triton.language as tl
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from elman.cells import find
from elman.core.passes import compile_step
from elman.emit.triton.writer import Launch, strides
from elman.run.call import sum_dtype
from elman.run.gpu.launch import functions, tile
from elman.run.gpu.loop import GpuLoop
from elman.run.gpu.scan import ScanPlan

SIZES = {"H": 512, "P": 256, "O": 128, "I": 256}
BATCH, PROCESSORS, TARGET = 64, 132, GPUTarget("cuda", 90, 32)
PRODUCTS = ("HGMMA", "HMMA", "DMMA")
POINTERS = {torch.float32: "*fp32", torch.float64: "*fp64", torch.bfloat16: "*bf16", torch.float16: "*fp16"}
ALIGNED = [["tt.divisibility", 16]]


def compiled(launch: Launch, whole: bool, function, dtype, precision):
    """A launch, compiled for sizes that are multiples of 16, and its tile."""
    shape = tile(launch, SIZES, BATCH, dtype.itemsize, PROCESSORS)
    time = ["i32"] * 3 + ["*i64"] * 2 if whole else ["i32"] * 2
    kinds = [*time, *("*i64" for _ in launch.tables)]
    aligned = [False] * len(kinds)
    for node in launch.arguments:
        matrix = len(node.shape) == 2 and not node.batched
        kinds.append(POINTERS[dtype if matrix else sum_dtype(dtype)])
        kinds += ["i32"] * min(strides(node), 1) + [1] * (strides(node) == 2)
        aligned += [True] * (1 + strides(node))
    number = getattr(tl, str(dtype).removeprefix("torch."))
    kinds += [SIZES[size] for size in launch.sizes]
    kinds += [number, precision, shape.rows, shape.units, shape.depth]
    names = function.arg_names
    text = [isinstance(kind, str) and kind != precision for kind in kinds]
    source = ASTSource(
        function,
        signature={n: k if t else "constexpr" for n, k, t in zip(names, kinds, text, strict=True)},
        constexprs={(i,): k for i, (k, t) in enumerate(zip(kinds, text, strict=True)) if not t},
        attrs={(i,): ALIGNED for i, yes in enumerate(aligned) if yes and text[i]},
    )
    return triton.compile(source, TARGET, {"num_warps": shape.warps, "enable_fp_fusion": True})


def inspected(cubin: bytes, way: str) -> str:
    """What the inspector of machine code says."""
    tool = Path(triton.__file__).parent / "backends/nvidia/bin/cuobjdump"
    with TemporaryDirectory() as folder:
        file = Path(folder, "kernel.cubin")
        file.write_bytes(cubin)
        return subprocess.run([tool, way, file], capture_output=True, text=True, check=True).stdout


def main(cell: str, name: str, precision: str = "tf32") -> None:
    dtype = getattr(torch, name)
    loop = GpuLoop(compile_step(find(cell).step), SIZES, dtype, torch.device("cpu"))
    for way, kernel in (("forward", loop._train), ("backward", loop._back)):
        (plan,) = kernel.plans
        source = plan.source
        made = functions(source.text, tuple(launch.name for launch in source.launches))
        for launch, function in zip(source.launches, made, strict=True):
            cubin = compiled(launch, isinstance(plan, ScanPlan), function, dtype, precision).asm["cubin"]
            usage = inspected(cubin, "--dump-resource-usage")
            spilled = sum(int(size) for size in re.findall(r"(?:STACK|LOCAL):(\d+)", usage))
            code = inspected(cubin, "--dump-sass")
            products = [kind for kind in PRODUCTS if kind in code]
            print(way, launch.name, spilled, *products)


if __name__ == "__main__":
    main(*sys.argv[1:])
