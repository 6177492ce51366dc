"""The list of cells: their weights, where they start, and how they are found by name."""

import re

import pytest

import elman.cells
from elman.cells import CELLS, NAMES, find
from elman.core.errors import InputError
from elman.core.show import summary

GATED = {f"{family}.{gate}" for family in "WUb" for gate in "ifgo"}

WEIGHTS = {
    "simple": {"W", "U", "b"},
    "jordan": {"W", "U", "b", "V", "c"},
    "lstm": GATED,
    "peephole_lstm": GATED | {"p.i", "p.f", "p.o"},
    "coupled_lstm": {f"{family}.{gate}" for family in "WUb" for gate in "fgo"},
    "projection_lstm": GATED | {"V"},
    "layer_norm_lstm": GATED | {f"gain_{of}.{gate}" for of in "xh" for gate in "ifgo"} | {"gain_c", "bias_c"},
    "zoneout_lstm": GATED,
    "multiplicative_lstm": GATED | {"W.m", "U.m"},
    "slstm": {f"{family}.{gate}" for family in "WUb" for gate in "ifzo"},
    "gru": {f"{family}.{gate}" for family in "WUb" for gate in "rzn"} | {"d.n"},
    "gru_reset_before": {f"{family}.{gate}" for family in "WUb" for gate in "rzn"},
    "update_gate_gru": {f"{family}.{gate}" for family in "WUb" for gate in "cu"},
    "layer_norm_gru": {
        f"{family}.{gate}" for family in ("W", "U", "b", "gain_x", "gain_h") for gate in "rzn"
    },
    "indrnn": {"W", "u", "b"},
    "min_gru": {"W.z", "W.h", "b.z", "b.h"},
    "min_lstm": {f"{family}.{gate}" for family in "Wb" for gate in "fih"},
    "sru": {"W.f", "W.r", "W.c", "W.s", "v.f", "v.r", "b.f", "b.r"},
    "rhn": {
        "W.h",
        "W.t",
        *(f"{f}.{i}" for f in "bd" for i in range(3)),
        *(f"R.{i}.{g}" for i in range(3) for g in "ht"),
    },
}


def test_all_cells_are_listed():
    assert set(WEIGHTS) == set(NAMES) == set(CELLS)
    assert all(getattr(elman.cells, name) is CELLS[name] for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_weights_and_their_shapes(name: str):
    cell = CELLS[name]
    assert set(cell.parameters) == WEIGHTS[name]
    for weight, shape in cell.parameters.items():
        family = weight.partition(".")[0]
        if family == "W":
            assert shape == ("H", "I")
        elif family in ("U", "R"):
            fed_back = {"jordan": "O", "projection_lstm": "P"}.get(name, "H")
            assert shape == ("H", fed_back)
        elif family == "V":
            assert shape == ({"jordan": "O", "projection_lstm": "P"}[name], "H")
        else:
            assert shape == (("O",) if (name, weight) == ("jordan", "c") else ("H",))


@pytest.mark.parametrize(
    ("name", "states", "masks", "sizes"),
    [
        ("lstm", "h c", "", ("I", "H")),
        ("projection_lstm", "h c", "", ("I", "P", "H")),
        ("jordan", "y", "", ("I", "O", "H")),
        ("zoneout_lstm", "h c", "zh zc", ("I", "H")),
        ("slstm", "h c n m", "", ("I", "H")),
        ("sru", "c", "", ("I", "H")),
    ],
)
def test_states_masks_and_sizes(name: str, states: str, masks: str, sizes: tuple[str, ...]):
    step = CELLS[name].step
    assert [state.name for state in step.states] == states.split()
    assert [mask.name for mask in step.masks] == masks.split()
    assert CELLS[name].sizes == sizes


@pytest.mark.parametrize("name", NAMES)
def test_what_init_names_exists(name: str):
    weights = CELLS[name].parameters
    for key in CELLS[name].init:
        assert any(weight == key or weight.startswith(f"{key}.") for weight in weights), key


def test_starts_that_the_literature_asks_for():
    for name in ("lstm", "peephole_lstm", "coupled_lstm", "projection_lstm", "layer_norm_lstm", "min_lstm"):
        assert CELLS[name].init["b.f"] == 1.0  # Jozefowicz et al. 2015
    assert CELLS["rhn"].init["d"] < 0  # carries its state at first: Zilly et al. 2017
    assert CELLS["indrnn"].init["u"] == ("uniform", 0.0, 1.0)  # Li et al. 2018
    for name in ("simple", "lstm", "gru"):
        assert CELLS[name].init["U"] == "orthogonal"


@pytest.mark.parametrize("name", NAMES)
def test_a_cell_is_found_by_what_it_calls_itself(name: str):
    assert find(name) is CELLS[name]
    again = find(CELLS[name].spec)
    assert again == CELLS[name]
    assert again.spec == CELLS[name].spec


@pytest.mark.parametrize(
    ("spec", "normal"),
    [
        ("simple(f=relu)", "simple(f=relu)"),
        (" simple ( f = relu ) ", "simple(f=relu)"),
        ("rhn(depth=5)", "rhn(depth=5)"),
        ("rhn()", "rhn(depth=3)"),
        ("jordan(g=sigmoid)", "jordan(f=tanh, g=sigmoid)"),
        ("layer_norm_lstm(eps=1e-3)", "layer_norm_lstm(eps=0.001)"),
        ("layer_norm_lstm(eps=1)", "layer_norm_lstm(eps=1)"),
    ],
)
def test_hyper_parameters_in_a_name(spec: str, normal: str):
    assert find(spec).spec == normal
    assert find(find(spec).spec).spec == normal


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("lstn", "unknown cell 'lstn'; did you mean lstm? Known: simple, jordan,"),
        ("LSTM", "did you mean lstm?"),
        ("gru_reset_after", "did you mean gru_reset_before?"),
        ("", "unknown cell ''"),
        ("lstm(", "unknown cell 'lstm('"),
        ("lstm; import os", "unknown cell"),
        ("simple(f=foo)", "f of simple must be a function of elman, such as tanh or relu, not 'foo'"),
        ("simple(f=3)", "f of simple must be a function of elman, such as tanh or relu, not 3"),
        ("rhn(depht=2)", "rhn has no hyper-parameter 'depht'; it has depth"),
        ("rhn(depth=x)", "depth of rhn must be a whole number, not 'x'"),
        ("rhn(depth=2.5)", "depth of rhn must be a whole number, not 2.5"),
        ("lstm(depth=2)", "lstm has no hyper-parameter 'depth'; it has none"),
    ],
)
def test_what_cannot_be_found(spec: str, message: str):
    with pytest.raises(InputError, match=re.escape(message)):
        find(spec)


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_says_what_it_is_and_who_wrote_of_it(name: str):
    said = summary(CELLS[name])
    assert said.endswith(".")
    assert re.search(r"\(.*\d{4}.*\)", said) or name in ("gru", "update_gate_gru")
