"""The plan that fits every loop: a launch a stage of a step.

Launches find their operands by a table on the device, so that those of some steps are captured once for all
loops of the same sizes, whatever their lengths and wherever their tensors stand.
"""

from __future__ import annotations

from math import gcd
from typing import Any

import torch
from torch import Tensor

from elman.emit.plan import Row
from elman.emit.triton.writer import Launch
from elman.run.gpu.graph import GRAPHS, Graph, can_capture, captured, stream
from elman.run.gpu.launch import Launcher, functions, language, shaped, steps_between
from elman.run.gpu.plan import Plan, Work

FEW = 8
"""Fewer launches than that are not worth a graph."""
LONGEST, WHOLE = 64, 8
"""The most rounds of a graph, which longer loops replay; there are so many, or a multiple."""
ALIGNED = 16
"""The bytes that a thread loads at once where addresses allow it."""


class StepPlan(Plan):
    """The launches of a step, one after the other, step by step."""

    name = "a launch a stage of every step"
    kind = "steps"

    def run(self, work: Work) -> None:
        """Launches all steps."""
        with work.on_device():
            rounds = Rounds(self, work)
            graph = rounds.graph()
            if graph is None:
                rounds.launch()
            else:
                rounds.replay(graph)


class Rounds:
    """The launches of a loop: those of a step one after the other, round by round."""

    def __init__(self, plan: StepPlan, work: Work) -> None:
        self._plan, self._work, source = plan, work, plan.source
        self._values = work.with_passing(source)
        addresses = [self._values[node].data_ptr() for node in source.addresses]
        self._align = gcd(ALIGNED, *addresses)
        *stages, fill = functions(source.text, (*(launch.name for launch in source.launches), "fill"))
        self._stages = [self._stage(*pair) for pair in zip(source.launches, stages, strict=True)]
        self._fill = Launcher(fill, (), {}, lambda count: (1, 1))
        places, tables = work.places, work.tables
        self._rows = (places.firsts, places.counts, tables[Row.CARRIED], tables[Row.OTHER])
        self._numbers = (work.steps, work.layout.batch, *(t.data_ptr() for t in self._rows), *addresses)
        self._begins, self._count = source.begins, max(1, work.steps) - source.begins
        pieces = -(-self._count // LONGEST)
        self._length = WHOLE * -(-self._count // (WHOLE * pieces))

    def _stage(self, launch: Launch, function: Any) -> Launcher:
        work, tensors = self._work, [self._values[node] for node in launch.arguments]
        between = [
            way for pair in zip(launch.arguments, tensors, strict=True) for way in steps_between(*pair)
        ]
        given = (*between, *(language(tensor.dtype) for tensor in tensors))
        shapes = work.device, work.sizes, work.dtype, work.layout.batch
        return shaped(launch, function, given, *shapes, (self._align,))

    def launch(self) -> None:
        """Queues all rounds one by one."""
        table = self._table()
        self._fill(1, table, self._begins, *self._numbers)
        self._queue(table, self._count)

    def replay(self, graph: Graph) -> None:
        """Queues all rounds, some by each replay of a graph."""
        with graph.lock:
            for first in range(self._begins, self._begins + self._count, self._length):
                self._fill(1, graph.table, first, *self._numbers)
                graph.replay()

    def graph(self) -> Graph | None:
        """Returns some rounds as a graph; None where there is none."""
        device = self._work.device
        if self._count * len(self._stages) < FEW or not can_capture(device):
            return None
        shapes = tuple(stage.arguments for stage in self._stages)
        key = self._plan, device, stream(device), self._work.layout.batch, self._length, shapes
        return GRAPHS.find(key, self._captured)

    def _captured(self) -> Graph:
        table = self._table()
        return captured(table, lambda: self._queue(table, self._length))

    def _queue(self, table: Tensor, count: int) -> None:
        for step in range(count):
            for stage in self._stages:
                stage(self._work.layout.batch, table, step)

    def _table(self) -> Tensor:
        return torch.empty(1 + len(self._numbers), dtype=torch.int64, device=self._work.device)
