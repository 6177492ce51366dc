"""Texts with labels, from every form that holds them."""

import pytest

from elman.core.errors import InputError
from elman.data.labelled import read_labelled

PAIRS = [("a fine film", "good"), ("dull and long", "bad"), ("很好看，值得", "good")]


def written(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def pairs(found):
    return [(example.text, example.label) for example in found.examples]


def table(pairs, separator, turned=False):
    return "".join(separator.join(pair[:: -1 if turned else 1]) + "\n" for pair in pairs)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.tsv", table(PAIRS, "\t")),
        ("t.tsv", table(PAIRS, "\t", turned=True)),
        ("t.txt", "\n\n" + table(PAIRS, "\t")),
        ("t.csv", "\ufeff" + table(PAIRS, ",")),
        ("t.csv", "label,review\n" + table(PAIRS, ",", turned=True)),
        ("t.csv", "whatever,other\n" + table(PAIRS, ",", turned=True)),
        ("t.txt", "".join(f"__label__{label} {text}\n\n" for text, label in PAIRS)),
    ],
)
def test_a_file_of_any_form_is_read(tmp_path, name, content):
    assert pairs(read_labelled(written(tmp_path, name, content))) == PAIRS


def test_a_table_says_what_it_was_taken_for(tmp_path):
    path = written(tmp_path, "t.csv", "label,review\n" + table(PAIRS, ",", turned=True))
    assert read_labelled(path).notes == (
        "t.csv: texts are 'review', labels 'label'; the first row is a header",
    )
    path = written(tmp_path, "t.tsv", table(PAIRS, "\t"))
    assert read_labelled(path).notes == ("t.tsv: texts are column 1, labels column 2; no header",)


def test_columns_are_asked_for_by_name_or_number(tmp_path):
    path = written(tmp_path, "t.csv", "id,author,body,stars\n1,Ann,a fine film,good\n2,Bob,dull,bad\n")
    for text, label in (("body", "stars"), ("3", "4"), ("body", "4")):
        found = read_labelled(path, text, label)
        assert pairs(found) == [("a fine film", "good"), ("dull", "bad")]
    with pytest.raises(InputError, match=r"which of its 4 columns are text .*id, author, body, stars"):
        read_labelled(path)
    with pytest.raises(InputError, match="column 4 cannot be both text and label"):
        read_labelled(path, "4", "stars")


def test_a_usual_name_among_many_columns_is_found(tmp_path):
    path = written(tmp_path, "t.csv", "id,Text,stars,label\n1,a fine film,5,good\n2,dull,1,bad\n")
    assert pairs(read_labelled(path)) == [("a fine film", "good"), ("dull", "bad")]
    assert pairs(read_labelled(path, label_column="stars")) == [("a fine film", "5"), ("dull", "1")]


def test_a_first_row_of_names_whose_label_occurs_again_is_no_header(tmp_path):
    path = written(tmp_path, "t.tsv", "wang\tchinese\nli\tchinese\nsmith\tenglish\n")
    assert len(read_labelled(path).examples) == 3


def test_a_folder_of_folders_holds_a_text_a_file(tmp_path):
    written(tmp_path, "reviews/good/1.txt", "a fine film\nagain and again\n")
    written(tmp_path, "reviews/bad/deep/2.txt", "dull")
    written(tmp_path, "reviews/bad/notes.md", "not a text")
    assert pairs(read_labelled(tmp_path / "reviews")) == [
        ("dull", "bad"),
        ("a fine film\nagain and again", "good"),
    ]


def test_a_folder_of_files_holds_a_text_a_line(tmp_path):
    written(tmp_path, "names/Chinese.txt", "Wang\n\nLi\n")
    written(tmp_path, "names/Irish.txt", "Ó Briain\n")
    found = read_labelled(tmp_path / "names")
    assert pairs(found) == [("Wang", "Chinese"), ("Li", "Chinese"), ("Ó Briain", "Irish")]
    assert [example.line for example in found.examples] == [1, 3, 1]


def test_a_folder_of_both_is_refused(tmp_path):
    written(tmp_path, "names/Chinese.txt", "Wang\n")
    written(tmp_path, "names/good/1.txt", "fine\n")
    with pytest.raises(InputError, match=r"Chinese\.txt stands beside folders of texts"):
        read_labelled(tmp_path / "names")


def test_a_folder_of_tables_is_refused(tmp_path):
    written(tmp_path, "parts/train.tsv", table(PAIRS, "\t"))
    with pytest.raises(InputError, match=r"train\.tsv: in a folder texts are in \.txt, .* a table by itself"):
        read_labelled(tmp_path / "parts")


def test_a_file_of_another_encoding_is_named(tmp_path):
    written(tmp_path, "names/Chinese.txt", "Wang\n")
    (tmp_path / "names" / "Irish.txt").write_bytes("Ó Briain\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"Irish\.txt: byte 0xd3 at offset 0 is not UTF-8"):
        read_labelled(tmp_path / "names")


def test_an_example_without_a_text_is_left_out_and_said_so(tmp_path):
    found = read_labelled(written(tmp_path, "t.csv", "0,fine film\n1,\n0,\n1,dull film\n"))
    assert pairs(found) == [("fine film", "0"), ("dull film", "1")]
    assert found.notes[1].startswith("left out without a text: 2, the first at ")
    assert found.notes[1].endswith("t.csv, line 2")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "t.txt",
            "a fine film\n",
            r"t\.txt: it is not clear what is text there and what a label; give",
        ),
        ("t.tsv", "fine film\tgood\nno, dull\t\n", r"t\.tsv, line 2: has no label in column 2"),
        ("t.txt", "__label__a fine\n\nfilm\n", r"t\.txt, line 3: begins with 'film', not with __label__NAME"),
        ("t.txt", "__label__ fine\n", r"t\.txt, line 1: begins with '__label__', not with"),
        ("t.txt", "__label__a __label__b fine\n", r"t\.txt, line 1: has more than one label"),
        ("t.txt", "__label__a\n", r"t\.txt: holds no labelled text"),
        ("t.tsv", "fine\tgood\nbad\n", r"t\.tsv, line 2: 1 column, where line 1 has 2"),
    ],
)
def test_what_has_no_labels_is_refused(tmp_path, name, content, message):
    with pytest.raises(InputError, match=message):
        read_labelled(written(tmp_path, name, content))


def test_a_line_of_a_megabyte_is_read(tmp_path):
    path = written(tmp_path, "t.txt", "__label__a " + "word " * 200_000 + "\n__label__b short\n")
    assert [len(example.text) for example in read_labelled(path).examples] == [999_999, 5]
