"""The forms of an input, sequences of different lengths, and resets: against running each sequence alone."""

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence

from elman.core.errors import InputError
from elman.nn.recurrent import Recurrent
from tests.nn.reference import as_tuple, layer_of, states_of

T, B, I, H = 6, 4, 3, 5
pytestmark = pytest.mark.usefixtures("engine")
LENGTHS = [3, 6, 1, 4]
each_cell = pytest.mark.parametrize("name", ["lstm", "gru", "projection_lstm", "sru", "slstm"])
both_ways = pytest.mark.parametrize("bidirectional", [False, True])


def make(name, bidirectional=False, num_layers=2):
    layer = layer_of(name, I, H, num_layers, bidirectional=bidirectional, dtype=torch.float64)
    return layer, torch.randn(T, B, I, dtype=torch.float64), states_of(layer, B)


def shaped(states):
    return states if len(states) > 1 else states[0]


def alone(layer, x, states, number, length):
    """One sequence by itself, cut to its length."""
    first = shaped(tuple(state[:, number : number + 1] for state in states))
    output, final = layer(x[:length, number : number + 1], first)
    return output[:, 0], [state[:, 0] for state in as_tuple(final)]


def close(found, wanted):
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)


@each_cell
@both_ways
def test_lengths_give_what_each_sequence_gives_alone(name, bidirectional):
    layer, x, states = make(name, bidirectional)
    x.requires_grad_()
    output, final, every = layer(x, shaped(states), lengths=LENGTHS, return_states=True)
    assert output.shape[:2] == (T, B)
    for number, length in enumerate(LENGTHS):
        wanted, wanted_final = alone(layer, x, states, number, length)
        close(output[:length, number], wanted)
        for value in (output, *every):
            assert not value[length:, number].any(), "behind the end of a sequence all is zero"
        for found, state in zip(as_tuple(final), wanted_final, strict=True):
            close(found[:, number], state)
    weighting = torch.randn_like(output)
    (gradient,) = torch.autograd.grad((output * weighting).sum(), x)
    pieces = [
        (alone(layer, x, states, number, length)[0] * weighting[:length, number]).sum()
        for number, length in enumerate(LENGTHS)
    ]
    close(gradient, torch.autograd.grad(sum(pieces), x)[0])


@each_cell
@both_ways
@pytest.mark.parametrize("enforce_sorted", [False, True])
def test_a_packed_sequence_gives_what_lengths_give(name, bidirectional, enforce_sorted):
    layer, x, states = make(name, bidirectional)
    lengths = sorted(LENGTHS, reverse=True) if enforce_sorted else LENGTHS
    wanted, wanted_final = layer(x, shaped(states), lengths=torch.tensor(lengths))
    packed, final = layer(pack_padded_sequence(x, lengths, enforce_sorted=enforce_sorted), shaped(states))
    output, found_lengths = pad_packed_sequence(packed, total_length=T)
    assert found_lengths.tolist() == lengths
    close(output, wanted)
    close(final, wanted_final)


@each_cell
@both_ways
def test_batch_first_and_unbatched_input_change_the_form_alone(name, bidirectional):
    layer, x, states = make(name, bidirectional)
    output, final, every = layer(x, shaped(states), return_states=True)
    layer.batch_first = True
    turned, turned_final, turned_every = layer(x.transpose(0, 1), shaped(states), return_states=True)
    close(turned.transpose(0, 1), output)
    close(turned_final, final)
    close(tuple(value.transpose(0, 1) for value in turned_every), every)
    for batch_first in (True, False):  # it says nothing about one sequence alone
        layer.batch_first = batch_first
        single, single_final, single_every = layer(
            x[:, 1], shaped(tuple(state[:, 1] for state in states)), return_states=True
        )
        close(single, output[:, 1])
        close(as_tuple(single_final), tuple(state[:, 1] for state in as_tuple(final)))
        close(single_every, tuple(value[:, 1] for value in every))


@both_ways
def test_batch_first_with_lengths(bidirectional):
    layer, x, states = make("lstm", bidirectional)
    output, final = layer(x, states, lengths=LENGTHS)
    layer.batch_first = True
    turned, turned_final = layer(x.transpose(0, 1), states, lengths=LENGTHS)
    close(turned.transpose(0, 1), output)
    close(turned_final, final)


