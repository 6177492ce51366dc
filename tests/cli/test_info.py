"""`elman info`, `elman evaluate` and `elman predict` on models that exist."""

import hashlib
import json
import subprocess
import sys

import pytest

import elman
from elman.cli.main import main


def test_info_says_what_a_file_holds(language_run, capsys):
    assert main(["info", str(language_run)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    rows = {" ".join(words[:-1]): words[-1] for words in lines}
    text = language_run.parent / "cats.txt"
    assert rows["task"] == "language"
    assert rows[f"vocabulary {len(set(text.read_text()))}"] == "characters"
    assert rows["parameters"] == f"{sum(w.numel() for w in elman.load(language_run).parameters()):,}"
    assert rows["data"] == "cats.txt"
    assert rows["sha256"] == hashlib.sha256(text.read_bytes()).hexdigest()
    assert (rows["cell"], rows["hidden_size"]) == ("lstm", "16")
    assert {"date", "perplexity", "made with torch"} <= rows.keys()


def test_evaluate_is_the_score_of_a_file(language_run, capsys):
    text = language_run.parent / "cats.txt"
    assert main(["evaluate", str(language_run), str(text), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    score = elman.load(language_run).score(text.read_text())
    assert figures["log_prob"] == pytest.approx(score.log_prob, rel=1e-5)
    assert main(["evaluate", str(language_run), str(text)]) == 0
    assert f"{score.nats_per_symbol:.4f} nats" in capsys.readouterr().out


def test_names_are_scored_line_by_line(names_run, tmp_path, capsys):
    (tmp_path / "more.txt").write_text("banabus\ncanacus\n")
    assert main(["evaluate", str(names_run), str(tmp_path / "more.txt"), "--json"]) == 0
    model = elman.load(names_run)
    by_one = sum(model.score(name).log_prob for name in ("banabus", "canacus"))
    assert json.loads(capsys.readouterr().out)["log_prob"] == pytest.approx(by_one, rel=1e-5)


def test_a_model_that_is_asked_by_another_command_says_so(language_run, capsys):
    assert main(["predict", str(language_run), "a"]) == 2
    assert f"elman sample {language_run}" in capsys.readouterr().err


def test_predict_without_a_run_says_what_it_takes(capsys):
    assert main(["predict"]) == 0
    assert "elman predict RUN" in capsys.readouterr().out


def test_a_model_is_loaded_without_the_compiler_of_torch(language_run):
    code = f"""
import sys, elman
elman.load({str(language_run)!r}).sample(length=3)
print("torch._dynamo" in sys.modules)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
