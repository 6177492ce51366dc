"""The machine's limit, and the loops that measure it."""

import llvmlite.binding as llvm
import pytest
import torch
from torch.utils.benchmark import Timer

from elman.bench.machine import cores
from elman.bench.native import Native
from elman.bench.peak import UNROLLED, multiply_adds, peak

FASTEST_CLOCK = 8e9
MOST_A_CYCLE = 2 * 2 * 16
"""Two units, a product and a sum, of sixteen numbers."""


def test_a_loop_carries_its_vectors_through_all_turns():
    adding = Native("adding", 3, _add_two)
    assert adding([(0, 10, 10), (0, 1, 1)]) == [3 * adding.vector * 20, 3 * adding.vector * 2]


def _add_two(vectors, memory, index, values):
    return [vectors.builder.fadd(value, vectors.constant(2.0)) for value in values]


def test_the_compiler_leaves_every_multiply_add():
    """Chains that it can tell to be the same would run as one, and one whose end it knows not at all."""
    loop = multiply_adds()
    module = llvm.parse_assembly(loop.text)
    machine = llvm.Target.from_default_triple().create_target_machine()
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=3))
    builder.getModulePassManager().run(module, builder)
    assert str(module).count("call <") == loop.carried * UNROLLED


def test_the_peak_is_one_that_a_processor_can_have():
    for threads in range(1, cores() + 1):
        assert 1e9 < peak(threads, turns=1 << 14) < threads * FASTEST_CLOCK * MOST_A_CYCLE


@pytest.mark.slow
def test_no_product_of_torch_is_beyond_the_peak():
    a = torch.randn(1024, 1024)
    a @ a
    timer = Timer("a @ a", globals={"a": a}, num_threads=1)
    seconds = timer.blocked_autorange().median
    assert 2 * 1024**3 / seconds < 1.05 * peak(1)
