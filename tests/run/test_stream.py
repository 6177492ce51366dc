"""Machine code that writes symbols: what it chooses against the distributions of `Decoding`, and its memory.

The scores after each symbol stand in a table here, so that it is known what is chosen from.
"""

import itertools
import math
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from elman.cells import CELLS
from elman.core.chain import chain, with_scores
from elman.core.ir import Step, variable
from elman.core.ops import add
from elman.core.passes import compile_step
from elman.emit.choose import NONE
from elman.emit.target import TARGETS
from elman.nn.decode import Decoding
from elman.run import library, stream, work
from elman.run.stream import CompiledStream
from tests.run.children import in_child
from tests.run.guarded import Guarded

DTYPES = [torch.float32, torch.float64]
MARGIN = 1e-9
"""Nearer than this to the edge of a symbol's share, rounding may choose the one beside it."""


@cache
def looked_up() -> Step:
    """A step whose output is a row of its table, and whose state stays zero."""
    x, h = variable("before", "0", ("B", "V")), variable("state", "h", ("B", "V"))
    return Step("table", (x,), (h,), (), (), (h,), add(x, h))


def writer(scores: torch.Tensor) -> CompiledStream:
    """Writes by a table of scores (symbols, V)."""
    size = scores.shape[1]
    return CompiledStream(looked_up(), {"V": size}, [], [scores], [scores.new_zeros(1, size)])


def written(scores, uniforms, rule=None, forbidden=(), closing=(), symbol=0):
    """The symbols that uniform numbers choose one after another."""
    rule, size = rule or Decoding(), scores.shape[1]
    allowed, closes = torch.ones(size, dtype=torch.float64), torch.zeros(size, dtype=torch.int64)
    allowed[list(forbidden)], closes[list(closing)] = 0.0, 1
    return writer(scores).generate(
        symbol,
        torch.as_tensor(uniforms, dtype=torch.float64),
        torch.tensor([rule.temperature, rule.top_k, rule.top_p], dtype=torch.float64),
        allowed,
        closes,
    )


def chosen(scores, rule, u, forbidden=()):
    (symbol,) = written(scores.unsqueeze(0), [u], rule, forbidden)
    return symbol


def expected(scores, rule, u, forbidden=()):
    """The inverse of the cumulative distribution, by numpy."""
    reached = np.cumsum(rule.probabilities(scores, forbidden).numpy())
    return int(np.searchsorted(reached / reached[-1], u, side="right"))


