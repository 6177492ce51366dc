"""Words put together as people write them."""

import pytest

from elman.data.segment import segment
from elman.data.spacing import joined


@pytest.mark.parametrize(
    "text",
    [
        "Two dogs (one brown, one black) run; a man watches!",
        "It's 5.30 p.m: don't wait.",
        "我爱中国。",
        "我爱中国，你呢？",
        "“Wirklich?”",
        "我有3本书。",
    ],
)
def test_what_segment_takes_apart_is_put_together_as_it_was(text):
    assert joined(segment(text)) == text


def test_no_words_are_no_text():
    assert joined([]) == ""
