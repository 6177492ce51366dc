"""`elman agreement`: a table of shares."""

import elman
from elman.cli.main import main
from elman.tasks.language.agreement import agreement, read_pairs


def test_the_table_holds_the_shares_by_attractors(language_run, tmp_path, capsys):
    path = tmp_path / "pairs.tsv"
    path.write_text("the cat\tteh cat\t0\nthe mat\tmat eht\t0\ntas eht\tthe sat\t2\non the\tno eth\n")
    assert main(["agreement", str(language_run), str(path)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows == [
        ["attractors", "pairs", "right"],
        ["0", "2", "100.0%"],
        ["2", "1", "0.0%"],
        ["all", "4", "75.0%"],
    ]
    assert agreement(elman.load(language_run), read_pairs(path)).all.right == 3


def test_a_file_of_another_form_is_one_line(language_run, tmp_path, capsys):
    path = tmp_path / "pairs.tsv"
    path.write_text("one column\n")
    assert main(["agreement", str(language_run), str(path)]) == 2
    assert "pairs.tsv, line 1: 1 columns" in capsys.readouterr().err
