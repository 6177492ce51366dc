"""Figures of translation: BLEU on multi30k's English to German after so many minutes, chrF on Tatoeba's
English to Chinese, and exchanges with a model of chatterbot's dialogues.

    python benchmarks/text/translate.py multi30k FOLDER MINUTES [OPTION=VALUE…]
    python benchmarks/text/translate.py tatoeba FILE MINUTES [OPTION=VALUE…]
    python benchmarks/text/translate.py chatterbot FOLDER MINUTES [OPTION=VALUE…]

Options are those of `elman train`. The first two print a row of markdown.
"""

import sys
import tempfile
from pathlib import Path

import yaml

import elman
from elman.tasks.translate.predict import evaluate_file

_QUESTIONS = (
    "Hello",
    "How are you doing?",
    "What is AI?",
    "Are you sentient?",
    "What language are you written in?",
    "Tell me a joke",
    "What was the first computer",
    "what is money",
    "What is your fear",
    "Who invented the telephone?",
)
_TESTED = 20


def multi30k(folder: Path, minutes: float, **options: object) -> None:
    """English to German: trained on train, stopped by val, BLEU of test_2016_flickr."""
    model = elman.train(
        "translate",
        folder / "train.en.gz",
        target_file=str(folder / "train.de.gz"),
        validation_file=str(folder / "val.en.gz"),
        max_minutes=minutes,
        epochs=1000,
        **options,
    )
    row("multi30k en→de", model, folder / "test_2016_flickr.en.gz", minutes)


def tatoeba(file: Path, minutes: float, **options: object) -> None:
    """English to Chinese: every twentieth different source, in the order of the file, tests."""
    lines = file.read_text(encoding="utf-8").splitlines()
    sources = dict.fromkeys(line.split("\t")[0] for line in lines)
    tested = set(list(sources)[::_TESTED])
    with tempfile.TemporaryDirectory() as name:
        parts = {True: Path(name, "test.tsv"), False: Path(name, "train.tsv")}
        for is_test, path in parts.items():
            part = [line for line in lines if (line.split("\t")[0] in tested) == is_test]
            path.write_text("\n".join(part), encoding="utf-8")
        model = elman.train("translate", parts[False], max_minutes=minutes, epochs=1000, **options)
        row("tatoeba en→zh", model, parts[True], minutes)


def chatterbot(folder: Path, minutes: float, **options: object) -> None:
    """Ten exchanges with a model of all dialogues of a folder, which it is to know by heart: they are too few
    to answer to other questions, as the last one is. So what is kept is the best by the same dialogues.
    """
    options = {"validation_file": str(folder), "validate_every": 200, **options}
    model = elman.train("chat", folder, max_minutes=minutes, epochs=1000, **options)
    for question in _QUESTIONS:
        print(f"- {question}\n  - {model.reply(question, seed=1).candidates[0].text}")


def row(name: str, model: object, test: Path, minutes: float) -> None:
    """Prints the figures of a test file."""
    score = evaluate_file(model, test)  # pyright: ignore[reportArgumentType]
    print(
        f"| {name} | {minutes:g} | {score.bleu:.1f} | {score.chrf:.1f} | {score.perplexity:.2f} | "
        f"{score.texts:,} | {score.signatures[0].replace('|', ' ')} |"
    )


if __name__ == "__main__":
    _, what, path, minutes, *given = sys.argv
    options = {name: yaml.safe_load(value) for name, _, value in (one.partition("=") for one in given)}
    {"multi30k": multi30k, "tatoeba": tatoeba, "chatterbot": chatterbot}[what](
        Path(path), float(minutes), **options
    )
