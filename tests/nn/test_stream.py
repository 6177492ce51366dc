"""Streams against the layer's own forward pass, and machine code against torch's operations.

Legend: I input size, V symbols.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest
import torch
from torch import nn

import elman
from elman.core.errors import InputError
from elman.nn import chained
from elman.nn import stream as streams
from elman.nn.adaptive import AdaptiveSoftmax
from elman.nn.decode import Decoding
from elman.nn.recurrent import Recurrent
from elman.nn.stream import Stream
from elman.run import stream as run_stream
from tests.nn.reference import CELL_NAMES, as_tuple, layer_of, states_of

I, H, V = 5, 19, 23
MODES = ["auto", "eager"]
TOLERANCE = {torch.float32: 2e-5, torch.float64: 1e-12}
TEXT = torch.randint(V, (40,), generator=torch.Generator().manual_seed(3)).tolist()


def network(cell="lstm", layers=1, dtype=torch.float64, bias=True, symbols=V, **options):
    recurrent = layer_of(cell, I, H, layers, num_embeddings=symbols, dtype=dtype, **options)
    return recurrent.eval(), nn.Linear(recurrent.output_size, V, bias=bias, dtype=dtype)


def forward(recurrent, projection, inputs, state=None):
    """Outputs for the inputs of one sequence, and the last state, by the forward pass of the layers."""
    with torch.no_grad(), elman.kernels("eager"):
        output, after = recurrent(inputs.unsqueeze(1), state)
        return (output if projection is None else projection(output)).squeeze(1), after


def generated(stream, length=60, rule=None, seed=5, forbidden=(0,), closing=()):
    generator = torch.Generator().manual_seed(seed)
    parts = stream.generate(4, length, rule or Decoding(), generator, forbidden, closing)
    return [symbol for part in parts for symbol in part]


def assert_scores(stream, recurrent, projection, dtype=torch.float64):
    expected, after = forward(recurrent, projection, torch.tensor(TEXT))
    scores = torch.stack([stream(symbol) for symbol in TEXT])
    torch.testing.assert_close(scores, expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
    for mine, theirs in zip(as_tuple(stream.state), as_tuple(after), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", CELL_NAMES)
def test_a_text_has_the_scores_of_the_forward_pass(cell, layers):
    recurrent, projection = network(cell, layers)
    stream = Stream(recurrent, projection)
    assert isinstance(stream._steps, streams._Compiled)
    assert_scores(stream, recurrent, projection)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("tables", [0, 1 << 25])
def test_both_ways_to_look_a_symbol_up_have_the_scores_of_the_forward_pass(mode, dtype, tables, monkeypatch):
    monkeypatch.setattr(chained, "TABLE_BYTES", tables)
    recurrent, projection = network("gru", 3, dtype, bias=False, zoneout=0.2, recurrent_dropout=0.3)
    with elman.kernels(mode):
        assert_scores(Stream(recurrent, projection), recurrent, projection, dtype)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("projected", [True, False])
@pytest.mark.parametrize("cell", ["lstm", "projection_lstm", "sru", "simple"])
def test_values_are_streamed_too(cell, projected, mode):
    recurrent, projection = network(cell, 2, symbols=None)
    x, used = torch.randn(12, I, dtype=torch.float64), projection if projected else None
    expected, after = forward(recurrent, used, x)
    with elman.kernels(mode):
        stream = Stream(recurrent, used)
        torch.testing.assert_close(torch.stack([stream(value) for value in x]), expected)
    torch.testing.assert_close(stream.state, after)


@pytest.mark.parametrize("mode", MODES)
def test_a_stream_begins_with_a_state_and_hands_it_on(mode):
    recurrent, projection = network("lstm", 2)
    expected, _ = forward(recurrent, projection, torch.tensor(TEXT), first := states_of(recurrent, 1))
    with elman.kernels(mode):
        one = Stream(recurrent, projection, first)
        begun = [one(symbol) for symbol in TEXT[:7]]
        other = Stream(recurrent, projection, one.state)
        for symbol in TEXT[:3]:  # goes its own way
            one(symbol)
        rest = [other(symbol) for symbol in TEXT[7:]]
    torch.testing.assert_close(torch.stack(begun + rest), expected)


@pytest.mark.parametrize(
    "rule", [Decoding(), Decoding(0.0), Decoding(0.7, top_k=9), Decoding(1.5, top_p=0.8)], ids=str
)
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(
    ("cell", "layers"), [("lstm", 1), ("gru", 2), ("zoneout_lstm", 1), ("layer_norm_lstm", 2), ("min_gru", 1)]
)
def test_the_same_seed_writes_the_same_symbols_both_ways(cell, layers, dtype, rule):
    recurrent, projection = network(cell, layers, dtype, **({"zoneout": 0.1} if "zone" in cell else {}))
    texts = []
    for mode in MODES:
        with elman.kernels(mode):
            texts.append(generated(Stream(recurrent, projection), rule=rule))
    assert texts[0] == texts[1]
    assert len(texts[0]) == 60
    assert 0 not in texts[0]


@pytest.mark.parametrize("mode", MODES)
def test_a_closing_symbol_ends_the_text_and_is_not_written(mode):
    recurrent, projection = network()
    whole = generated(Stream(recurrent, projection))
    end = whole[20]
    with elman.kernels(mode):
        assert generated(Stream(recurrent, projection), closing={end, 0}) == whole[: whole.index(end)]


def test_short_calls_write_the_same_symbols(monkeypatch):
    recurrent, projection = network(layers=2)
    whole = generated(Stream(recurrent, projection), 50)
    monkeypatch.setattr(run_stream, "OPERATIONS_PER_CALL", 1)
    one = Stream(recurrent, projection)
    assert generated(one, 50) == whole
    parts = Stream(recurrent, projection).generate(
        4, 10**9, Decoding(), torch.Generator().manual_seed(5), {0}
    )
    assert [symbol for part in islice(parts, 50) for symbol in part] == whole


def test_after_a_text_the_state_is_that_after_reading_it():
    recurrent, projection = network(layers=2)
    stream = Stream(recurrent, projection)
    text = generated(stream, 33)
    _, after = forward(recurrent, projection, torch.tensor([4, *text[:-1]]))
    torch.testing.assert_close(stream.state, after)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("tables", [0, 1 << 25])
@pytest.mark.parametrize("size", [5, 16])  # rows of 16 are whole vectors, which kernels could read in place
def test_a_stream_keeps_the_weights_that_it_was_made_with(size, mode, tables, monkeypatch):
    monkeypatch.setattr(chained, "TABLE_BYTES", tables)
    recurrent = layer_of("gru", size, size, num_embeddings=size, dtype=torch.float64).eval()
    projection = nn.Linear(size, size, dtype=torch.float64)
    text = [symbol % size for symbol in TEXT]
    expected, _ = forward(recurrent, projection, torch.tensor(text))
    with elman.kernels(mode):
        stream = Stream(recurrent, projection)
        with torch.no_grad():
            for weight in (*recurrent.parameters(), *projection.parameters()):
                weight.zero_()
        torch.testing.assert_close(torch.stack([stream(symbol) for symbol in text]), expected)


def test_streams_in_several_threads_do_not_disturb_each_other():
    recurrent, projection = network("gru", 2)
    alone = [generated(Stream(recurrent, projection), 400, seed=seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        together = pool.map(lambda seed: generated(Stream(recurrent, projection), 400, seed=seed), range(4))
        assert list(together) == alone


@pytest.mark.parametrize("mode", MODES)
def test_a_stream_is_without_dropout_and_leaves_the_mode_alone(mode):
    recurrent, projection = network("lstm", 2, zoneout=0.2, recurrent_dropout=0.3, dropout=0.5)
    recurrent.train()
    with elman.kernels(mode):
        stream = Stream(recurrent, projection)
        scores = torch.stack([stream(symbol) for symbol in TEXT])
    assert recurrent.training
    torch.testing.assert_close(scores, forward(recurrent.eval(), projection, torch.tensor(TEXT))[0])


def test_a_stream_outlives_the_mode_in_which_it_was_made():
    recurrent, projection = network(symbols=None)
    with torch.inference_mode():
        stream = Stream(recurrent, projection)
    with torch.autograd.grad_mode.set_multithreading_enabled(False):
        assert not stream(torch.ones(I, dtype=torch.float64)).requires_grad


def test_a_network_with_hooks_runs_them():
    recurrent, projection = network()
    seen = []
    recurrent.register_forward_hook(lambda *given: seen.append(given))
    Stream(recurrent, projection)(3)
    assert len(seen) == 1


def test_formats_without_kernels_run_in_torchs_operations():
    recurrent, projection = (part.bfloat16() for part in network())
    assert Stream(recurrent, projection)(3).dtype == torch.bfloat16


def test_a_failure_to_compile_is_one_warning(monkeypatch):
    recurrent, projection = network()
    monkeypatch.setattr(chained, "CompiledStream", lambda *given: 1 / 0)
    with pytest.warns(RuntimeWarning, match="a stream of lstm could not be compiled .*division by zero"):
        stream = Stream(recurrent, projection)
    assert_scores(stream, recurrent, projection)


@pytest.mark.parametrize("mode", MODES)
def test_a_network_that_has_gone_wrong_writes_nothing(mode):
    recurrent, projection = network()
    with torch.no_grad():
        projection.bias[3] = torch.nan
    with elman.kernels(mode), pytest.raises(InputError, match="NaN or infinity in the weights"):
        generated(Stream(recurrent, projection))


def test_a_bidirectional_network_is_refused():
    with pytest.raises(InputError, match="bidirectional network cannot stream"):
        Stream(Recurrent("gru", I, H, bidirectional=True))


def test_a_state_of_another_shape_is_refused():
    with pytest.raises(InputError, match=r"has the shapes \[\(2, 1, 19\)\], not \[\(1, 1, 19\)\]"):
        Stream(Recurrent("gru", I, H, 2), state=torch.zeros(1, 1, H))


@pytest.mark.parametrize("mode", MODES)
def test_what_does_not_fit_the_network_is_refused(mode):
    recurrent, projection = network()
    with elman.kernels(mode):
        reader, values = Stream(recurrent, projection), Stream(network(symbols=None)[0])
        for symbol in (-1, V):
            with pytest.raises(InputError, match=f"symbols 0 to {V - 1}, not {symbol}"):
                reader(symbol)
            with pytest.raises(InputError, match=f"symbols 0 to {V - 1}, not {symbol}"):
                next(reader.generate(symbol, 1, Decoding(), torch.Generator()))
            with pytest.raises(InputError, match=f"symbols 0 to {V - 1}, not {symbol}"):
                next(reader.generate(0, 1, Decoding(), torch.Generator(), forbidden={symbol}))
        for symbol in (torch.zeros(1), torch.zeros(2, dtype=torch.int64)):
            with pytest.raises(InputError, match="the number of a symbol, not a tensor of the shape"):
                reader(symbol)
        one = torch.zeros(I, dtype=torch.float64)
        for value in (torch.zeros(I + 1), one.unsqueeze(0), one.float(), 3):
            with pytest.raises(InputError, match=rf"shape \({I},\) and torch.float64, not"):
                values(value)


def test_only_a_network_with_a_score_for_each_symbol_writes():
    for network_ in (network(symbols=None), (network()[0], None), (network(symbols=V + 1))):
        with pytest.raises(InputError, match="has a score for each"):
            Stream(*network_).generate(0, 1, Decoding(), torch.Generator())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("biases", [(False, True), (True, False), (True, True, True)])
def test_products_one_after_the_other_are_read_off_by_machine_code(biases, mode):
    recurrent, _ = network("lstm", 2)
    sizes = [recurrent.output_size, *(9, 14)[: len(biases) - 1], V]
    parts = zip(sizes[:-1], sizes[1:], biases, strict=True)
    projection = nn.Sequential(*(nn.Linear(a, b, bias=c, dtype=torch.float64) for a, b, c in parts))
    with elman.kernels(mode):
        stream = Stream(recurrent, projection)
        assert isinstance(stream._steps, streams._Compiled if mode == "auto" else streams._Forward)
        assert_scores(stream, recurrent, projection)
        text = generated(Stream(recurrent, projection))
    with elman.kernels("eager"):
        assert generated(Stream(recurrent, projection)) == text


def test_an_adaptive_softmax_is_streamed_by_torch():
    recurrent, _ = network("gru", 2)
    projection = AdaptiveSoftmax(recurrent.output_size, V).double()
    stream = Stream(recurrent, projection)
    assert isinstance(stream._steps, streams._Forward)
    assert_scores(stream, recurrent, projection)
    assert len(generated(Stream(recurrent, projection))) == 60


def test_a_projection_with_a_function_between_its_products_is_streamed_by_torch():
    recurrent, _ = network("gru")
    inner, outer = nn.Linear(recurrent.output_size, 8), nn.Linear(8, V)
    projection = nn.Sequential(inner, nn.Tanh(), outer).double()
    stream = Stream(recurrent, projection)
    assert isinstance(stream._steps, streams._Forward)
    assert_scores(stream, recurrent, projection)
