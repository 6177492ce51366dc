"""A loop as Triton source text, one launch a stage of a step."""

from __future__ import annotations

from elman.emit.plan import Kernel
from elman.emit.triton.writer import (
    Source,
    Writer,
    argument_names,
    by_size,
    computed,
    crossing,
    module,
    row_names,
)


def emit_steps(kernel: Kernel, dtype: str) -> Source:
    """Returns the source of a kernel; dtype: float or double."""
    fused = kernel.fused
    places = row_names(kernel)
    stored = crossing(fused)
    passing = tuple(node for node in stored if node not in fused.outputs)
    places.update(dict.fromkeys(passing, "row"))
    names = argument_names(kernel, stored)
    known, texts, launches = set(fused.known), [], []
    for number, stage in enumerate(fused.stages, start=1):
        left = [node for node in computed(stage) if node in stored]
        for size, results in by_size(left).items():
            writer = Writer(stage, places, names, known, dtype)
            text, launch = writer.write(f"stage_{number}_{size}", size, results)
            texts.append(text)
            launches.append(launch)
        known.update(left)
    return Source(module(texts, dtype), tuple(launches), passing)
