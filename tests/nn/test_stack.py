"""Several layers and two directions, against single layers put together by hand."""

import pytest
import torch

from tests.nn.reference import CELL_NAMES, as_tuple, layer_of, states_of

T, B, I, H = 5, 3, 4, 6
pytestmark = pytest.mark.usefixtures("engine")


def part(name, layer, depth, suffix):
    """One layer and direction of a stack, as a layer of its own."""
    alone = layer_of(name, layer.layer_sizes(depth)["I"], H, dtype=torch.float64)
    weights = {f"{name.replace('.', '_')}_l0": w for name, w in layer.weights(f"_l{depth}{suffix}").items()}
    alone.load_state_dict(weights)
    return alone


def run(alone, x, states):
    output, final = alone(x, states if len(states) > 1 else states[0])
    return output, as_tuple(final)


@pytest.mark.parametrize("name", CELL_NAMES)
@pytest.mark.parametrize("num_layers", [1, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_stack_is_its_layers_one_after_the_other(name, num_layers, bidirectional):
    layer = layer_of(name, I, H, num_layers, bidirectional=bidirectional, dtype=torch.float64)
    x = torch.randn(T, B, I, dtype=torch.float64)
    hx = states_of(layer, B)
    output, final = layer(x, hx if len(hx) > 1 else hx[0])

    value, finals = x, []
    for depth in range(num_layers):
        place = depth * layer.directions
        forward, last = run(part(name, layer, depth, ""), value, [state[place : place + 1] for state in hx])
        finals.append(last)
        outputs = [forward]
        if bidirectional:
            first = [state[place + 1 : place + 2] for state in hx]
            backward, last = run(part(name, layer, depth, "_reverse"), value.flip(0), first)
            finals.append(last)
            outputs.append(backward.flip(0))
        value = torch.cat(outputs, -1)

    assert output.shape == (T, B, layer.output_size)
    torch.testing.assert_close(output, value, rtol=0, atol=1e-12)
    for number, state in enumerate(as_tuple(final)):
        torch.testing.assert_close(state, torch.cat([last[number] for last in finals]), rtol=0, atol=1e-12)


def test_states_between_steps_are_the_last_layers_in_both_directions():
    layer = layer_of("lstm", I, H, 2, bidirectional=True, dtype=torch.float64)
    x = torch.randn(T, B, I, dtype=torch.float64)
    output, (h, c), (every_h, every_c) = layer(x, return_states=True)
    torch.testing.assert_close(every_h, output, rtol=0, atol=0)
    assert every_c.shape == (T, B, 2 * H)
    torch.testing.assert_close(every_c[-1, :, :H], c[2], rtol=0, atol=0)
    torch.testing.assert_close(every_c[0, :, H:], c[3], rtol=0, atol=0)
    torch.testing.assert_close(every_h[-1, :, :H], h[2], rtol=0, atol=0)


def test_dropout_between_layers_zeroes_its_share_and_scales_the_rest():
    rate, size = 0.25, 50
    layer = layer_of("simple(f=relu)", I, size, 2, dropout=rate)
    with torch.no_grad():  # the second layer passes on what it is given
        layer.W_l1.copy_(torch.eye(size))
        layer.U_l1.zero_()
        layer.b_l1.zero_()
    x = torch.randn(20, 40, I)
    whole = layer.eval()(x)[0]
    dropped = layer.train()(x)[0]
    kept = dropped != 0
    torch.testing.assert_close(dropped[kept], (whole / (1 - rate))[kept], rtol=1e-6, atol=0)
    share = 1 - kept[whole > 0].double().mean()
    assert abs(share - rate) < 4 * (rate * (1 - rate) / (whole > 0).sum()) ** 0.5


@pytest.mark.parametrize("name", ["gru", "lstm", "slstm"])
def test_a_sequence_may_be_run_in_pieces(name):
    layer = layer_of(name, I, H, 2, dtype=torch.float64)
    x = torch.randn(T, B, I, dtype=torch.float64)
    whole, final = layer(x)
    first, carried = layer(x[:2])
    second, last = layer(x[2:], carried)
    torch.testing.assert_close(torch.cat([first, second]), whole, rtol=0, atol=1e-12)
    torch.testing.assert_close(last, final, rtol=0, atol=1e-12)
