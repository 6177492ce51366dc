"""Heads against dense layers of block-diagonal matrices, and against layers of their own side by side."""

import copy
import pickle

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd import gradcheck, gradgradcheck
from torch.nn.utils.rnn import pack_padded_sequence

import elman
from elman.core.errors import InputError
from elman.core.ops import normalize, sigmoid, softmax, tanh
from elman.core.trace import cell
from elman.nn import weight_drop
from elman.nn.recurrent import Recurrent
from elman.run import call
from tests.nn.reference import CELL_NAMES, as_tuple
from tests.run.bits import same_bits

T, B, I, H, K = 5, 3, 4, 6, 3
SIZES = {"jordan": {"O": 9}, "projection_lstm": {"P": 3}}
OVER_UNITS = ("layer_norm_lstm", "layer_norm_gru")
BY_UNIT = [name for name in CELL_NAMES if name not in OVER_UNITS]


def layer_of(cell, *args, **options):
    """A layer whose weights are all random."""
    layer = Recurrent(cell, *args, **{"sizes": SIZES.get(cell), "dtype": torch.float64, **options})
    with torch.no_grad():
        for weight in layer.parameters():
            weight.uniform_(-0.8, 0.8)
    return layer


def spread(layer, name, weight):
    """A weight of the heads as that of a dense layer: blocks on the diagonal, of what does not multiply x."""
    dense = weight.dim() == 1 or layer.cell.parameters[name][1] == "I"
    return weight if dense else torch.block_diag(*weight.chunk(layer.heads))


def dense_of(layer, **options):
    """The layer without heads whose weights are those of the heads."""
    names = ("num_layers", "bidirectional", "batch_first")
    same = {name: getattr(layer, name) for name in names}
    sizes = {name: size for name, size in layer.sizes.items() if name != "H"}
    dense = Recurrent(
        layer.cell, layer.input_size, layer.hidden_size, sizes=sizes, dtype=torch.float64, **same, **options
    )
    with torch.no_grad():
        for depth in range(layer.num_layers):
            for suffix in ("", "_reverse")[: layer.directions]:
                own = layer.weights(f"_l{depth}{suffix}")
                for name, weight in dense.weights(f"_l{depth}{suffix}").items():
                    weight.copy_(spread(layer, name, own[name]))
    return dense


def states_of(layer, batch=B):
    rows = layer.num_layers * layer.directions
    widths = [layer.sizes[state.shape[1]] for state in layer.cell.step.states]
    found = tuple(torch.rand(rows, batch, width, dtype=torch.float64) for width in widths)
    return found if len(found) > 1 else found[0]


def results(layer, x, hx=None, **given):
    """Output, last states, states of all steps where asked for; the gradients of x and hx; of the weights."""
    leaves = [] if hx is None else [state.clone().requires_grad_() for state in as_tuple(hx)]
    first = tuple(leaves) if len(leaves) > 1 else next(iter(leaves), None)
    if x.is_floating_point():
        x = x.clone().requires_grad_()
        leaves.append(x)
    output, final, *every = layer(x, first, **given)
    values = [output, *as_tuple(final), *(value for some in every for value in some)]
    loss = sum((value.square() * (i + 1)).sum() for i, value in enumerate(values))
    weights = dict(layer.named_parameters())
    found = torch.autograd.grad(loss, [*leaves, *weights.values()])
    return values, found[: len(leaves)], dict(zip(weights, found[len(leaves) :], strict=True))


def close(found, wanted):
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-11)


def check_against_dense(layer, x, hx=None, **given):
    """Values and gradients; what a dense matrix has beside its blocks, heads have not."""
    values, inputs, gradients = results(layer, x, hx, **given)
    dense = dense_of(layer)
    wanted_values, wanted_inputs, wanted = results(dense, x, hx, **given)
    close(values, wanted_values)
    close(inputs, wanted_inputs)
    for depth in range(layer.num_layers):
        for suffix in ("", "_reverse")[: layer.directions]:
            for name in layer.cell.parameters:
                key = f"{name.replace('.', '_')}_l{depth}{suffix}"
                inside = spread(layer, name, torch.ones_like(gradients[key]))
                close(spread(layer, name, gradients[key]), wanted[key] * inside)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("name", BY_UNIT)
