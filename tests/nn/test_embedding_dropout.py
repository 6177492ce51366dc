"""Embedding dropout: symbols left out wherever they stand in a batch, the others scaled up."""

import pytest
import torch

from elman.core.errors import InputError
from elman.nn.embedding_dropout import embedded
from elman.nn.recurrent import Recurrent

V, I, P = 2000, 3, 0.3


def test_a_symbol_is_left_out_whole_and_everywhere():
    table = 2.0 ** torch.randint(-3, 3, (V, I)).double()  # so that the quotients below are exact
    indices = torch.arange(V).repeat(2)
    factors = embedded(indices, table, P) / table[indices]
    assert torch.equal(factors[:V], factors[V:])
    assert torch.equal(factors, factors[:, :1].expand_as(factors))
    assert factors.unique().tolist() == [0.0, pytest.approx(1 / (1 - P), rel=1e-4)]
    share = float((factors[:V, 0] == 0).double().mean())
    assert abs(share - P) < 4 * (P * (1 - P) / V) ** 0.5


def test_without_a_probability_it_is_the_look_up():
    table, indices = torch.randn(V, I), torch.randint(V, (50,))
    assert torch.equal(embedded(indices, table, 0.0), table[indices])


def test_the_mean_over_many_masks_is_the_look_up():
    table, indices = torch.ones(4, 1, dtype=torch.float64), torch.tensor([0, 1, 2, 3])
    mean = torch.stack([embedded(indices, table, P) for _ in range(4000)]).mean(0)
    deviation = (P / (1 - P) / 4000) ** 0.5
    assert (mean - 1).abs().max() < 5 * deviation


def test_its_gradients_are_the_finite_differences():
    indices, table = torch.randint(5, (9,)), torch.randn(5, I, dtype=torch.float64, requires_grad=True)

    def run(table):
        torch.manual_seed(4)
        return embedded(indices, table, 0.5)

    assert torch.autograd.gradcheck(run, table)


@pytest.mark.parametrize("symbols", [3, 40])
def test_a_network_reads_the_same_rows_through_a_batch_and_others_in_the_next(symbols):
    layer = Recurrent("simple(f=relu)", 60, 60, embedding_dropout=0.5, num_embeddings=symbols)
    with torch.no_grad():
        for weight in layer.parameters():
            weight.zero_()
        layer.W_l0.copy_(torch.eye(60))
        layer.embedding.weight.fill_(1.0)
    x = torch.randint(symbols, (10, 8))
    seen = set()
    for _ in range(5):
        output = layer(x)[0].detach()
        rows = {int(symbol): output[x == symbol] for symbol in x.unique()}
        for found in rows.values():
            assert found.unique().numel() == 1
            assert float(found[0, 0]) in (0.0, 2.0)
        seen.add(tuple(float(found[0, 0]) for found in rows.values()))
    assert len(seen) > 1
    assert torch.equal(layer.eval()(x)[0], torch.ones(10, 8, 60))


def test_there_must_be_an_embedding():
    with pytest.raises(InputError, match="give num_embeddings"):
        Recurrent("lstm", 3, 4, embedding_dropout=0.1)
    with pytest.raises(InputError, match="input_dropout leaves out numbers"):
        Recurrent("lstm", 3, 4, input_dropout=0.1)(torch.zeros(5, 2, dtype=torch.int64))
