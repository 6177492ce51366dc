"""A bar on the terminal while a large text is read."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from elman.data.text import Progress as Told


@contextmanager
def reading_bar(console: Console) -> Iterator[Told]:
    """A bar that is told of bytes done and in all; it is on terminals only, and goes away in the end."""
    columns = (TextColumn("reading"), BarColumn(bar_width=12), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
