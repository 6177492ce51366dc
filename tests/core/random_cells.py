"""Cells made at random, as source text: small graphs over all operations, with one to three states.

Functions with a limited domain get operands inside it, and states are bounded, so that a few steps stay in a
range in which float64 differences are exact to many digits.
"""

import linecache
from itertools import count

from hypothesis import strategies as st

from elman.core import ops
from elman.core.trace import Cell, cell

FUNCTIONS = (
    "sigmoid({a})",
    "tanh({a})",
    "relu({a})",
    "exp(tanh({a}))",
    "log(1 + softplus({a}))",
    "sqrt(1 + {a} * {a})",
    "softplus({a})",
    "gelu({a})",
    "sin({a})",
    "cos({a})",
    "abs({a})",
    "{a} * sign({a})",
    "-{a}",
    "tanh({a})**3",
    "(1 + sigmoid({a}))**-2",
    "clip({a}, low=-0.5, high=1.5)",
    "softmax({a})",
    "normalize({a}, eps=0.1)",
    "layer_norm({a}, {gain}, {bias}, eps=0.1)",
    "{gain} * {a}",
    "{a} + {bias}",
    "1.5 - {a}",
    "2 / (1 + {a} * {a})",
    "{a} - unit_mean({a})",
    "{a} / (1 + unit_sum({a} * {a}))",
)
PAIRS = (
    "{a} + {b}",
    "{a} - {b}",
    "{a} * {b}",
    "{a} / (1 + {b} * {b})",
    "{a} / (exp(sin({b})) * exp(tanh({c})))",
    "maximum({a}, {b})",
    "minimum({a}, {b})",
    "where({a} > {b}, {b}, {c})",
    "({a} >= {b}) * {c}",
    "{a} - ({b} - {c})",
    "-({a} - {b}) * {c}",
    "{a} * ({b} + {c})",
    "unit_mean({a}) * {b}",
    "{a} - tanh(unit_sum({b}))",
    "{a} * {b} - {a} * {c}",
)
BOUNDED = ("tanh({})", "sigmoid({})", "sin({})", "softmax({})", "0.5 * cos({})")
OPERANDS = ("{a}", "{b}", "{c}")
SIZES = ("H", "P")
_numbers = count()


@st.composite
def sources(draw: st.DrawFn, operations: int = 8) -> str:
    """Draws the source text of a cell with at most so many equations beside those of its states.

    Every value is used, so that every operation drawn has a gradient.
    """
    states = {"s0": "H", **{f"s{i}": draw(st.sampled_from(SIZES)) for i in range(1, draw(st.integers(1, 3)))}}
    pool: dict[str, list[str]] = {size: [] for size in SIZES}
    unused: dict[str, list[str]] = {size: [] for size in SIZES}
    lines: list[str] = []
    weights = count()

    def operand(size: str) -> str:
        return unused[size].pop(0) if unused[size] else draw(st.sampled_from(pool[size]))

    def fill(template: str, size: str) -> str:
        operands = {name.strip("{}"): operand(size) for name in OPERANDS if name in template}
        return template.format(**operands, gain=f"p.v{next(weights)}", bias=f"p.v{next(weights)}")

    def add(size: str, expression: str) -> None:
        pool[size].append(f"v{len(lines)}")
        unused[size].append(f"v{len(lines)}")
        lines.append(f"v{len(lines)} = {expression}")

    for state, size in states.items():
        add(size, f"W.m{next(weights)} @ x + p.v{next(weights)} * {state}")
        pool[size].append(state)
    for _ in range(draw(st.integers(operations // 2, operations))):
        size = draw(st.sampled_from([size for size in SIZES if pool[size]]))
        kind = draw(st.sampled_from(("function", "pair", "product", "product of x")))
        if kind == "function":
            add(size, fill(draw(st.sampled_from(FUNCTIONS)), size))
        elif kind == "pair":
            add(size, fill(draw(st.sampled_from(PAIRS)), size))
        elif kind == "product":
            inner = fill(draw(st.sampled_from(FUNCTIONS)), size)
            add(draw(st.sampled_from(SIZES)), f"W.m{next(weights)} @ ({inner})")
        else:
            add(
                draw(st.sampled_from(SIZES)), f"W.m{next(weights)} @ {draw(st.sampled_from(('x', 'sin(x)')))}"
            )
    for value in unused["P"]:
        add("H", f"W.m{next(weights)} @ {value}")
    rest = " + ".join(unused["H"] or ["s0"])
    after = [
        draw(st.sampled_from(BOUNDED)).format(f"{rest if state == 's0' else operand(size)} + v{i}")
        for i, (state, size) in enumerate(states.items())
    ]
    output = [fill("{a} + {b}", "H")] if draw(st.booleans()) else []
    declared = " ".join(f"{state}:{size}" for state, size in states.items())
    head = [f'@cell(states="{declared}")', f"def random_cell(x, {', '.join(states)}, *, W, p):"]
    body = [*lines, f"return {', '.join(output + after)}" + ("," if len(output + after) == 1 else "")]
    return "\n".join([*head, *(f"    {line}" for line in body)]) + "\n"


def cell_of(source: str) -> Cell:
    """Returns the cell that a source text defines; errors can quote its lines."""
    filename = f"<random cell {next(_numbers)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    functions = {**ops.OPERATIONS, "gelu": ops.gelu, "layer_norm": ops.layer_norm, "cell": cell}
    exec(compile(source, filename, "exec"), functions)
    made = functions["random_cell"]
    assert isinstance(made, Cell)
    return made


cells = sources().map(cell_of)