RESETS = torch.tensor(
    [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0]], dtype=torch.bool
)


def cut(flags, length=T):
    """The pieces (start, end) into which resets cut one sequence."""
    starts = sorted({0, *(t for t in range(length) if flags[t])})
    return list(zip(starts, [*starts[1:], length], strict=True))


@each_cell
@both_ways
@pytest.mark.parametrize("lengths", [None, LENGTHS])
def test_resets_give_what_the_pieces_give_alone(name, bidirectional, lengths):
    layer, x, states = make(name, bidirectional, num_layers=1)
    output, final = layer(x, shaped(states), lengths=lengths, resets=RESETS)
    for number in range(B):
        length = T if lengths is None else lengths[number]
        pieces = cut(RESETS[:, number], length)
        for start, end in pieces:
            first = [torch.zeros_like(state[:, number : number + 1]) for state in states]
            for place, state in enumerate(states):
                if start == 0 and not RESETS[0, number]:
                    first[place][0] = state[0, number]
                if end == length and bidirectional:  # the reverse direction enters at the end
                    first[place][1] = state[1, number]
            wanted, last = layer(x[start:end, number : number + 1], shaped(tuple(first)))
            close(output[start:end, number], wanted[:, 0])
            for found, state in zip(as_tuple(final), as_tuple(last), strict=True):
                if end == length:
                    close(found[0, number], state[0, 0])
                if start == 0 and bidirectional:
                    close(found[1, number], state[1, 0])


def test_resets_reach_every_layer():
    layer, x, _ = make("lstm")
    resets = torch.zeros(T, B, dtype=torch.bool)
    resets[2] = True
    output, final = layer(x, resets=resets)
    close(output[2:], layer(x[2:])[0])
    close(final, layer(x[2:])[1])
    close(output[:2], layer(x[:2])[0])


def test_no_gradient_crosses_a_reset():
    layer, x, states = make("gru")
    x.requires_grad_()
    resets = torch.zeros(T, B, dtype=torch.bool)
    resets[3, 1] = True
    layer(x, states[0], resets=resets)[0][3:, 1].sum().backward()
    assert not x.grad[:3].any()
    assert x.grad[3:, 1].all()


def test_resets_take_the_form_of_the_input():
    layer, x, _ = make("lstm")
    wanted = layer(x, resets=RESETS)[0]
    close(layer(x[:, 0], resets=RESETS[:, 0])[0], wanted[:, 0])
    layer.batch_first = True
    close(layer(x.transpose(0, 1), resets=RESETS.T)[0].transpose(0, 1), wanted)


PACKED = pack_sequence([torch.zeros(3, I), torch.zeros(2, I)])
WRONG = {
    "one dimension": (torch.zeros(I), {}, "shape"),
    "four dimensions": (torch.zeros(T, B, I, 1), {}, "shape"),
    "three dimensions of symbols": (torch.zeros(T, B, 1, dtype=torch.int64), {}, r"\(T, B\)"),
    "no steps": (torch.zeros(0, B, I), {}, "at least one step"),
    "another size": (torch.zeros(T, B, I + 1), {}, f"size {I}, not {I + 1}"),
    "lengths of a packed sequence": (PACKED, {"lengths": [3, 2]}, "leave lengths out"),
    "lengths of one sequence": (torch.zeros(T, I), {"lengths": [2]}, "cut an unbatched input"),
    "too few lengths": (torch.zeros(T, B, I), {"lengths": [1, 2]}, f"{B} numbers from 1 to {T}"),
    "a length of zero": (torch.zeros(T, B, I), {"lengths": [1, 2, 3, 0]}, f"from 1 to {T}"),
    "a length beyond the end": (torch.zeros(T, B, I), {"lengths": [1, 2, 3, T + 1]}, f"from 1 to {T}"),
    "resets of another batch": (
        torch.zeros(T, B, I),
        {"resets": torch.zeros(T, 1, dtype=torch.bool)},
        "resets",
    ),
    "states of another batch": (torch.zeros(T, B, I), {"hx": torch.zeros(1, 1, H)}, "hx must hold h"),
    "too many states": (torch.zeros(T, B, I), {"hx": (torch.zeros(1, B, H),) * 2}, "hx must hold h"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_refused(case):
    x, options, words = WRONG[case]
    with pytest.raises(InputError, match=words):
        Recurrent("gru", I, H)(x, **options)
