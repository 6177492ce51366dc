"""The bar of reading."""

import io

from rich.console import Console

from elman.data.progress import reading_bar


def shown(terminal):
    console = Console(file=io.StringIO(), force_terminal=terminal, width=100)
    with reading_bar(console) as progress:
        progress(0, 4_000_000)
        progress(3_000_000, 4_000_000)
    return console.file.getvalue()


def test_a_terminal_shows_how_much_is_read():
    assert "3.0/4.0 MB" in shown(terminal=True)


def test_elsewhere_nothing_is_written():
    assert shown(terminal=False) == ""
