"""A cell as its equations: forward, backward through time, and how the program that runs divides the work."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

from elman.core.derivation import Derivation, Equation, author_order, derive
from elman.core.ir import Node, topological
from elman.core.latex import Latex
from elman.core.naming import OUTPUT_ERROR, given_names
from elman.core.notation import Names, Notation, Quantity, Section, Writer
from elman.core.passes import compile_step
from elman.core.paths import Stack
from elman.core.program import Program
from elman.core.text import Text
from elman.core.trace import Cell

NOTATIONS: dict[str, Notation] = {"text": Text(), "latex": Latex()}


def show(cell: Cell, notation: str = "text") -> str:
    """Returns a cell's equations, its backpropagation through time, and its program, as text or latex.

    Raises CellError where the equations of the cell are not well formed.
    """
    title = f"{cell.spec}: {summary(cell)}"
    return NOTATIONS[notation].page(title, sections(compile_step(cell.step), NOTATIONS[notation]))


def show_paths(cell: Cell, layers: int, steps: int, notation: str = "text") -> str:
    """Returns the paths that a gradient takes from E_{t+steps} back to each weight of a stack of one cell.

    Raises InputError for less than one layer, or a negative number of steps.
    """
    stack = f"{layers} layer{'' if layers == 1 else 's'} of {cell.spec}"
    title = f"{stack}: from the error at step t+{steps} back to each weight at the steps t to t+{steps}"
    sections = path_sections(Stack(cell.step, layers, steps), NOTATIONS[notation])
    return NOTATIONS[notation].page(title, sections)


def summary(cell: Cell) -> str:
    """Returns the first paragraph of what the author wrote about the cell."""
    return " ".join((cell.equations.__doc__ or "").strip().partition("\n\n")[0].split())


def sections(program: Program, notation: Notation) -> list[Section]:
    """Returns all that is shown of a program: its weights, its equations, and what is done where."""
    derivation = derive(program.step)
    writer = Writer(derivation.names, notation)
    return [
        Section("Weights", "", _weights(program, notation)),
        Section("Forward", "for t from 1 to T.", equations(derivation.forward, writer)),
        Section("Backward", _legend(derivation, notation), equations(derivation.backward, writer)),
        Section("Gradients", "", gradients((*derivation.inputs, *derivation.params), writer)),
        *_program(program, derivation.names, notation),
    ]


def _legend(derivation: Derivation, notation: Notation) -> str:
    def error_of(name: str) -> str:
        value = Quantity(name, 0)
        delta, gradient = Quantity(name, 0, error=True), notation.partial("E", notation.quantity(value))
        return notation.inline(f"{notation.quantity(delta)} = {gradient}")

    entering = notation.partial(notation.quantity(Quantity("E", 0)), notation.quantity(derivation.output))
    entering = notation.inline(f"{notation.quantity(OUTPUT_ERROR)} = {entering}")
    legend = (
        f"for t from T to 1. {entering} enters at step t; {error_of('v')} for a value v, and zero beyond T."
    )
    if derivation.gates:
        gates = ", ".join(notation.quantity(Quantity(gate.name)) for gate in derivation.gates)
        legend += f" For {notation.inline(gates)} it is the error at the argument of the function."
    return legend


def path_sections(stack: Stack, notation: Notation) -> list[Section]:
    """Returns the paths of a stack, one section for the weights of a layer that have the same paths."""

    def named(name: str, layer: int, offset: int | None) -> str:
        root, dot, members = name.partition(".")
        return notation.quantity(Quantity(f"{root}{layer if stack.layers > 1 else ''}{dot}{members}", offset))

    sections: list[Section] = []
    for paths in stack.paths():
        weights = [named(weight, paths.layer, None) for weight in paths.weights]
        end = weights[0] if len(weights) == 1 else notation.quantity(Quantity("θ"))
        counted = f"{_number(paths.count)} path{'' if paths.count == 1 else 's'}"
        which = notation.inline(end if len(weights) == 1 else f"{end} = {', '.join(weights)}")
        more = f", of which {len(paths.first)} are listed" if paths.count > len(paths.first) else ""
        chains: list[str] = []
        for path in paths.first:
            values = [named(point.value, point.layer, point.step) for point in path]
            values.insert(0, notation.quantity(Quantity("E", stack.steps)))
            factors = [notation.partial(above, below) for above, below in pairwise(values)]
            chains.append(notation.chain([*factors, notation.partial(values[-1], end, direct=True)]))
        sections.append(Section(f"Layer {paths.layer}", f"{counted} to {which}{more}.", chains))
    return sections


def equations(lines: Iterable[Equation], writer: Writer) -> list[str]:
    """Writes equations, one a line."""
    written: list[str] = []
    for line in lines:
        own = line.right is not None and writer.names.quantities.get(line.right) == line.left
        right = writer.define(line.right) if line.right is not None and own else writer.refer(line.right)
        written.append(f"{writer.notation.quantity(line.left)} = {right}")
    return written


def gradients(lines: Iterable[Equation], writer: Writer) -> list[str]:
    """Writes gradients, one a line; that of a weight is a sum over all steps."""
    written: list[str] = []
    for line in lines:
        term = writer.refer(line.right)
        over_steps = line.left.offset is None and line.right is not None
        gradient = writer.notation.partial("E", writer.notation.quantity(line.left))
        written.append(f"{gradient} = {writer.notation.over_steps(term) if over_steps else term}")
    return written


def _weights(program: Program, notation: Notation) -> list[str]:
    by_shape: dict[tuple[str, ...], list[str]] = {}
    for param in program.step.params:
        by_shape.setdefault(param.shape, []).append(notation.quantity(Quantity(param.name)))
    return [notation.size(names, shape) for shape, names in by_shape.items()]


def _program(program: Program, names: Names, notation: Notation) -> list[Section]:
    loop, backward = program.loop, program.backward
    quantities = {**names.quantities, **given_names(loop).quantities}
    writer = Writer(
        Names(
            quantities, {value: (node, 0) for value, node in zip(loop.inputs, program.before, strict=True)}
        ),
        notation,
    )
    order = list(topological((*author_order(loop), *program.kept)))
    demanded = {arg for node in topological(backward.outputs, known=order) for arg in node.args}
    again = [
        node for node in order if node in demanded and node.args and node.batched and node not in program.kept
    ]
    before = [
        _value(node, writer) for node in order if node in loop.inputs and node not in program.step.inputs
    ]
    kept = [f"{writer.refer(node)}" for node in order if node in program.kept]
    parts = (
        Section("Before the loop", "for all steps at once.", before),
        Section(
            "Kept for the backward loop",
            "beside the input and the states before each step.",
            [", ".join(kept)] if kept else [],
        ),
        Section(
            "Computed again there",
            "",
            [", ".join(f"{writer.refer(node)}" for node in again)] if again else [],
        ),
    )
    return [part for part in parts if part.equations]


def _value(node: Node, writer: Writer) -> str:
    name, definition = f"{writer.refer(node)}", f"{writer.define(node)}"
    return definition if name == definition else f"{name} = {definition}"


def _number(count: int) -> str:
    return f"{count:,}" if count < 10**15 else f"about 10^{math.log10(count):.1f}"
