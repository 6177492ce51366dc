"""Verdicts as tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from elman.bench.gpu.verdict import Verdict

PASSED, FAILED, SKIPPED = "✓", "✗", "–"


def line(verdict: Verdict) -> str:
    """Returns a verdict in a line."""
    result = verdict.skipped or "; ".join(verdict.failures) or errors(verdict) or "passed"
    return f"{mark(verdict)} {verdict.name} ({verdict.seconds:.0f} s): {result}"


def page(verdicts: Sequence[Verdict], formats: Sequence[str]) -> str:
    """Returns tables of the errors of layers in some formats, and of all other checks, and what failed."""
    known = {verdict.name: verdict for verdict in verdicts}
    subjects = list(dict.fromkeys(name.split()[0] for name in known if name.split()[-1] in formats))
    tables: list[list[Sequence[str]]] = []
    if subjects:
        rows = [[subject, *(_cell(known, subject, form) for form in formats)] for subject in subjects]
        tables.append([["error, peer's", *formats], ["---", *("---" for _ in formats)], *rows])
    others = [verdict for verdict in verdicts if verdict.name.split()[-1] not in formats]
    if others:
        rows = [[one.name, f"{mark(one)} {one.skipped}".strip()] for one in others]
        tables.append([["check", ""], ["---", "---"], *rows])
    failures = [f"- {one.name}: {failure}\n" for one in verdicts for failure in one.failures]
    shown = ["".join(f"| {' | '.join(row)} |\n" for row in rows) for rows in tables]
    return "\n".join([*shown, *(["".join(failures)] if failures else [])])


def mark(verdict: Verdict) -> str:
    """Returns the sign of a verdict."""
    if verdict.skipped:
        return SKIPPED
    return PASSED if verdict.passed else FAILED


def errors(verdict: Verdict) -> str:
    """Returns the largest error of elman's and its peer's, if any."""
    return f"{verdict.error:.1e}, {verdict.peer:.1e}" if verdict.error else ""


def _cell(known: dict[str, Verdict], subject: str, form: str) -> str:
    verdict = known.get(f"{subject} {form}")
    return "" if verdict is None else f"{errors(verdict)} {mark(verdict)}".strip()
