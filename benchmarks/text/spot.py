"""我爱中国 in Chinese text: python benchmarks/text/spot.py ud-chinese-gsd-v1 [OTHER.txt …]

Trains on the characters of the training part. Then the phrase is inserted at random places of the development
and the test part, in ten ways, and what is missed and what is taken for it is counted; other texts, read as
they are, show false alarms alone. Prints a row of a table for each.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import elman
from elman.tasks.spot.predict import evaluate_file

PHRASE = "我爱中国"
EVERY = 100
PLANTINGS = 10


def characters(conllu: Path) -> str:
    """The sentences of a CoNLL-U file, a line each, their words joined."""
    sentences = conllu.read_text(encoding="utf-8").strip().split("\n\n")
    rows = [[line.split("\t") for line in s.split("\n") if not line.startswith("#")] for s in sentences]
    return "".join("".join(row[1] for row in sentence if row[0].isdecimal()) + "\n" for sentence in rows)


def planted(text: str, seed: int) -> str:
    """A text with the phrase inserted at random places, one in a hundred."""
    places = np.sort(np.random.default_rng(seed).integers(len(text) + 1, size=len(text) // EVERY)).tolist()
    parts = (text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True))
    return PHRASE.join(parts)


def main(folder: Path, others: list[Path]) -> None:
    """Train, count, print."""
    with tempfile.TemporaryDirectory() as name:
        files = {part: Path(name) / f"{part}.txt" for part in ("train", "dev", "test")}
        for part, file in files.items():
            file.write_text(characters(folder / f"zh-ud-{part}.conllu"), encoding="utf-8")
        start = time.monotonic()
        model = elman.train(
            "spot", files["train"], out=Path(name) / "run", phrases=PHRASE, validation_file=str(files["dev"])
        )
        seconds = time.monotonic() - start
        print(
            "| text | phrases | missed | characters | false alarms | per million |\n|---|---|---|---|---|---|"
        )
        for part in ("dev", "test"):
            text = files[part].read_text(encoding="utf-8")
            ways = Path(name) / "planted.txt"
            ways.write_text("".join(planted(text, seed) for seed in range(PLANTINGS)), encoding="utf-8")
            report(f"{part}, planted in {PLANTINGS} ways", model, ways)
        for other in others:
            report(f"{other.name} as it is", model, other)
        print(f"\ntraining took {seconds:.0f} s")


def report(name: str, model: object, text: Path) -> None:
    """Print the row of a text."""
    score = evaluate_file(model, text)  # pyright: ignore[reportArgumentType]
    share = f"{score.misses} ({score.misses / score.phrases:.2%})" if score.phrases else "–"
    print(
        f"| {name} | {score.phrases:,} | {share} | {score.characters:,} | {score.false_alarms} "
        f"| {score.false_alarms_per_million:.1f} |"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
