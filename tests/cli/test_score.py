"""`elman score`: a table of figures."""

import math

import elman
from elman.cli.main import main


def test_the_table_holds_the_figures_of_the_model(names_run, capsys):
    texts = ["bnacus", "[bold]x[/bold]"]
    assert main(["score", str(names_run), *texts]) == 0
    heading, *rows, likeliest = capsys.readouterr().out.splitlines()
    assert heading.split() == ["text", "log-probability", "nats/symbol", "bits/symbol", "perplexity"]
    model = elman.load(names_run)
    for text, row in zip(texts, rows, strict=True):
        score = model.score(text)
        figures = (score.log_prob, score.nats_per_symbol, score.bits_per_symbol, score.perplexity)
        assert row.split() == [text, *(f"{figure:.4f}" for figure in figures)]

    first, second = (model.score(text).log_prob for text in texts)
    assert first > second
    times = f"10^{(first - second) / math.log(10):.1f} times as probable as '[bold]x[/bold]'"
    assert likeliest == f"likeliest: 'bnacus', {times}"


def test_one_text_is_compared_with_none(names_run, capsys):
    assert main(["score", str(names_run), "bnacus"]) == 0
    assert "likeliest" not in capsys.readouterr().out


def test_readings_of_about_one_probability_are_compared_by_a_number(names_run, capsys):
    assert main(["score", str(names_run), "bnacus", "cnacus", "dnacus"]) == 0
    *_, said = capsys.readouterr().out.splitlines()
    model = elman.load(names_run)
    ordered = sorted((model.score(text).log_prob, text) for text in ("bnacus", "cnacus", "dnacus"))
    (_, (next_log_prob, second), (log_prob, first)) = ordered
    times = f"{math.exp(log_prob - next_log_prob):,.3g}"
    assert said == f"likeliest: {first!r}, {times} times as probable as {second!r}"


def test_words_have_bits_per_character_too(tmp_path, capsys):
    (tmp_path / "cats.txt").write_text("the cat sat\n" * 40)
    options = {"level": "word", "hidden_size": 8, "layers": 1, "embedding_size": 8, "epochs": 1}
    elman.train("language", tmp_path / "cats.txt", out=tmp_path / "run", **options)
    assert main(["score", str(tmp_path / "run"), "the cat"]) == 0
    heading, row = capsys.readouterr().out.splitlines()
    assert heading.split()[-1] == "bits/character"
    score = elman.load(tmp_path / "run").score("the cat")
    assert row.split()[-1] == f"{-score.log_prob / math.log(2) / 7:.4f}"


def test_unknown_characters_are_a_warning(names_run, capsys):
    assert main(["score", str(names_run), "Zb"]) == 0
    assert capsys.readouterr().err == "elman: not in the model's vocabulary, read as <unk>: 'Z'\n"


def test_no_text_is_refused(names_run, capsys):
    assert main(["score", str(names_run)]) == 2
    assert capsys.readouterr().err == "elman: no text to score: elman score RUN TEXT…\n"


def test_an_empty_text_is_refused_where_nothing_ends_it(language_run, capsys):
    assert main(["score", str(language_run), ""]) == 2
    assert "an empty text has no symbols to score" in capsys.readouterr().err
