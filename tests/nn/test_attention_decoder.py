"""The decoder: all steps at once are the steps one by one, and nothing of what is to come is seen."""

import pytest
import torch

from elman.nn.attention_decoder import AttentionDecoder, Written

T, S, B, V, E, H = 4, 3, 2, 7, 5, 6


def decoder(cell="lstm", layers=2):
    return AttentionDecoder(cell, V, E, H, layers, "additive").double()


def start(model, layers=2, states=2):
    memory = torch.randn(S, B, H, dtype=torch.float64)
    places = torch.tensor([[True, True], [True, True], [True, False]])
    return model.start(memory, places, tuple(torch.randn(layers, B, H).double() for _ in range(states)))


@pytest.mark.parametrize(("cell", "states"), [("lstm", 2), ("gru", 1)])
def test_all_steps_at_once_are_those_one_by_one(cell, states):
    model = decoder(cell)
    written = start(model, states=states)
    symbols = torch.randint(V, (T, B))
    output, weights, after = model(symbols, written)
    state = written
    for t in range(T):
        one, alpha, state = model(symbols[t : t + 1], state)
        torch.testing.assert_close(one[0], output[t])
        torch.testing.assert_close(alpha[0], weights[t])
    for alone, together in zip(state.lower + state.upper, after.lower + after.upper, strict=True):
        torch.testing.assert_close(alone, together)


def test_a_symbol_changes_nothing_before_it():
    model = decoder()
    written = start(model)
    symbols = torch.randint(V, (T, B))
    other = symbols.clone()
    other[2] = (other[2] + 1) % V
    outputs = [model(given, written)[0] for given in (symbols, other)]
    torch.testing.assert_close(outputs[0][:2], outputs[1][:2])
    assert not torch.allclose(outputs[0][2], outputs[1][2])


def test_places_that_are_not_there_are_not_seen():
    model = decoder()
    written = start(model)
    symbols = torch.randint(V, (T, B))
    changed = Written(written.memory.clone(), written.keys.clone(), *written[2:])
    changed.memory[2, 1] = 100.0
    changed.keys[2, 1] = 100.0
    (output, weights, _), (same, _, _) = (model(symbols, state) for state in (written, changed))
    torch.testing.assert_close(output, same)
    assert weights[:, 1, 2].count_nonzero() == 0


def test_gradients_reach_the_memory_and_the_first_states():
    model = decoder()
    written = start(model)
    given = (written.memory.requires_grad_(), *(state.requires_grad_() for state in written.upper))
    symbols = torch.randint(V, (T, B))

    def output(memory, *states):
        return model(symbols, model.start(memory, written.places, states))[0]

    assert torch.autograd.gradcheck(output, given)
