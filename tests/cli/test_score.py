"""`elman score`: a table of figures."""

import elman
from elman.cli.main import main


def test_the_table_holds_the_figures_of_the_model(names_run, capsys):
    texts = ["bnacus", "[bold]x[/bold]"]
    assert main(["score", str(names_run), *texts]) == 0
    heading, *rows = capsys.readouterr().out.splitlines()
    assert heading.split() == ["text", "log-probability", "nats/symbol", "bits/symbol", "perplexity"]
    model = elman.load(names_run)
    for text, row in zip(texts, rows, strict=True):
        score = model.score(text)
        figures = (score.log_prob, score.nats_per_symbol, score.bits_per_symbol, score.perplexity)
        assert row.split() == [text, *(f"{figure:.4f}" for figure in figures)]


def test_unknown_characters_are_a_warning(names_run, capsys):
    assert main(["score", str(names_run), "Zb"]) == 0
    assert capsys.readouterr().err == "elman: not in the model's vocabulary, read as <unk>: 'Z'\n"


def test_no_text_is_refused(names_run, capsys):
    assert main(["score", str(names_run)]) == 2
    assert capsys.readouterr().err == "elman: no text to score: elman score RUN TEXT…\n"


def test_an_empty_text_is_refused_where_nothing_ends_it(language_run, capsys):
    assert main(["score", str(language_run), ""]) == 2
    assert "an empty text has no symbols to score" in capsys.readouterr().err
