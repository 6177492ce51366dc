"""How fast training is, the time of validations left out."""

import time


class Pace:
    """Symbols, and the seconds in which training read them."""

    def __init__(self) -> None:
        self.symbols = 0
        self.seconds = 0.0
        self._since = time.monotonic()

    def go(self) -> None:
        """Training goes on: what was done since the last batch is not its time."""
        self._since = time.monotonic()

    def add(self, symbols: int) -> None:
        """A batch is done."""
        now = time.monotonic()
        self.seconds += now - self._since
        self.symbols += symbols
        self._since = now

    @property
    def speed(self) -> float:
        """Symbols per second, 0 before the first batch."""
        return self.symbols / self.seconds if self.seconds else 0.0
