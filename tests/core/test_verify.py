"""Graphs that are not well formed are found, whichever way they are broken."""

from dataclasses import replace

import pytest

from elman.cells import lstm, simple
from elman.core.errors import VerificationError
from elman.core.ir import Node, node, parameter, variable
from elman.core.ops import tanh
from elman.core.passes import compile_step
from elman.core.program import Program
from elman.core.verify import verify, verify_backward, verify_step

H = ("B", "H")


@pytest.fixture
def program() -> Program:
    return compile_step(lstm.step)


def test_what_the_passes_make_is_well_formed(program: Program):
    assert verify(program) is program


def broken(output: Node) -> None:
    """Asks whether a simple cell with another output is well formed."""
    verify_step(replace(simple.step, output=output, after=(output,)))


def test_a_leaf_of_another_step():
    with pytest.raises(
        VerificationError, match=r"simple: input\(kind=state, name=q\): B×H does not enter the step"
    ):
        broken(tanh(variable("state", "q", H)))


def test_an_unknown_operation():
    with pytest.raises(VerificationError, match="unknown operation sinh"):
        broken(node("sinh", simple.step.states, (), H))


def test_a_wrong_shape():
    with pytest.raises(
        VerificationError, match=r"tanh has the shape \('B', 'I'\), its operands say \('B', 'H'\)"
    ):
        broken(node("tanh", simple.step.states, (), ("B", "I")))


def test_operands_that_do_not_fit():
    (h,) = simple.step.states
    with pytest.raises(VerificationError, match="add is not well formed: sizes H and I differ"):
        broken(node("add", (h, *simple.step.inputs), (), H))


def test_a_missing_operand():
    with pytest.raises(VerificationError, match="matmul is not well formed"):
        broken(node("matmul", simple.step.states, (), H))


def test_an_output_that_is_the_same_for_all_sequences():
    with pytest.raises(VerificationError, match="the output of simple is not a value of the step"):
        broken(tanh(next(param for param in simple.step.params if param.name == "b")))


def test_a_state_that_changes_its_shape():
    with pytest.raises(VerificationError, match="the state h has the shape"):
        verify_step(replace(simple.step, after=simple.step.inputs))


def test_a_gradient_of_the_wrong_shape(program: Program):
    backward = program.backward
    with pytest.raises(VerificationError, match="the gradient of h"):
        verify_backward(replace(backward, d_states=(parameter("U.i", ("H", "H")), *backward.d_states[1:])))


def test_a_backward_step_of_another_loop(program: Program):
    with pytest.raises(VerificationError, match="the backward step is not that of the loop"):
        verify(replace(program, backward=compile_step(lstm.step).backward))


def test_values_before_the_loop_that_do_not_fit(program: Program):
    with pytest.raises(VerificationError, match="are not those that the loop reads"):
        verify(replace(program, before=program.before[1:]))


def test_values_before_the_loop_that_read_a_state(program: Program):
    with pytest.raises(VerificationError, match="before the loop"):
        verify(replace(program, before=(tanh(program.step.states[0]), *program.before[1:])))


def test_keeping_what_is_not_computed(program: Program):
    with pytest.raises(VerificationError, match="is kept, but the forward loop cannot compute it"):
        verify(replace(program, kept=(tanh(program.backward.d_output),)))


def test_storing_what_is_not_computed(program: Program):
    with pytest.raises(VerificationError, match="is stored for the weight gradients"):
        verify(replace(program, errors=(tanh(tanh(program.step.states[0])),)))
