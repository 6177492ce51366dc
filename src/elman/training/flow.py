"""How far back in time the gradient of an error reaches: ‖∂E_t/∂s_{t-k}‖ against k, measured and pictured.

Where it falls to nothing within a few steps, nothing is learned about what is further back; where it grows,
steps are too large (Bengio et al. 1994, Pascanu et al. 2013).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from elman.core.errors import InputError
from elman.data.batch import SequenceBatch
from elman.data.files import write_atomically
from elman.data.lines import LineBatches
from elman.data.stream import StreamBatches
from elman.tasks.language.model import LanguageModel
from elman.tasks.options import require_integer
from elman.training import flow_picture
from elman.training.log import Probe, read_log
from elman.training.probes import GRADIENT, probe

NAME = "gradients.png"
_STEPS, _MOST_STEPS = 256, 1 << 16
_STREAMS, _LINES = 8, 64
_GONE = 0.01


@dataclass(frozen=True)
class GradientNorm:
    """‖∂E_t/∂s_{t-k}‖ for a state s of a layer, in nats per unit of s; layers count from 1."""

    layer: int
    state: str
    k: int
    value: float


@dataclass(frozen=True)
class GradientFlow:
    """The norms of a network, layer by layer, state by state, by rising k."""

    norms: tuple[GradientNorm, ...]

    @classmethod
    def of(cls, probes: Iterable[Probe]) -> GradientFlow:
        """The gradients among the figures of a probe."""
        found = [(p.layer, p.what.removeprefix(GRADIENT), p.k, p.value) for p in probes if p.k is not None]
        return cls(tuple(GradientNorm(*norm) for norm in found))

    @property
    def lines(self) -> dict[tuple[int, str], dict[int, float]]:
        """By layer and state: k to norm."""
        found: dict[tuple[int, str], dict[int, float]] = {}
        for norm in self.norms:
            found.setdefault((norm.layer, norm.state), {})[norm.k] = norm.value
        return found

    @property
    def reach(self) -> dict[tuple[int, str], int | None]:
        """By layer and state: the first k at which the norm is at most 1% of that at k = 0, None if there is
        none, or no gradient at k = 0.
        """
        return {
            place: next((k for k, value in line.items() if value <= _GONE * line[0]), None)
            if line[0] > 0.0
            else None
            for place, line in self.lines.items()
        }

    def draw(self, path: str | Path) -> None:
        """Write the norms against k as a PNG, on a logarithmic scale, with the k at which 1% is left.

        Raises InputError when the file cannot be written.
        """
        write_atomically(Path(path), flow_picture.draw(self))


def gradient_flow(model: LanguageModel, text: str, *, steps: int = _STEPS) -> GradientFlow:
    """How far back the gradient of a model reaches on a text, trained or fresh:

    ‖∂E_t/∂s_{t-k}‖, E_t = -ln p(symbol_t | symbols before t), for all k below steps

    of each state s of each layer, t the last step; the mean over up to eight windows of that many steps, from
    all parts of the text, each from a zero state. A shorter text is one window. A model of names reads the
    lines instead, the 64 longest of them, each to its end if steps allow; for large k only the lines that are
    long enough count. Works without dropout, and leaves the model and the random numbers as they were.

    Raises InputError for a text without symbols.
    """
    require_integer("steps", steps, 1, _MOST_STEPS)
    symbols = _lines(model, text) if model.closing else _windows(model, text, steps)
    longest = min(steps, len(symbols.inputs))
    return GradientFlow.of(probe(model, symbols.to(model.device), 0, range(longest), symbols.inputs.shape[1]))


def draw_gradients(folder: Path) -> None:
    """Draw the first and the last probe of a run folder into it; a run without a probe has no picture.

    Raises InputError when the log cannot be read or the picture not written.
    """
    probes = read_log(folder).probes
    if not probes:
        return
    first, last = probes[0].step, probes[-1].step
    before, after = (GradientFlow.of(p for p in probes if p.step == step) for step in (first, last))
    said = f"at step {last:,}" + (f"; faint: at step {first:,}" if first < last else "")
    write_atomically(folder / NAME, flow_picture.draw(after, before if first < last else None, said))


def _windows(model: LanguageModel, text: str, steps: int) -> SequenceBatch:
    symbols = model.vocabulary.encode_with_warning(text)
    if not len(symbols):
        raise InputError("an empty text has no symbols to follow a gradient over")
    streams = min(_STREAMS, max(1, len(symbols) // steps))
    return next(StreamBatches(symbols, streams, min(steps, len(symbols))).epoch(0))


def _lines(model: LanguageModel, text: str) -> SequenceBatch:
    lines = [line.strip() for line in text.split("\n")]
    longest = sorted((line for line in lines if line), key=len)[-_LINES:]
    if not longest:
        raise InputError("a text without a line has no symbols to follow a gradient over")
    symbols = [model.vocabulary.encode_with_warning(line) for line in longest]
    return next(LineBatches(symbols, len(symbols)).epoch(0))
