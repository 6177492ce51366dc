"""The agreement test: pairs of a file, and which of each is the likelier."""

import pytest

from elman.core.errors import InputError
from elman.tasks.language.agreement import Pair, agreement, read_pairs


def written(folder, text):
    path = folder / "pairs.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def test_pairs_are_read_with_their_attractors_and_without(tmp_path):
    path = written(
        tmp_path, "\ufeffhe is\the are\n\n the dog of the men barks \tthe dog of the men bark\t1\r\n"
    )
    assert read_pairs(path) == [
        Pair("he is", "he are"),
        Pair("the dog of the men barks", "the dog of the men bark", 1),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\tb\nalone\n", r"line 2: 1 columns; give right<TAB>wrong"),
        ("a\tb\t1\tx\n", r"line 1: 4 columns"),
        ("a\tb\tmany\n", r"line 1: 'many' attractors; give a whole number"),
        ("a\tb\t-1\n", r"line 1: '-1' attractors"),
        ("\n\na\ta\n", r"line 3: both sentences are 'a'"),
        ("\tb\n", r"line 1: a sentence is empty"),
        ("\n \n", r"no pair of sentences"),
    ],
)
def test_a_file_of_another_form_is_refused_with_its_line(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_pairs(written(tmp_path, text))


def test_the_share_is_counted_by_scores_one_by_one(language_model):
    pairs = [Pair(f"a{x}b", f"a{y}b", n) for n, (x, y) in enumerate(["cd", "dc", "ef", "gh", "ad"])]
    pairs += [Pair("bad", "dab", 2), Pair("bad cab", "bad face")]
    right = [
        language_model.score(pair.right).log_prob > language_model.score(pair.wrong).log_prob
        for pair in pairs
    ]
    found = agreement(language_model, pairs)
    assert (found.all.right, found.all.pairs) == (sum(right), 7)
    assert 0 < sum(right) < 7
    assert {number: share.pairs for number, share in found.by_attractors.items()} == {
        **dict.fromkeys((0, 1, 3, 4), 1),
        2: 2,
    }
    assert found.by_attractors[2].right == right[2] + right[5]
    assert found.all.accuracy == sum(right) / 7


def test_unknown_words_that_make_two_sentences_one_are_not_right(language_model):
    assert agreement(language_model, [Pair("ax", "ay")]).all.right == 0
