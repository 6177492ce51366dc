"""Verdicts as lines and tables."""

from elman.bench.gpu.page import line, page
from elman.bench.gpu.verdict import Verdict

VERDICTS = [
    Verdict("graph", failures=["lstm: captured nothing"], seconds=3.2),
    Verdict("devices", skipped="there is one device"),
    Verdict("LSTM bfloat16", 0.0012, 0.0031, seconds=20.0),
    Verdict("gru bfloat16", 0.5, 0.001, failures=["B=1: wrong"]),
    Verdict("gru float32", 1e-6, 2e-6),
]


def test_the_page_has_a_row_a_layer_and_what_failed():
    assert page(VERDICTS, ["float32", "bfloat16"]).splitlines() == [
        "| error, peer's | float32 | bfloat16 |",
        "| --- | --- | --- |",
        "| LSTM |  | 1.2e-03, 3.1e-03 ✓ |",
        "| gru | 1.0e-06, 2.0e-06 ✓ | 5.0e-01, 1.0e-03 ✗ |",
        "",
        "| check |  |",
        "| --- | --- |",
        "| graph | ✗ |",
        "| devices | – there is one device |",
        "",
        "- graph: lstm: captured nothing",
        "- gru bfloat16: B=1: wrong",
    ]


def test_a_line_says_what_came_out():
    assert [line(verdict) for verdict in VERDICTS[:3]] == [
        "✗ graph (3 s): lstm: captured nothing",
        "– devices (0 s): there is one device",
        "✓ LSTM bfloat16 (20 s): 1.2e-03, 3.1e-03",
    ]


def test_the_largest_error_is_kept_with_its_peers_and_a_failure_once():
    verdict = Verdict("")
    for error, peer in ((0.1, 0.2), (0.3, 0.1), (0.2, 0.9)):
        verdict.compare(error, peer)
    assert (verdict.error, verdict.peer) == (0.3, 0.1)
    verdict.compare(float("nan"), 0.1)
    assert verdict.error != verdict.error
    verdict.fail("once")
    verdict.fail("once")
    assert verdict.failures == ["once"]
    assert not verdict.passed