def test_they_are_a_dense_layer_whose_matrices_are_block_diagonal(name):
    layer = layer_of(name, I, H, 2, heads=K, bidirectional=True)
    x = torch.randn(T, B, I, dtype=torch.float64)
    check_against_dense(layer, x, states_of(layer), lengths=[3, 5, 1], return_states=True)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    name=st.sampled_from(["lstm", "gru", "gru_reset_before", "sru", "multiplicative_lstm", "jordan"]),
    heads=st.integers(1, 5),
    units=st.integers(1, 9),
    sizes=st.tuples(st.integers(1, 4), st.integers(1, 8), st.integers(1, 5)),
    num_layers=st.integers(1, 2),
    bidirectional=st.booleans(),
)
def test_any_shape(name, heads, units, sizes, num_layers, bidirectional):
    steps, batch, inputs = sizes
    own = {"O": 2 * heads} if name == "jordan" else None
    layer = layer_of(
        name, inputs, heads * units, num_layers, heads=heads, bidirectional=bidirectional, sizes=own
    )
    check_against_dense(layer, torch.randn(steps, batch, inputs, dtype=torch.float64))


@pytest.mark.parametrize("symbols", [7, 60], ids=["fewer symbols than rows", "more"])
@pytest.mark.parametrize("embedded", [True, False], ids=["embedding", "1-of-N"])
def test_symbols_are_those_of_the_dense_layer(symbols, embedded):
    inputs = {"input_size": I, "num_embeddings": symbols} if embedded else {"input_size": symbols}
    layer = layer_of("gru", hidden_size=H, heads=K, **inputs)
    x = torch.randint(0, symbols, (T, B))
    dense = dense_of(layer, num_embeddings=symbols if embedded else None)
    if embedded:
        dense.embedding.load_state_dict(layer.embedding.state_dict())
    values, _, gradients = results(layer, x)
    wanted_values, _, wanted = results(dense, x)
    close(values, wanted_values)
    for name in set(gradients) - {"U_r_l0", "U_z_l0", "U_n_l0"}:
        close(gradients[name], wanted[name])


@cell(states="h m", init={"U": "orthogonal"})
def competing(x, h, m, *, W, U, p, v, b):
    """A cell of the test's own, which goes over all units, and has a vector of the size of x."""
    shares = softmax(W.s @ (p * x) + U.s @ normalize(h, eps=0.1))
    m = sigmoid(v) * m + shares * tanh(W.n @ x + U.n @ h + b)
    return tanh(m), m


