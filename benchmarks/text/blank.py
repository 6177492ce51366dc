"""Blanks from both sides and from the left: python benchmarks/text/blank.py HOTEL MINUTES RUNS

HOTEL is chnsenticorp-hotel/ChnSentiCorp_htl_all.csv, RUNS a folder to train in. Of its reviews every tenth,
by the SHA-256 of it, is held out; `blank` and `language` learn the characters of the others for so many
minutes each, with as many units, 8 lines at a time. Each character of the held-out reviews is then a blank:
for `language`, which reads the same lines, what comes next. Prints a row for each.
"""

import csv
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import elman
from elman.data.lines import Lines
from elman.data.source import Source
from elman.data.symbols import Symbols
from elman.data.tokens import read_tokens
from elman.tasks.blank.data import BlankBatches
from elman.tasks.blank.metrics import BlankScore
from elman.tasks.blank.predict import evaluate_file
from elman.tasks.language.metrics import counted
from elman.tasks.language.predict import read

HIDDEN, LONGEST, LINES = 128, 128, 16


def write_parts(reviews: Path, runs: Path) -> tuple[Path, Path]:
    """The reviews to learn from and those held out, a line each."""
    with reviews.open(encoding="utf-8-sig", newline="") as file:
        texts = sorted({" ".join(row["review"].split()) for row in csv.DictReader(file)} - {""})
    is_held_out = [int.from_bytes(hashlib.sha256(text.encode()).digest()) % 10 == 0 for text in texts]
    paths = runs / "train.txt", runs / "test.txt"
    for path, side in zip(paths, (False, True), strict=True):
        chosen = (text for text, out in zip(texts, is_held_out, strict=True) if out == side)
        path.write_text("\n".join(chosen) + "\n", encoding="utf-8")
    return paths


def from_the_left(model: Any, path: Path) -> BlankScore:
    """The score of a language model on the lines of a file."""
    symbols = Symbols(read_tokens(Source.of(path), "character"), model.vocabulary)
    lines = BlankBatches(Lines(symbols, model.vocabulary, LONGEST), LINES)
    with torch.inference_mode():
        return BlankScore.of(_next_symbols(model, lines), "character")


def _next_symbols(model: Any, lines: BlankBatches) -> Iterator[tuple[Tensor, Tensor]]:
    (line_end,) = model.vocabulary.encode("\n").tolist()
    for batch in lines.epoch(0):
        batch.inputs[0] = line_end
        scores_TBV, _ = read(model, batch.inputs)
        yield counted(scores_TBV, batch), counted(batch.targets, batch)


def main(reviews: Path, minutes: float, runs: Path) -> None:
    """Train both, score both, print both."""
    runs.mkdir(parents=True, exist_ok=True)
    train, test = write_parts(reviews, runs)
    options = {"hidden_size": HIDDEN, "layers": 1, "batch_size": 8, "epochs": 100, "max_minutes": minutes}
    scores = {
        task: score(elman.train(task, train, out=runs / task, **options), test)
        for task, score in (("blank", evaluate_file), ("language", from_the_left))
    }
    print("| task | blanks | first guess right | within five | nats per character |\n|---|---|---|---|---|")
    for task, found in scores.items():
        nats = found.to_dict()["nats_per_symbol"]
        shares = f"{found.accuracy:.1%} | {found.top_5_accuracy:.1%}"
        print(f"| `{task}` | {found.symbols:,} | {shares} | {nats:.3f} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
