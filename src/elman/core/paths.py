"""The paths that a gradient takes back through time and layers, counted and listed.

In a stack of L layers over the steps t … t + N, the error E_{t+N} depends on the output of layer L at t + N.
What a layer computes at a step, its states and its output, depends on the output of the layer below at that
step, on its own states one step earlier, and on one another. A path is a chain of such dependences that ends
where a weight is used, at any of the steps t … t + N; its product of partial derivatives is one term of
∂E_{t+N}/∂W, in which ∂⁺ is the derivative of the value's own equation:

    paths(v) = Σ paths(u) over all u that depend on v,    paths(W) = Σ paths(v) over all uses v of W

For two simple layers and N = 1 the first layer's weights have three. A layer l of one-state cells has

    Σ_k C(L - l + k, k) = C(L - l + N + 1, N),    k = 0 … N
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from elman.core.errors import InputError
from elman.core.ir import Node, Step, topological
from elman.core.naming import given_names

LISTED = 20


@dataclass(frozen=True)
class Value:
    """A state or the output of a cell, and what its own equation reads."""

    name: str
    others: tuple[str, ...]
    before: tuple[str, ...]
    sees_input: bool
    weights: tuple[str, ...]


@dataclass(frozen=True)
class Point:
    """A value of a layer (1 is the lowest) at step t + `step`."""

    layer: int
    value: str
    step: int


@dataclass(frozen=True)
class Paths:
    """The paths to some weights of a layer, the same for all of these: how many, and the first of them.

    Each leads from the output of the top layer at the last step to a value whose equation uses the weights.
    """

    layer: int
    weights: tuple[str, ...]
    count: int
    first: tuple[tuple[Point, ...], ...]


class Stack:
    """A number of layers of one cell, unfolded over the steps t … t + `steps`.

    Raises InputError for less than one layer, or a negative number of steps.
    """

    def __init__(self, step: Step, layers: int, steps: int) -> None:
        if layers < 1 or steps < 0:
            raise InputError(f"paths lead through 1 layer and 0 steps at least, not {layers} and {steps}")
        self.layers = layers
        self.steps = steps
        self.values = dependences(step)
        self.output = given_names(step).quantities[step.output].name
        self.top = Point(layers, self.output, steps)

    def paths(self, listed: int = LISTED) -> list[Paths]:
        """Returns the paths to all weights, the lowest layer first; at most `listed` of each are listed."""
        count = self._counts()
        users: dict[str, list[str]] = {}
        for value in self.values.values():
            for weight in value.weights:
                users.setdefault(weight, []).append(value.name)
        alike: dict[tuple[str, ...], list[str]] = {}
        for weight, names in users.items():
            alike.setdefault(tuple(names), []).append(weight)
        return [
            Paths(
                layer=layer,
                weights=tuple(weights),
                count=sum(
                    count[Point(layer, name, step)] for name in names for step in range(self.steps + 1)
                ),
                first=tuple(islice(self._list(layer, names), listed)),
            )
            for layer in range(1, self.layers + 1)
            for names, weights in alike.items()
        ]

    def _reads(self, point: Point) -> Iterator[Point]:
        """Yields what a value's own equation reads, within the steps."""
        value = self.values[point.value]
        yield from (Point(point.layer, name, point.step) for name in value.others)
        if value.sees_input and point.layer > 1:
            yield Point(point.layer - 1, self.output, point.step)
        if point.step > 0:
            yield from (Point(point.layer, name, point.step - 1) for name in value.before)

    def _points(self) -> list[Point]:
        """Returns all values of all layers and steps, in an order in which they can be computed."""
        steps, layers = range(self.steps + 1), range(1, self.layers + 1)
        return [Point(layer, name, step) for step in steps for layer in layers for name in self.values]

    def _counts(self) -> Counter[Point]:
        """Returns the number of paths from the error to each value."""
        count = Counter({self.top: 1})
        for point in reversed(self._points()):
            for read in self._reads(point):
                count[read] += count[point]
        return count

    def _list(self, layer: int, users: Sequence[str]) -> Iterator[tuple[Point, ...]]:
        """Yields the paths that end at a use, depth first."""
        leading: set[Point] = set()
        for point in self._points():
            used = point.layer == layer and point.value in users
            if used or any(read in leading for read in self._reads(point)):
                leading.add(point)
        stack: list[_Trail] = [_Trail(self.top, None)] if self.top in leading else []
        while stack:
            trail = stack.pop()
            if trail.point.layer == layer and trail.point.value in users:
                yield trail.points()
            reads = [read for read in self._reads(trail.point) if read in leading]
            stack.extend(_Trail(read, trail) for read in reversed(reads))


@dataclass(frozen=True)
class _Trail:
    """A point, and how it was come to; trails share their beginnings."""

    point: Point
    before: _Trail | None

    def points(self) -> tuple[Point, ...]:
        points: list[Point] = []
        trail: _Trail | None = self
        while trail is not None:
            points.append(trail.point)
            trail = trail.before
        return tuple(reversed(points))


def dependences(step: Step) -> dict[str, Value]:
    """Returns what each value that a step hands on depends on, in an order in which they can be computed."""
    names: dict[Node, str] = {}
    for state, after in zip(step.states, step.after, strict=True):
        names.setdefault(after, state.name)
    names.setdefault(step.output, given_names(step).quantities[step.output].name)
    values: dict[str, Value] = {}
    for node in topological(step.outputs):
        if node in names:
            own = set(topological([node], set(names) - {node}))
            read = {arg for inner in own for arg in inner.args} | own
            values[names[node]] = Value(
                name=names[node],
                others=tuple(name for other, name in names.items() if other in read and other is not node),
                before=tuple(state.name for state in step.states if state in read),
                sees_input=any(leaf in read for leaf in step.inputs),
                weights=tuple(param.name for param in step.params if param in read),
            )
    return values
