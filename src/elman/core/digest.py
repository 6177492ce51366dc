"""Graphs written down, to the last node: what is the same in both is written the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from elman.core.ir import Node, Step, topological


def write_down(roots: Sequence[Node]) -> tuple[list[str], dict[Node, int]]:
    """Returns a line for each node that the roots need, operands first, and the number of each node."""
    numbers: dict[Node, int] = {}
    lines: list[str] = []
    for node in topological(roots):
        numbers[node] = len(numbers)
        lines.append(f"{node.op} {node.attributes} {node.shape} {[numbers[arg] for arg in node.args]}")
    return lines, numbers


def digest(step: Step) -> str:
    """Returns a short fingerprint of the equations of a step."""
    lines, numbers = write_down((*step.outputs, *step.leaves))
    lines.append(str([numbers[node] for node in (*step.outputs, *step.leaves)]))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
