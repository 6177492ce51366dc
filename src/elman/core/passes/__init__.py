"""The passes, in their order: each takes a program and returns a better one, which is verified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from elman.core.grad import differentiate
from elman.core.ir import Step, topological
from elman.core.ops import by_element
from elman.core.passes.hoist import hoist_gradients, hoist_inputs, hoist_products
from elman.core.passes.save import save
from elman.core.passes.simplify import simplify_backward, simplify_step
from elman.core.program import Program
from elman.core.verify import verify


def _start(step: Step) -> Program:
    return Program(step=step, before=step.inputs, loop=step, backward=differentiate(step))


def _simplify(program: Program) -> Program:
    return _start(simplify_step(program.step))


def _hoist_inputs(program: Program) -> Program:
    before, loop = hoist_inputs(program.step)
    return replace(program, before=before, loop=loop, backward=differentiate(loop))


def _simplify_backward(program: Program) -> Program:
    return replace(program, backward=simplify_backward(program.backward))


def _save(program: Program) -> Program:
    return replace(program, kept=save(program.loop.outputs, program.loop.leaves, program.backward.outputs))


def _hoist_gradients(program: Program) -> Program:
    return replace(program, errors=hoist_gradients(program.backward, program.kept))


PASSES: tuple[tuple[str, Callable[[Program], Program]], ...] = (
    ("simplify", _simplify),
    ("hoist inputs", _hoist_inputs),
    ("simplify backward", _simplify_backward),
    ("save", _save),
    ("hoist gradients", _hoist_gradients),
)


def compile_step(step: Step) -> Program:
    """Returns the program of a step, after all passes."""
    program = verify(_start(step))
    for _, run in PASSES:
        program = verify(run(program))
    return program


def compile_scan(step: Step) -> Program | None:
    """Returns the program of a simplified step for a processor whose memory is slower than its arithmetic:
    work by element stays in the loop, and nothing is kept for the loop backward, which does it again. None
    where there is more than that in the loop.
    """
    before, loop = hoist_products(step)
    backward = simplify_backward(differentiate(loop))
    errors = [d for d in (*backward.d_states, *backward.d_inputs) if d is not None]
    if not all(by_element(node) for node in topological((*loop.outputs, *errors)) if node.args):
        return None
    return verify(Program(step, before, loop, backward, errors=hoist_gradients(backward, ())))
