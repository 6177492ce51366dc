"""The list of cases, and choosing from it."""

from collections import Counter

import pytest

from elman.bench.cases import CASES, QUICK_STEPS, select
from elman.bench.jobs import TORCH_LAYERS
from elman.bench.measure import MEASURES
from elman.bench.sides import SIDES
from elman.cells import CELLS
from elman.core.errors import InputError


def test_names_are_given_once():
    assert max(Counter(case.name for case in CASES).values()) == 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_can_be_measured(case):
    assert case.measure in MEASURES
    assert {case.mine.cell, case.theirs.cell} <= {*CELLS, *TORCH_LAYERS}
    assert case.mine.side == "elman"
    assert case.goal > 0
    assert case.theirs.side in SIDES or case.limit > 0


def test_cases_are_chosen_by_name_or_pattern_in_their_order():
    assert [case.name for case in select(("memory", "lstm"), quick=False)] == ["lstm", "memory"]
    chosen = [case.name for case in select(("lstm*",), quick=False)]
    assert chosen == ["lstm-forward", "lstm", "lstm-packed", "lstm-symbols"]
    assert select((), quick=False) == list(CASES)


def test_a_quick_run_has_shorter_sequences_on_both_sides():
    (case,) = select(("peephole-per-operation",), quick=True)
    assert case.mine.steps == case.theirs.steps == 128 // QUICK_STEPS


def test_an_unknown_case_is_refused_with_those_there_are():
    with pytest.raises(InputError, match=r"no case is called 'lstn'; there are lstm-forward, lstm, "):
        select(("lstm", "lstn"), quick=False)
