"""Figures of a classifier, against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from elman.core.errors import InputError
from elman.tasks.classify.metrics import Score

LABELS = ("a", "b", "c", "d")
PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30)


def score_of(pairs):
    confusion = np.zeros((4, 4), np.int64)
    for true, found in pairs:
        confusion[true, found] += 1
    return Score(LABELS, confusion, 2.0 * len(pairs))


@given(PAIRS)
def test_the_figures_are_those_of_scikit_learn(pairs):
    true, found = zip(*pairs, strict=True)
    score = score_of(pairs)
    every = {"labels": range(4), "average": None, "zero_division": 0}
    assert score.accuracy == pytest.approx(metrics.accuracy_score(true, found))
    assert score.macro_f1 == pytest.approx(metrics.f1_score(true, found, average="macro"))
    for name in ("precision", "recall", "f1"):
        assert getattr(score, name) == pytest.approx(getattr(metrics, f"{name}_score")(true, found, **every))


def test_the_table_has_a_row_for_each_label_that_occurs():
    text = score_of([(0, 0), (0, 1), (1, 1)]).describe()
    assert text.splitlines()[0].startswith("accuracy 0.6667, macro F1 0.6667, 2.0000 nats per text (3 texts)")
    assert [line.split() for line in text.splitlines()[3:]] == [
        ["a", "1.000", "0.500", "0.667", "2"],
        ["b", "0.500", "1.000", "0.667", "1"],
    ]


def test_a_picture_is_drawn(tmp_path):
    from matplotlib.image import imread

    score_of([(0, 0), (0, 1), (3, 3)]).draw(tmp_path / "confusion.png")
    image = imread(tmp_path / "confusion.png")
    assert image.shape[0] == image.shape[1] > 300
    assert image[..., :3].std() > 0.05


def test_more_labels_than_a_picture_shows_are_refused(tmp_path):
    with pytest.raises(InputError, match="101 labels are too many to draw: at most 100"):
        Score(tuple(map(str, range(101))), np.eye(101, dtype=np.int64), 1.0).draw(tmp_path / "confusion.png")