def head_of(layer, number, **options):
    """A layer of its own with the weights of one head."""
    sizes = {name: size // K for name, size in layer.sizes.items() if name != "H"}
    alone = Recurrent(layer.cell, layer.input_size, layer.hidden_size // K, sizes=sizes, **options)
    alone.to(next(layer.parameters()).dtype)
    alone.load_state_dict({name: w.chunk(K)[number] for name, w in layer.state_dict().items()})
    return alone


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    "spec",
    [*OVER_UNITS, "zoneout_lstm", "gru", "sru", competing],
    ids=lambda spec: getattr(spec, "name", spec),
)
def test_they_are_layers_of_their_own_side_by_side(spec):
    check_side_by_side(spec, torch.float64)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_they_are_so_in_every_format(dtype):
    check_side_by_side("layer_norm_gru", dtype)


def check_side_by_side(spec, dtype):
    """The same bits, also with masks, which are drawn head by head."""
    options = {"zoneout": 0.3}
    if spec != "sru":  # it has no product of its state
        options["recurrent_dropout"] = 0.2
    layer = layer_of(spec, I, H, heads=K, **options).to(dtype)
    alone = [head_of(layer, number, **options) for number in range(K)]
    x = torch.randn(T, B, I, dtype=dtype)
    hx = [state.to(dtype) for state in as_tuple(states_of(layer))]
    torch.manual_seed(1)
    output, final = layer(x, tuple(hx) if len(hx) > 1 else hx[0])
    torch.manual_seed(1)
    parts = [state.chunk(K, -1) for state in hx]
    each = [
        one(x, own if len(own) > 1 else own[0])
        for one, own in zip(alone, zip(*parts, strict=True), strict=True)
    ]
    assert torch.equal(output, torch.cat([out for out, _ in each], -1))
    for number, state in enumerate(as_tuple(final)):
        assert torch.equal(state, torch.cat([as_tuple(last)[number] for _, last in each], -1))
    direction = torch.randn_like(output)
    (output * direction).sum().backward()
    for (out, _), part in zip(each, direction.chunk(K, -1), strict=True):
        (out * part).sum().backward()
    for name, weight in layer.named_parameters():
        assert torch.equal(weight.grad, torch.cat([one.get_parameter(name).grad for one in alone]))


@pytest.mark.parametrize("name", ["lstm", "layer_norm_gru", "projection_lstm"])
def test_one_head_is_the_layer_without_heads_to_the_bit(name):
    layers, x = [], torch.randn(T, B, I)
    for options in ({}, {"heads": 1}):
        torch.manual_seed(2)
        layers.append(Recurrent(name, I, H, 2, bidirectional=True, **options))
    one, other = layers
    assert repr(one) == repr(other)
    assert same_bits(list(one.parameters()), list(other.parameters()))
    (values, inputs, weights), (v, i, w) = results(one, x), results(other, x)
    assert same_bits([*values, *inputs, *weights.values()], [*v, *i, *w.values()])


def test_first_and_second_derivatives_are_the_finite_differences():
    layer = layer_of("lstm", 2, 4, heads=2, bidirectional=True)
    x = torch.randn(2, 2, 2, dtype=torch.float64, requires_grad=True)
    weights = list(layer.named_parameters())

    def run(x, *values):
        given = dict(zip((name for name, _ in weights), values, strict=True))
        output, final = torch.func.functional_call(layer, given, (x,))
        return output, *as_tuple(final)

    leaves = [weight.detach().requires_grad_() for _, weight in weights]
    assert gradcheck(run, (x, *leaves), fast_mode=True)
    assert gradgradcheck(run, (x, *leaves), fast_mode=True)


@pytest.fixture
def at_once(monkeypatch):
    """How many calls of kernels were made at the same time, each time that several were; more threads."""
    made = []
    run_jobs, before = call.run_jobs, torch.get_num_threads()
    monkeypatch.setattr(call, "run_jobs", lambda jobs: made.append(len(jobs)) or run_jobs(jobs))
    yield made
    torch.set_num_threads(before)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("lengths", [None, [40, 31, 8, 2]], ids=["even", "packed"])
def test_at_the_same_time_they_leave_the_bits_of_one_after_the_other(at_once, bidirectional, lengths):
    layer = Recurrent("lstm", I, 40, heads=4, bidirectional=bidirectional)
    x = torch.randn(40, 4, I)
    torch.set_num_threads(1)
    values, inputs, weights = results(layer, x, lengths=lengths)
    expected = [*values, *inputs, *weights.values()]
    assert not at_once
    for number in (2, 3):
        torch.set_num_threads(number)
        values, inputs, weights = results(layer, x, lengths=lengths)
        assert same_bits([*values, *inputs, *weights.values()], expected)
        assert at_once == [4 * layer.directions] * 2  # forward and backward
        at_once.clear()


def test_every_form_of_input_has_its_form_of_output():
    layer = layer_of("lstm", I, H, 2, heads=K)
    x = torch.randn(T, B, I, dtype=torch.float64)
    output, (h, c) = layer(x)
    assert (output.shape, h.shape, c.shape) == ((T, B, H), (2, B, H), (2, B, H))
    close(layer(x[:, 0])[0], output[:, 0])
    packed = layer(pack_padded_sequence(x, torch.tensor([T] * B)))[0]
    close(packed.data, output.flatten(0, 1))
    resets = torch.zeros(T, B, dtype=torch.bool)
    resets[2] = True
    close(layer(x, resets=resets)[0][2:], layer(x[2:])[0])
    first = copy.deepcopy(layer)
    first.batch_first = True
    close(first(x.transpose(0, 1))[0], output.transpose(0, 1))


def test_a_sequence_may_be_run_in_pieces_and_streamed():
    layer = layer_of("layer_norm_lstm", I, H, 2, heads=K)
    x = torch.randn(T, 1, I, dtype=torch.float64)
    output, final = layer(x)
    first, carried = layer(x[:2])
    second, last = layer(x[2:], carried)
    close(torch.cat([first, second]), output)
    close(last, final)
    projection = torch.nn.Linear(H, 2, dtype=torch.float64)
    stream = elman.Stream(layer, projection)
    close(torch.stack([stream(value) for value in x[:, 0]]), projection(output)[:, 0].detach())
    close(stream.state, tuple(state.detach() for state in final))


def test_torch_compile_takes_it_in_one_graph():
    layer = layer_of("gru", I, H, heads=2)
    x = torch.randn(T, B, I, dtype=torch.float64)
    compiled = torch.compile(layer, backend="aot_eager", fullgraph=True)
    (values, inputs, weights), (v, i, w) = results(compiled, x), results(layer, x)
    close(values, v)
    close(inputs, i)
    close(list(weights.values()), list(w.values()))


def test_weight_drop_leaves_out_numbers_of_the_blocks(monkeypatch):
    masks = {}

    def dropped(weight, probability):
        masks[id(weight)] = (torch.rand_like(weight) > probability).to(weight.dtype)
        return weight * masks[id(weight)]

    monkeypatch.setattr(weight_drop, "dropout", dropped)
    layer = layer_of("lstm", I, H, heads=K, weight_drop=0.4)
    x = torch.randn(T, B, I, dtype=torch.float64)
    output = layer(x)[0]
    assert {name for name, w in layer.named_parameters() if id(w) in masks} == {f"U_{g}_l0" for g in "ifgo"}
    with torch.no_grad():
        for weight in layer.parameters():
            weight.mul_(masks.get(id(weight), 1.0))
    close(output, layer.eval()(x)[0])


def test_each_block_starts_as_the_matrix_of_a_cell_of_its_size():
    torch.manual_seed(0)
    layer = Recurrent("lstm", 30, 60, heads=4)
    for block in layer.U_g_l0.chunk(4):
        torch.testing.assert_close(block @ block.T, torch.eye(15))
    bound = (6 / (30 + 15)) ** 0.5  # Glorot & Bengio 2010, fan-in 30, fan-out 15
    assert 0.98 * bound < layer.W_g_l0.abs().max() <= bound
    assert torch.equal(layer.b_f_l0, torch.ones(60))
    by_torch = Recurrent("lstm", 30, 60, heads=4, init="torch")
    assert 0.98 < max(float(w.detach().abs().max()) for w in by_torch.parameters()) * 15**0.5 <= 1


def test_only_the_blocks_are_kept_and_they_come_back():
    layer = Recurrent("lstm", I, 12, heads=4)
    assert {name: tuple(w.shape) for name, w in layer.named_parameters() if "_i_" in name} == {
        "W_i_l0": (12, I),
        "U_i_l0": (12, 3),
        "b_i_l0": (12,),
    }
    assert sum(w.numel() for w in layer.parameters()) == 4 * (12 * I + 12 * 3 + 12)
    assert repr(layer) == f"Recurrent(lstm, {I}, 12, heads=4)"
    again = Recurrent("lstm", I, 12, heads=4)
    again.load_state_dict(layer.state_dict())
    x = torch.randn(T, B, I)
    for other in (again, copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert torch.equal(other(x)[0], layer(x)[0])
    with pytest.raises(RuntimeError, match="size mismatch"):
        Recurrent("lstm", I, 12).load_state_dict(layer.state_dict())


WRONG = {
    "not a divisor": ({"heads": 4}, "hidden_size must be a multiple of heads=4, not 6"),
    "none": ({"heads": 0}, "heads must be a whole number from 1, not 0"),
    "a fraction": ({"heads": 1.5}, r"heads must be a whole number from 1, not 1\.5"),
    "too many": ({"heads": 12}, "hidden_size must be a multiple of heads=12, not 6"),
    "a projection": (
        {"cell": "projection_lstm", "heads": 3, "sizes": {"P": 4}},
        "the size P must be a multiple of heads=3, not 4",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_heads_cannot_share_is_refused(case):
    arguments, words = WRONG[case]
    with pytest.raises(InputError, match=words):
        Recurrent(**{"cell": "lstm", "input_size": I, "hidden_size": H, **arguments})
