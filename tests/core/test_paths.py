"""The paths of the gradient: against walking them, closed forms, and the gradient that they add up to."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from math import comb

import numpy as np
import pytest

from elman.cells import CELLS, find
from elman.core.errors import InputError
from elman.core.interpret import Array, evaluate, forward
from elman.core.ir import Node
from elman.core.paths import Paths, Point, Stack, dependences
from elman.core.show import show_paths
from tests.core.differences import central_differences


def paths_of(spec: str, layers: int, steps: int, listed: int = 10_000) -> dict[tuple[int, str], Paths]:
    """Returns the paths by layer and weight."""
    found = Stack(find(spec).step, layers, steps).paths(listed)
    return {(paths.layer, weight): paths for paths in found for weight in paths.weights}


def test_two_simple_layers_over_one_step_back_have_three():
    first = paths_of("simple", 2, 1)[1, "W"]
    assert first.count == 3
    assert {tuple((point.layer, point.step) for point in path) for path in first.first} == {
        ((2, 1), (1, 1)),
        ((2, 1), (1, 1), (1, 0)),
        ((2, 1), (2, 0), (1, 0)),
    }


@pytest.mark.parametrize("spec", ["simple", "gru", "min_gru", "indrnn", "rhn"])
@pytest.mark.parametrize(("layers", "steps"), [(1, 0), (1, 4), (2, 3), (4, 6), (30, 40)])
def test_one_state_counts_are_binomial(spec: str, layers: int, steps: int):
    for (layer, _), paths in paths_of(spec, layers, steps, listed=0).items():
        assert paths.count == comb(layers - layer + steps + 1, steps)


def test_lstm_counts_follow_the_recurrence():
    """h_t = o_t ∘ tanh(c_t) reads h_{t-1} by o_t, and c_t; c_t reads h_{t-1} and c_{t-1}."""
    to_h, to_c = [1], [1]  # how many paths lead from E to h and to c, n steps before it
    for _ in range(9):
        to_h.append(to_h[-1] + to_c[-1])
        to_c.append(to_h[-1] + to_c[-1])
    for steps in range(10):
        paths = paths_of("lstm", 1, steps, listed=0)
        assert paths[1, "W.o"].count == sum(to_h[: steps + 1])
        assert paths[1, "W.f"].count == sum(to_c[: steps + 1])


@pytest.mark.parametrize("spec", CELLS)
@pytest.mark.parametrize(("layers", "steps"), [(1, 2), (2, 1), (2, 2)])
def test_counts_are_those_of_walking_every_way(spec: str, layers: int, steps: int):
    values = dependences(find(spec).step)
    top = Stack(find(spec).step, layers, steps).top

    def walk(layer: int, value: str, step: int) -> Counter[tuple[int, str]]:
        ends = Counter((layer, weight) for weight in values[value].weights)
        for other in values[value].others:
            ends += walk(layer, other, step)
        if values[value].sees_input and layer > 1:
            ends += walk(layer - 1, top.value, step)
        if step > 0:
            for state in values[value].before:
                ends += walk(layer, state, step - 1)
        return ends

    found = paths_of(spec, layers, steps)
    assert {end: paths.count for end, paths in found.items()} == walk(layers, top.value, steps)
    for paths in found.values():
        assert len(set(paths.first)) == len(paths.first) == paths.count


def test_dependences_are_those_of_the_equations():
    lstm = dependences(find("peephole_lstm").step)
    assert list(lstm) == ["c", "h"]
    assert (lstm["c"].others, lstm["c"].before, lstm["c"].sees_input) == ((), ("h", "c"), True)
    assert (lstm["h"].others, lstm["h"].before, lstm["h"].sees_input) == (("c",), ("h",), True)
    assert lstm["h"].weights == ("W.o", "U.o", "p.o", "b.o")
    sru = dependences(find("sru").step)
    assert sru["y"].others == ("c",)
    assert sru["y"].before == ("c",)
    assert dependences(find("min_gru").step)["h"].before == ("h",)


@pytest.mark.parametrize("spec", ["simple", "lstm", "peephole_lstm", "gru", "sru"])
def test_the_products_of_partial_derivatives_add_up_to_the_gradient(spec: str):
    """With one unit in each of two layers, over the steps t to t + 2; derivatives by central differences."""
    step, layers, steps = find(spec).step, 2, 2
    rng = np.random.default_rng(0)
    params = [
        {param.name: rng.normal(size=(1,) * len(param.shape)) for param in step.params} for _ in range(layers)
    ]
    x = rng.normal(size=(steps + 1, 1, 1))
    first = tuple(rng.normal(size=(1, 1)) for _ in step.states)

    def run() -> list[Array]:
        layer_inputs, inputs = [x], x
        for weights in params:
            inputs = forward(step, inputs, first, weights).outputs
            layer_inputs.append(inputs)
        return layer_inputs

    stack = Stack(step, layers, steps)
    nodes: dict[str, Node] = {state.name: after for state, after in zip(step.states, step.after, strict=True)}
    nodes.setdefault(stack.output, step.output)
    inputs = run()
    known: dict[Point, Array] = {}
    for layer in range(1, layers + 1):
        results = forward(step, inputs[layer - 1], first, params[layer - 1])
        for t in range(steps + 1):
            known[Point(layer, stack.output, t)] = results.outputs[t].copy()
            for state, value in zip(step.states, results.states[t + 1], strict=True):
                known[Point(layer, state.name, t)] = value.copy()

    def equation(point: Point) -> float:
        """The value of a point by its own equation, from what it reads directly."""
        weights = params[point.layer - 1]
        leaves = {param: weights[param.name] for param in step.params}
        below = Point(point.layer - 1, stack.output, point.step)
        leaves[step.inputs[0]] = known[below] if point.layer > 1 else x[point.step]
        for state, initial in zip(step.states, first, strict=True):
            leaves[state] = known[Point(point.layer, state.name, point.step - 1)] if point.step else initial
        for name in stack.values[point.value].others:
            leaves[nodes[name]] = known[Point(point.layer, name, point.step)]
        return float(evaluate([nodes[point.value]], leaves, {})[nodes[point.value]].item())

    for (layer, weight), paths in paths_of(spec, layers, steps).items():
        array = params[layer - 1][weight]
        total = 0.0
        for path in paths.first:
            product = _derivative(lambda end=path[-1]: equation(end), array)
            for above, below in pairwise(path):
                product *= _derivative(lambda point=above: equation(point), known[below])
            total += product
        assert total == pytest.approx(_derivative(lambda: run()[-1][-1].item(), array), rel=1e-6, abs=1e-9)


def _derivative(function: Callable[[], float], array: Array) -> float:
    return float(central_differences(function, array).sum())


def test_listing_stops_at_the_limit_and_counting_does_not():
    paths = paths_of("lstm", 3, 400, listed=5)[1, "W.f"]
    assert len(paths.first) == 5
    assert paths.count > 10**150


@pytest.mark.parametrize(("layers", "steps"), [(0, 1), (-1, 1), (1, -1)])
def test_no_layers_or_negative_steps_are_refused(layers: int, steps: int):
    with pytest.raises(InputError, match="1 layer and 0 steps at least"):
        Stack(find("simple").step, layers, steps)


def test_paths_as_text():
    assert show_paths(find("simple"), layers=2, steps=1) == (
        "2 layers of simple(f=tanh): from the error at step t+1 back to each weight at the steps t to t+1\n"
        "\n"
        "Layer 1: 3 paths to θ = W1, U1, b1.\n"
        "  ∂E_{t+1}/∂h2_{t+1} · ∂h2_{t+1}/∂h1_{t+1} · ∂⁺h1_{t+1}/∂θ\n"
        "  ∂E_{t+1}/∂h2_{t+1} · ∂h2_{t+1}/∂h1_{t+1} · ∂h1_{t+1}/∂h1_t · ∂⁺h1_t/∂θ\n"
        "  ∂E_{t+1}/∂h2_{t+1} · ∂h2_{t+1}/∂h2_t · ∂h2_t/∂h1_t · ∂⁺h1_t/∂θ\n"
        "\n"
        "Layer 2: 2 paths to θ = W2, U2, b2.\n"
        "  ∂E_{t+1}/∂h2_{t+1} · ∂⁺h2_{t+1}/∂θ\n"
        "  ∂E_{t+1}/∂h2_{t+1} · ∂h2_{t+1}/∂h2_t · ∂⁺h2_t/∂θ\n"
    )
