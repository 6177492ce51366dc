"""Results in short, by which two processes see whether they compute the same."""

from __future__ import annotations

import torch

from elman.bench.layers import Work


def digest(work: Work) -> dict[str, list[float]]:
    """Returns of each result its length, and that of its projection on a fixed direction."""
    results = {}
    for name, value in work.numbers().items():
        flat = value.double().flatten()
        direction = torch.arange(len(flat), dtype=torch.float64, device=flat.device).cos()
        results[name] = [float(flat.norm()), float(flat @ direction)]
    return results
