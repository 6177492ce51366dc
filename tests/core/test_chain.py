"""A stack as one step, against its layers run one after another by the interpreter."""

import numpy as np
import pytest

from elman.cells import CELLS
from elman.core import interpret
from elman.core.chain import SCORES, chain, with_masks_at, with_scores
from elman.core.passes import compile_step
from elman.core.transform import with_recurrent_dropout, with_zoneout
from elman.core.verify import verify_step

T, B, I = 5, 2, 3
SIZES = [{"H": 4, "P": 3, "O": 6}, {"H": 5, "P": 2, "O": 7}, {"H": 3, "P": 3, "O": 2}]


def drawn(step, inputs, sizes):
    """First states and weights of a layer; positive states, as the normaliser of slstm is."""
    draw = np.random.default_rng(0)
    sizes = {**sizes, "I": inputs}
    states = [draw.uniform(0.1, 1.0, (B, sizes[state.shape[1]])) for state in step.states]
    params = {p.name: draw.uniform(-0.8, 0.8, [sizes[size] for size in p.shape]) for p in step.params}
    return states, params


def assert_the_same(steps, masks=None):
    x = value = np.random.default_rng(1).normal(size=(T, B, I))
    states, params, final = [], {}, []
    for number, (step, sizes) in enumerate(zip(steps, SIZES, strict=False)):
        own_states, own_params = drawn(step, value.shape[-1], sizes)
        given = {m.name: np.full((T, B, 1), (masks or {})[m.attribute("kind")]) for m in step.masks}
        run = interpret.forward(step, value, own_states, own_params, given)
        value, final = run.outputs, [*final, *run.final]
        states += own_states
        params.update((f"{number}.{name}", weight) for name, weight in own_params.items())
    whole = chain([with_masks_at(step, masks or {}) for step in steps])
    run = interpret.forward(whole, x, states, params)
    np.testing.assert_allclose(run.outputs, value, rtol=1e-12)
    for got, expected in zip(run.final, final, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-12)
    return whole


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("name", [name for name in CELLS if name != "zoneout_lstm"])
def test_a_stack_of_one_cell_is_its_layers_in_turn(name, layers):
    assert_the_same([CELLS[name].step] * layers)


def test_cells_and_sizes_of_layers_may_differ():
    whole = assert_the_same([CELLS["projection_lstm"].step, CELLS["gru"].step, CELLS["jordan"].step])
    assert [state.name for state in whole.states] == ["0.h", "0.c", "1.h", "2.y"]


def test_masks_become_numbers():
    step = with_recurrent_dropout(with_zoneout(CELLS["gru"].step))
    assert not assert_the_same([step, step], {"zoneout": 0.25, "dropout": 1.0}).masks
    assert_the_same([CELLS["zoneout_lstm"].step], {"zoneout": 0.25})


def test_the_layers_above_take_their_steps_whole_and_the_first_one_what_was_hoisted():
    program = compile_step(CELLS["lstm"].step)
    whole = chain([program.loop, program.step])
    assert [node.name for node in whole.inputs] == [f"0.{node.name}" for node in program.loop.inputs]
    assert {param.name for param in whole.params if param.name.startswith("0.W")} == set()
    assert "1.W.f" in {param.name for param in whole.params}


@pytest.mark.parametrize("bias", [True, False])
def test_scores_are_read_off_the_output(bias):
    (states, params), draw = drawn(CELLS["gru"].step, I, SIZES[0]), np.random.default_rng(2)
    x, weight, vector = draw.normal(size=(T, B, I)), draw.normal(size=(9, 4)), draw.normal(size=9)
    plain = interpret.forward(CELLS["gru"].step, x, states, params)
    step = with_scores(chain([CELLS["gru"].step]), bias)
    verify_step(step)
    assert step.output.shape == ("B", SCORES)
    given = {**{f"0.{name}": value for name, value in params.items()}, "V.W": weight, "V.b": vector}
    expected = plain.outputs @ weight.T + (vector if bias else 0.0)
    np.testing.assert_allclose(interpret.forward(step, x, states, given).outputs, expected, rtol=1e-12)
