"""What is alike in a kernel stands once in its text: its length is the time that compiling takes."""

import re

from elman.cells import CELLS
from elman.core.ops import normalize
from elman.core.passes import compile_step
from elman.core.trace import cell
from elman.emit.llvm import emit
from elman.emit.passes import backward_pass, forward_pass
from elman.emit.target import TARGETS

TARGET = TARGETS["x86-64-v4"]


def _text(step, way=lambda program: forward_pass(program, keep=True)):
    return emit(way(compile_step(step)).kernel, TARGET, "float")


def test_an_operation_over_rows_stands_once_for_all_gates():
    text = _text(CELLS["layer_norm_lstm"].step)
    assert len(re.findall(r'^define .*@"normalize', text, re.MULTILINE)) == 1
    assert len(re.findall(r'call void @"normalize', text)) == 5  # i, f, g, o, and the cell state


def test_an_operation_over_rows_stands_again_where_a_number_in_it_differs():
    @cell(states="h")
    def two(x, h, *, W, U):
        return normalize(U.a @ h, eps=1e-5) + normalize(U.b @ h, eps=1e-3) + W @ x

    assert len(re.findall(r'^define .*@"normalize', _text(two.step), re.MULTILINE)) == 2


def test_a_product_is_called_for_at_one_place_whatever_the_number_of_rows():
    products = len(compile_step(CELLS["gru_reset_before"].step).loop.params)
    text = _text(CELLS["gru_reset_before"].step, backward_pass)
    calls = re.findall(r'call void %"[^"]+"\(float\*', text)
    assert 0 < len(calls) <= products


def test_a_kernel_is_given_what_it_reads_and_nothing_else():
    kernel = backward_pass(compile_step(CELLS["lstm"].step)).kernel
    read = set(kernel.fused.operands)
    given = [b.node for b in kernel.buffers if b.node is not None and b.node not in kernel.fused.stored]
    assert given
    assert all(node in read for node in given)
