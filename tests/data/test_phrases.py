"""Schemes of tags, against seqeval's reading of them and against each other."""

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from elman.data.phrases import all_tags, broken, forbidden, phrases_of, scheme_of, tags_of

ANY = ["O", *(f"{mark}-{kind}" for mark in "BIES" for kind in ("city", "a-b"))]
PARTED = {
    "iob1": ["I-x", "I-x", "B-x", "O", "I-y"],
    "iob2": ["B-x", "I-x", "B-x", "O", "B-y"],
    "bioes": ["B-x", "E-x", "S-x", "O", "S-y"],
}
FOUND = [("x", 0, 2), ("x", 2, 3), ("y", 4, 5)]


@given(st.lists(st.sampled_from(ANY), max_size=9))
def test_phrases_are_those_of_seqeval_also_where_a_scheme_is_broken(tags):
    assert phrases_of(tags) == [(kind, start, last + 1) for kind, start, last in get_entities(tags)]


@pytest.mark.parametrize(("scheme", "tags"), PARTED.items())
def test_a_scheme_marks_phrases_and_they_come_back(scheme, tags):
    assert phrases_of(tags) == FOUND
    assert tags_of(phrases_of(tags), 5, scheme) == tags
    assert broken(tags, scheme) is None
    assert scheme_of([["O"], tags, []]) == scheme


@given(st.lists(st.sampled_from(ANY), max_size=9), st.sampled_from(list(PARTED)))
def test_any_reading_can_be_written_in_any_scheme(tags, scheme):
    written = tags_of(phrases_of(tags), len(tags), scheme)
    assert phrases_of(written) == phrases_of(tags)
    assert broken(written, scheme) is None


@pytest.mark.parametrize(
    ("tags", "scheme", "place", "right"),
    [
        (["O", "I-x"], "iob2", 1, "B-x"),
        (["B-x", "I-y"], "iob2", 1, "B-y"),
        (["B-x", "O"], "iob1", 0, "I-x"),
        (["B-x", "O"], "bioes", 0, "S-x"),
        (["O", "NN"], "iob2", 1, "O, or B- or I- and a kind of phrase"),
    ],
)
def test_the_place_where_a_scheme_is_broken_is_named_with_what_is_right(tags, scheme, place, right):
    assert broken(tags, scheme) == (place, right)


def test_tags_that_mark_no_phrases_are_plain():
    assert scheme_of([["DET", "NOUN"], ["B-x"]]) == "plain"
    assert scheme_of([["O", "O"]]) == "plain"
    assert broken(["O", "I-x"], "plain") is None
    assert not forbidden(["DET", "NOUN"], "plain").any()


@pytest.mark.parametrize("scheme", ["iob2", "bioes"])
def test_what_may_follow_what_is_what_breaks_no_scheme(scheme):
    tags = all_tags("xy", scheme)
    assert len(tags) == len(set(tags))
    moves = forbidden(tags, scheme)
    for length in (1, 2, 3):
        for path in product(range(len(tags)), repeat=length):
            framed = (len(tags), *path, len(tags))
            allowed = not any(moves[before, after] for before, after in pairwise(framed))
            assert allowed == (broken([tags[k] for k in path], scheme) is None)