RULES = [
    Decoding(),
    Decoding(temperature=0.0),
    Decoding(temperature=0.3),
    Decoding(temperature=1e-300),
    Decoding(top_k=1),
    Decoding(top_k=7),
    Decoding(top_k=1000),
    Decoding(top_p=0.01),
    Decoding(top_p=0.8),
    Decoding(2.0, top_k=9, top_p=0.7),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_grid_of_uniform_numbers_chooses_every_symbol_by_its_share(rule, dtype):
    torch.manual_seed(1)
    for size in (1, 2, 7, 16, 17, 65):
        scores = torch.randn(size, dtype=dtype) * 2.0
        grid = (np.arange(499) + 0.5) / 499
        forbidden = {0, size // 2} if size > 2 else set()
        table = scores.expand(size, size).contiguous()
        assert written(table, grid, rule, forbidden) == [expected(scores, rule, u, forbidden) for u in grid]


@given(
    scores=st.lists(st.sampled_from([-math.inf, -3.0, -1.0, 0.0, 0.5, 0.75, 2.0, 30.0, -800.0]), min_size=1),
    temperature=st.floats(0.0, 4.0),
    top_k=st.integers(0, 12),
    top_p=st.floats(0.0, 1.0, exclude_min=True),
    u=st.floats(0.0, 1.0, exclude_max=True),
    dtype=st.sampled_from(DTYPES),
)
@settings(max_examples=300, deadline=None)
def test_any_rule_chooses_as_its_distribution_says(scores, temperature, top_k, top_p, u, dtype):
    assume(max(scores) > -math.inf)
    rule, scores = Decoding(temperature, top_k, top_p), torch.tensor(scores, dtype=dtype)
    shares = Decoding(temperature, top_k).probabilities(scores).sort(descending=True).values
    reached = rule.probabilities(scores).cumsum(-1)
    assume((shares.cumsum(-1) - top_p).abs().min() > MARGIN or top_p == 1.0)
    assume((reached - u).abs().min() > MARGIN)
    assert chosen(scores, rule, u) == expected(scores, rule, u)


@pytest.mark.parametrize("dtype", DTYPES)
def test_of_symbols_as_likely_the_first_are_kept(dtype):
    scores = torch.zeros(8, dtype=dtype)
    last = math.nextafter(1.0, 0.0)
    assert chosen(scores, Decoding(top_k=3), last) == 2
    assert chosen(scores, Decoding(top_p=0.5), last) == 3  # the first four have half of it
    assert chosen(scores, Decoding(top_p=0.5001), last) == 4
    assert chosen(scores, Decoding(0.0), last) == 0
    assert chosen(scores, Decoding(top_k=3), last, {0, 1}) == 4


@pytest.mark.parametrize("u", [0.0, math.nextafter(1.0, 0.0)])
def test_the_ends_of_the_unit_interval_choose_symbols_that_may_be_chosen(u):
    scores = torch.randn(40)
    for rule in RULES:
        symbol = chosen(scores, rule, u, {0, 39})
        assert rule.probabilities(scores, {0, 39})[symbol] > 0.0


@pytest.mark.parametrize("rule", [Decoding(), Decoding(0.0), Decoding(top_k=2, top_p=0.5)])
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_where_no_score_is_finite_no_symbol_is_chosen(bad, rule):
    scores = torch.randn(3, 3)
    scores[2, 1] = bad
    assert written(scores, [0.5] * 4, Decoding(0.0), {0, 1}) == [2, 2, 2, 2]
    assert written(scores, [0.5] * 4, rule, {0}, symbol=2) == [NONE]
    assert written(scores, [0.5], rule, {0, 1, 2}) == [NONE]


def test_each_symbol_is_read_before_the_next_is_chosen_and_a_closing_one_ends_it():
    scores = 9.0 * torch.eye(5).roll(1, 1)  # after v comes v + 1
    assert written(scores, [0.5] * 7, Decoding(0.0), symbol=3) == [4, 0, 1, 2, 3, 4, 0]
    assert written(scores, [0.5] * 7, Decoding(0.0), closing={1}, symbol=3) == [4, 0, 1]
    assert written(scores, [], symbol=3) == []


def test_draws_follow_the_distribution():
    scores = torch.randn(11)
    uniforms = torch.rand(20_000, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    rule = Decoding(0.7, top_k=8)
    counts = np.bincount(written(scores.expand(11, 11).contiguous(), uniforms, rule), minlength=11)
    wanted = 20_000 * rule.probabilities(scores).numpy()
    assert counts[wanted == 0.0].sum() == 0
    left = wanted > 0.0
    statistic = ((counts - wanted)[left] ** 2 / wanted[left]).sum()
    assert statistic < 24.3  # exceeded once in a thousand by χ² of 7 degrees of freedom


@pytest.mark.parametrize("target", ["x86-64-v2", "x86-64-v3", "x86-64-v4"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_no_array_is_left(target, dtype, monkeypatch):
    if TARGETS[target].bits > library.host_target().bits:
        pytest.skip("this processor has no vectors so wide")
    monkeypatch.setattr(stream, "host_target", lambda: TARGETS[target])
    sizes, rule = (1, 5, 16, 33), Decoding(0.8, top_k=4, top_p=0.9)
    written(torch.randn(3, 3, dtype=dtype), [0.5], rule)  # the child then has the code
    uniforms = torch.rand(5, dtype=torch.float64)
    text = text_of(stack(dtype), uniforms)
    call = stream._call
    sides = itertools.cycle([True, False])

    def guarded(code, buffers, arrays, numbers):
        guard = Guarded(at_end=next(sides))
        placed = {name: guard.place(array) for name, array in arrays.items()}
        call(code, [guard.place(buffer) for buffer in buffers], placed, numbers)
        guard.take_back()

    monkeypatch.setattr(stream, "_call", guarded)

    def check() -> None:
        for size in sizes:
            scores = torch.randn(size, dtype=dtype)
            for _ in range(2):
                table = scores.expand(size, size).contiguous()
                assert written(table, [0.3, 0.9], rule) == [expected(scores, rule, u) for u in (0.3, 0.9)]
        for _ in range(2):
            assert text_of(stack(dtype), uniforms) == text

    assert in_child(check) == 0


def stack(dtype=torch.float32):
    """Three layers of different sizes, none of them whole vectors, with scores of 70 symbols."""
    torch.manual_seed(0)
    step = chain([compile_step(CELLS[name].step).step for name in ("lstm", "layer_norm_gru", "rhn")])
    step = with_scores(step, bias=True)
    size = {"0.I": 6, "0.H": 33, "1.H": 40, "2.H": 17, "V": 70}
    params = [0.5 * torch.randn([size[name] for name in param.shape], dtype=dtype) for param in step.params]
    states = [torch.zeros(1, size[state.shape[1]], dtype=dtype) for state in step.states]
    return CompiledStream(step, size, params, [torch.randn(70, 6, dtype=dtype)], states)


def text_of(one, uniforms):
    rule, allowed = torch.tensor([1.0, 0.0, 1.0], dtype=torch.float64), torch.ones(70, dtype=torch.float64)
    return one.generate(3, uniforms, rule, allowed, torch.zeros(70, dtype=torch.int64))


def test_threads_write_the_same_symbols_and_states(monkeypatch, torchs_threads):
    uniforms = torch.rand(2000, dtype=torch.float64)
    found = []
    for number in (1, 2, 3, 4):
        torch.set_num_threads(number)
        for _ in range(5):
            one = stack()
            found.append((text_of(one, uniforms), one.states))
    for symbols, after in found[1:]:
        assert symbols == found[0][0]
        assert all(torch.equal(mine, first) for mine, first in zip(after, found[0][1], strict=True))


def test_a_step_is_shared_only_where_there_is_much_to_read(monkeypatch, torchs_threads):
    monkeypatch.setattr(work, "BYTES_PER_THREAD", 1 << 19)
    helpers = []
    monkeypatch.setattr(
        stream, "own_threads", lambda: SimpleNamespace(submit=lambda *given: helpers.append(given))
    )
    torch.set_num_threads(2)
    for hidden, expected in ((16, 0), (512, 1)):
        step = chain([compile_step(CELLS["lstm"].step).step])
        size = {"0.I": 8, "0.H": hidden}
        params = [torch.zeros([size[name] for name in param.shape]) for param in step.params]
        one = CompiledStream(step, size, params, [torch.zeros(8, 8)], [torch.zeros(1, hidden)] * 2)
        flags = torch.ones(hidden, dtype=torch.float64)
        rule = torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64)
        # helpers that never come are not waited for
        assert one.generate(0, torch.zeros(1, dtype=torch.float64), rule, flags, flags.long()) == [0]
        assert len(helpers) == expected


def test_a_helper_that_comes_late_finds_the_work_over(monkeypatch, torchs_threads):
    helpers = []
    monkeypatch.setattr(
        stream, "own_threads", lambda: SimpleNamespace(submit=lambda *given: helpers.append(given))
    )
    torch.set_num_threads(2)
    step = with_scores(chain([compile_step(CELLS["gru"].step).step]), bias=False)
    size = {"0.I": 4, "0.H": 4, "V": 4}
    params = [torch.randn([size[name] for name in param.shape]) for param in step.params]
    one = CompiledStream(step, size, params, [torch.randn(4, 4)], [torch.zeros(1, 4)])
    flags, rule = torch.ones(4, dtype=torch.float64), torch.tensor([1.0, 0.0, 1.0], dtype=torch.float64)
    one.generate(0, torch.rand(9, dtype=torch.float64), rule, flags, 0 * flags.long())
    before = one.states
    ((help_, *given),) = helpers
    help_(*given)
    assert torch.equal(one.states[0], before[0])
