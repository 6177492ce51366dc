"""The ways of a kernel through a loop, forward and backward: what each computes, from what, and by which row
each value is addressed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from elman.core.ir import Node, constant
from elman.core.ops import mul
from elman.core.passes.fuse import fuse
from elman.core.program import Program
from elman.emit.plan import Kernel, Row, plan


@dataclass(frozen=True, eq=False)
class Pass:
    """A way through a loop.

    carried: the values that the next step reads. others: those that are left beside them, a row for each
    step. leaves: what is known. before: those of them that the values carried are called in the next step.
    """

    name: str
    carried: tuple[Node, ...]
    others: tuple[Node, ...]
    leaves: Mapping[Node, Row]
    before: tuple[Node, ...] = ()

    @cached_property
    def outputs(self) -> tuple[Node, ...]:
        """The values that the kernel writes, those carried first. Each is computed, and none carried twice:
        a leaf, or what would be carried twice, is multiplied by one.
        """
        result: list[Node] = []
        for node in self.carried:
            while node in self.leaves or node in result:
                node = mul(node, constant(1.0))
            result.append(node)
        others = (mul(node, constant(1.0)) if node in self.leaves else node for node in self.others)
        return (*result, *others)

    @property
    def kernel(self) -> Kernel:
        """The plan of the kernel."""
        return plan(self.name, fuse(self.outputs, self.leaves), self.leaves)


def forward_pass(program: Program, keep: bool) -> Pass:
    """Returns the loop forward; `keep` leaves what the loop backward needs, too."""
    step = program.loop
    leaves = {**_given(program), **dict.fromkeys(step.states, Row.CARRIED)}
    left = (step.output, *(program.kept if keep else ()))
    return Pass(step.name, step.after, left, leaves, step.states)


def backward_pass(program: Program) -> Pass:
    """Returns the loop backward: it carries errors, and leaves those that the gradients are made of."""
    step, backward = program.loop, program.backward
    leaves = {
        **_given(program),
        **dict.fromkeys(step.states, Row.OTHER),
        **dict.fromkeys((*program.kept, backward.d_output), Row.NOW),
        **dict.fromkeys(backward.d_after, Row.CARRIED),
    }
    arriving = (backward.d_output, *backward.d_after)
    errors = [error for error in program.errors if error not in arriving]
    left = (*_reached(backward.d_inputs), *errors)
    each = zip(backward.d_after, backward.d_states, strict=True)
    before = tuple(arrived for arrived, d in each if d is not None)
    return Pass(f"{step.name}_backward", _reached(backward.d_states), left, leaves, before)


def _given(program: Program) -> dict[Node, Row]:
    step = program.loop
    return {
        **dict.fromkeys((*step.inputs, *step.masks), Row.NOW),
        **dict.fromkeys(step.params, Row.NONE),
    }


def _reached(errors: Sequence[Node | None]) -> tuple[Node, ...]:
    return tuple(error for error in errors if error is not None)
