"""Tables, against Python's csv and against rows written by hand."""

import csv
import gzip

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elman.core.errors import InputError
from elman.data.table import read_table

FIELDS = st.text(st.characters(exclude_characters="\r\0\ufeff", codec="utf-8"), max_size=6)


def fields(table):
    return [row.fields for row in table.rows]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(rows=st.lists(st.tuples(st.just("x"), FIELDS, FIELDS), min_size=1, max_size=5))
def test_what_csv_writes_is_read(tmp_path, rows):
    path = tmp_path / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    assert fields(read_table(path)) == rows


def test_the_line_of_a_row_counts_lines_within_quotes_and_blank_ones(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('\ufeff1,"two\nlines"\n\n2,b\n', encoding="utf-8")
    assert [(row.line, row.fields) for row in read_table(path).rows] == [
        (1, ("1", "two\nlines")),
        (4, ("2", "b")),
    ]


def test_quotes_and_commas_are_text_between_tabs(tmp_path):
    path = tmp_path / "t.tsv.gz"
    path.write_bytes(gzip.compress(b'5" disk, new\t1\n\n"\t0\n'))
    assert fields(read_table(path)) == [('5" disk, new', "1"), ('"', "0")]


def test_a_field_of_a_megabyte_is_read(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("1," + "很好" * 500_000 + "\n", encoding="utf-8")
    assert len(fields(read_table(path))[0][1]) == 1_000_000


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", "a,b\n\nc,d,e\n", r"t\.csv, line 3: 3 columns, where line 1 has 2"),
        ("t.tsv", "a\tb\nc\n", r"t\.tsv, line 2: 1 column, where line 1 has 2"),
        ("t.csv", 'a,b\nc,"d\n', r"t\.csv, line 2: not CSV: unexpected end of data"),
        ("t.csv", "\n \n", r"t\.csv: all lines are blank"),
        ("t.csv", "", r"t\.csv: the file is empty"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, name, content, message):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_table(tmp_path / name)


def test_a_column_has_a_name_and_a_number(tmp_path):
    (tmp_path / "t.csv").write_text("label,review\n1,good\n")
    table = read_table(tmp_path / "t.csv")
    assert [table.column(asked, "text_column") for asked in ("review", "2", "1")] == [1, 1, 0]
    with pytest.raises(InputError, match=r"no text_column 'text'; .* from 1 to 2, or a name: label, review"):
        table.column("text", "text_column")
    with pytest.raises(InputError, match="no text_column '3'"):
        table.column("3", "text_column")
