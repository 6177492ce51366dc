"""A model that writes sequences, small enough to enumerate all of them."""

import itertools

import torch

END = 1
SYMBOLS = 5


class Writer:
    """p(symbol | the two before it) by random tables, one for each source."""

    def __init__(self, sources, sharpness=2.0, dtype=torch.float64):
        self.scores = sharpness * torch.randn(sources, SYMBOLS, SYMBOLS, SYMBOLS, dtype=dtype)

    def state(self):
        source = torch.arange(len(self.scores))[None, :, None]
        return source, (torch.full_like(source, END), torch.full_like(source, END))

    def step(self, symbols, state):
        source, (_, before) = state
        scores = self.scores[source[0, :, 0], before[0, :, 0], symbols]
        return scores, (source, (before, symbols[None, :, None]))

    def log_prob(self, source, symbols):
        """ln p of symbols and the end after them."""
        log_p = self.scores[source].log_softmax(-1)
        framed = [END, END, *symbols, END]
        return sum(float(log_p[framed[i], framed[i + 1], framed[i + 2]]) for i in range(len(symbols) + 1))

    def all_sequences(self, source, limit, alpha, allowed):
        found = [
            (self.log_prob(source, symbols) / ((5 + n + 1) / 6) ** alpha, symbols)
            for n in range(1, limit + 1)
            for symbols in itertools.product(allowed, repeat=n)
        ]
        return sorted(found, reverse=True)
