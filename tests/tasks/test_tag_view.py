"""Tagged text in the colours of a terminal."""

import itertools
from dataclasses import replace

from rich.text import Text

from elman.data.phrases import phrases_of
from elman.tasks.tag import predict


def prediction_of(source, readings, plain=False):
    tokens = source.split()
    ends = list(itertools.accumulate(len(token) + 1 for token in tokens))
    found = [(end - 1 - len(token), end - 1) for token, end in zip(tokens, ends, strict=True)]
    said = tuple(
        predict.Reading(tuple(tags), p, () if plain else tuple(phrases_of(tags))) for tags, p in readings
    )
    return predict.TagPrediction(source, tuple(tokens), tuple(found), said, (("go", 0.75),), plain, "auto")


def test_on_a_terminal_phrases_stand_on_the_color_of_their_kind(monkeypatch):
    colored = {"FORCE_COLOR": "1", "COLORTERM": "truecolor", "TERM": "xterm-256color"}
    for name, value in colored.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    tags = ["O", "B-start", "O", "B-end", "I-end"]
    found = prediction_of("from [red]Rome to New York", [(tags, 0.5), (["O"] * 5, 0.25)])
    text = Text.from_ansi(found.text())
    assert text.plain.split("\n") == [
        "0.500  go (0.75): from  [red]Rome start  to  New York end ",
        "0.250  go (0.75): from [red]Rome to New York",
    ]
    marked = {text.plain[s.start : s.end]: s.style.bgcolor for s in text.spans}
    assert marked.keys() == {" [red]Rome ", "start ", " New York ", "end "}
    assert marked[" [red]Rome "] == marked["start "] != marked[" New York "] == marked["end "]
    monkeypatch.setenv("NO_COLOR", "1")
    assert found.text() == replace(found, format="text").text()


def test_what_is_no_terminal_gets_no_colors(capsys):
    found = prediction_of("to New York", [(["O", "B-end", "I-end"], 0.5)])
    assert found.text() == "go (0.75): to [New York: end]"
    assert (
        prediction_of("the cat", [(["DET", "NOUN"], 0.5)], plain=True).text() == "go (0.75): the/DET cat/NOUN"
    )
