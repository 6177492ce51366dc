"""Integers as input: a row looked up is what the product with a 1-of-N vector would have been."""

import pytest
import torch
from torch.nn import functional
from torch.nn.utils.rnn import pack_sequence
from torch.utils._python_dispatch import TorchDispatchMode

from elman.nn.recurrent import Recurrent
from elman.run.choice import kernels
from tests.nn.reference import CELL_NAMES, as_tuple, layer_of

T, B, I, H = 5, 3, 4, 6
ROWS = T * B
# fewer symbols than rows: the table is computed once a symbol; more: only the rows that occur are looked up
COUNTS = {"fewer": ROWS // 3, "more": ROWS * 3}


def close(found, wanted):
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)


def results(layer, x, weights):
    """Output, last states, and the gradients of a sum of squares of them."""
    output, final = layer(x)
    values = [output, *as_tuple(final)]
    loss = sum(value.square().sum() for value in values)
    return values, torch.autograd.grad(loss, weights)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", CELL_NAMES)
def test_symbols_are_one_of_n_vectors(name, count):
    symbols_V = COUNTS[count]
    layer = layer_of(name, symbols_V, H, dtype=torch.float64)
    symbols = torch.randint(0, symbols_V, (T, B))
    dense = functional.one_hot(symbols, symbols_V).double()
    found, gradients = results(layer, symbols, list(layer.parameters()))
    wanted, wanted_gradients = results(layer, dense, list(layer.parameters()))
    close(found, wanted)
    close(gradients, wanted_gradients)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", CELL_NAMES)
def test_an_embedding_is_a_product_of_its_table_and_one_of_n_vectors(name, count):
    symbols_V = COUNTS[count]
    layer = layer_of(name, I, H, num_embeddings=symbols_V, dtype=torch.float64)
    symbols = torch.randint(0, symbols_V, (T, B))
    assert layer.embedding.weight.shape == (symbols_V, I)

    plain = Recurrent(
        name, I, H, sizes={k: v for k, v in layer.sizes.items() if k != "H"}, dtype=torch.float64
    )
    plain.load_state_dict({k: v for k, v in layer.state_dict().items() if k != "embedding.weight"})
    table = layer.embedding.weight.detach().clone().requires_grad_()
    dense = functional.one_hot(symbols, symbols_V).double() @ table
    found, gradients = results(layer, symbols, [layer.embedding.weight, *own_weights(layer)])
    wanted, wanted_gradients = results(plain, dense, [table, *own_weights(plain)])
    close(found, wanted)
    close(gradients, wanted_gradients)


def own_weights(layer):
    return [weight for name, weight in layer.named_parameters() if name != "embedding.weight"]


class Products(TorchDispatchMode):
    """The rows that enter each matrix product."""

    def __init__(self):
        super().__init__()
        self.rows = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if function.overloadpacket in (torch.ops.aten.mm, torch.ops.aten.addmm):
            self.rows.append(len(args[-2]))
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("count", COUNTS)
def test_input_is_multiplied_once_a_symbol_or_once_a_row_whichever_is_less(count):
    layer = layer_of("lstm", I, H, num_embeddings=COUNTS[count])
    with kernels("eager"), torch.no_grad(), Products() as products:
        layer(torch.randint(0, COUNTS[count], (T, B)))
    assert sorted(products.rows) == [*[B] * T, min(COUNTS[count], ROWS)], (
        "one of the input, one a step of the state"
    )


@pytest.mark.parametrize("count", COUNTS)
def test_one_of_n_vectors_are_never_multiplied(count):
    layer = layer_of("lstm", COUNTS[count], H)
    with kernels("eager"), torch.no_grad(), Products() as products:
        layer(torch.randint(0, COUNTS[count], (T, B)))
    assert products.rows == [B] * T, "the state alone"


def test_symbols_take_every_form_of_input():
    layer = layer_of("gru", I, H, 2, bidirectional=True, num_embeddings=9, dtype=torch.float64)
    symbols = torch.randint(0, 9, (T, B))
    wanted = layer(symbols)[0]
    close(layer(symbols[:, 1])[0], wanted[:, 1])
    lengths = [5, 2, 4]
    padded = layer(symbols, lengths=lengths)[0]
    packed = layer(pack_sequence([symbols[:n, b] for b, n in enumerate(lengths)], enforce_sorted=False))[0]
    for number, (length, sequence) in enumerate(zip(lengths, unpacked(packed), strict=True)):
        close(sequence, layer(symbols[:length, number])[0])
        close(padded[:length, number], sequence)
    layer.batch_first = True
    close(layer(symbols.T)[0].transpose(0, 1), wanted)


def unpacked(packed):
    return torch.nn.utils.rnn.unpack_sequence(packed)


def test_values_are_still_taken_where_there_is_an_embedding():
    layer = layer_of("gru", I, H, num_embeddings=9, dtype=torch.float64)
    symbols = torch.randint(0, 9, (T, B))
    close(layer(layer.embedding(symbols))[0], layer(symbols)[0])


@pytest.mark.parametrize("options", [{"num_embeddings": 9}, {}], ids=["embedding", "1-of-N"])
@pytest.mark.parametrize("wrong", [9, -1])
@pytest.mark.parametrize("steps", [2, 40])
def test_a_symbol_out_of_range_is_refused(options, wrong, steps):
    layer = Recurrent("gru", 9, H, **options)
    symbols = torch.zeros(steps, 1, dtype=torch.int64)
    symbols[1] = wrong
    with pytest.raises(IndexError):
        layer(symbols)
