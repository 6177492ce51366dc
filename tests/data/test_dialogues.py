"""Dialogues of lines and of YAML, and what is wrong with them."""

import pytest

from elman.core.errors import InputError
from elman.data.dialogues import Dialogue, read_dialogues

YAML = """categories:
- talk
conversations:
- - Hello
  - Hi
  - no
- - What is 1.10?
  -   a   number
- - nobody answers
- alone
"""


def test_yaml_is_read_as_it_is_written(tmp_path):
    (tmp_path / "a.yml").write_text(YAML)
    expected = [Dialogue(("Hello", "Hi", "no"), 1), Dialogue(("What is 1.10?", "a number"), 2)]
    assert read_dialogues(tmp_path / "a.yml") == expected
    (tmp_path / "b.yaml").write_text("conversations:\n- [你好, 嗨]\n")
    assert read_dialogues(tmp_path) == [*expected, Dialogue(("你好", "嗨"), 1)]


def test_lines_are_dialogues_of_turns_between_tabs(tmp_path):
    (tmp_path / "a.tsv").write_text("\ufeffHello\tHi\t\tBye\n\nalone\nA\tB\n")
    assert read_dialogues(tmp_path / "a.tsv") == [
        Dialogue(("Hello", "Hi", "Bye"), 1),
        Dialogue(("A", "B"), 4),
    ]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.yml", "conversations: [[a, {b: c}]]", r"a turn of conversation 1 is \{'b': 'c'\}"),
        ("a.yml", "talks: []", "has no list of conversations"),
        ("a.yml", "- [", "not YAML"),
        ("a.yml", "conversations: [!!python/object/apply:os.getcwd []]", "has no|a turn|no turn"),
        ("a.tsv", "nobody\nanswers\n", "holds no turn with an answer"),
    ],
)
def test_what_holds_no_dialogue_is_refused(tmp_path, name, text, said):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=said):
        read_dialogues(tmp_path / name)
