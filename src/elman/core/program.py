"""What compiling a cell leaves: its step, cut into what runs before, in and after the time loop."""

from __future__ import annotations

from dataclasses import dataclass

from elman.core.ir import Backward, Node, Step


@dataclass(frozen=True, eq=False)
class Program:
    """A compiled cell. Each pass of `passes/` fills in a part.

    step: the whole step, simplified. before: the values of x alone that the loop reads, computed for all
    steps at once. loop: the step that remains, whose inputs are those values. backward: the backward step of
    `loop`. kept: values of the forward loop that are stored for the backward loop; all else that it needs it
    computes again. errors: values of the backward loop that are stored for the weight gradients, which are
    summed over all steps at once after it.
    """

    step: Step
    before: tuple[Node, ...]
    loop: Step
    backward: Backward
    kept: tuple[Node, ...] = ()
    errors: tuple[Node, ...] = ()
