"""Cells as operators of torch: under torch.compile and torch.export, and by themselves."""

import subprocess
import sys

import pytest
import torch
from torch.library import opcheck
from torch.nn.utils.rnn import pack_sequence

import elman
from elman.cells import find
from elman.core.errors import InputError
from elman.nn import direction
from elman.nn import symbols as symbols_of_layers
from elman.nn.direction import Variant, engine_of
from elman.nn.operator import cell, constant
from elman.run.choice import kernels

T, B = 4, 3


def operands(name: str, sizes: dict[str, int], dtype: torch.dtype, symbols: int | None = None, **added: bool):
    """A key, and what follows it in a call."""
    variant = Variant(find(name), **added)
    step = variant.program.step

    def leaf(*shape: int) -> torch.Tensor:
        return torch.randn(shape, dtype=dtype, requires_grad=True)

    x = leaf(symbols or T * B, sizes["I"])
    indices = None if symbols is None else torch.randint(symbols, (T * B,))
    states = [leaf(B, sizes[state.shape[1]]) for state in step.states]
    masks = [torch.rand(T * B, sizes.get(mask.shape[1], 1), dtype=dtype).round() for mask in step.masks]
    weights = [leaf(*(sizes[size] for size in param.shape)) for param in step.params]
    return variant.key(sizes), x, indices, states, masks, weights


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("reverse", [True, False])
@pytest.mark.parametrize(
    ("name", "sizes", "symbols", "added"),
    [
        ("lstm", {"I": 5, "H": 17}, None, {}),
        ("lstm", {"I": 5, "H": 17}, 6, {}),
        ("gru", {"I": 3, "H": 8}, None, {"zoneout": True, "resets": True}),
        ("sru", {"I": 7, "H": 7}, None, {}),
        ("jordan", {"I": 3, "H": 5, "O": 2}, None, {}),
    ],
)
def test_torch_finds_nothing_wrong_with_the_operator(name, sizes, symbols, added, reverse, keep):
    key, x, indices, states, masks, weights = operands(name, sizes, torch.float32, symbols, **added)
    given = (key, [B] * T, reverse, keep, False, x, indices, states, masks, weights)
    opcheck(torch.ops.elman.cell.default, given)


@pytest.mark.parametrize("return_states", [True, False])
@pytest.mark.parametrize("mode", ["auto", "eager"])
def test_gradients_of_the_operator_are_those_of_finite_differences(mode, return_states):
    key, x, indices, states, masks, weights = operands("gru", {"I": 3, "H": 4}, torch.float64)

    def run(x, *rest):
        given = (key, [B, B, 2, 1], False, False, return_states, x, indices)
        return cell(*given, list(rest[: len(states)]), masks, list(rest[len(states) :]))

    with kernels(mode):
        rows = x.detach()[: B + B + 2 + 1].requires_grad_()
        assert torch.autograd.gradcheck(run, (rows, *states, *weights), fast_mode=True)


class Model(torch.nn.Module):
    def __init__(self, **options) -> None:
        super().__init__()
        self.first = elman.Recurrent("lstm", 6, 8, bidirectional=True, num_embeddings=9, **options)
        self.second = elman.Recurrent("gru", 16, 5, num_layers=2)
        self.head = torch.nn.Linear(5, 9)

    def forward(self, symbols, resets=None):
        hidden, state, *_ = self.first(symbols, resets=resets, return_states=True)
        hidden, _ = self.second(torch.relu(hidden), None)
        return self.head(hidden), state


@pytest.mark.parametrize("few", [5, 9], ids=["embeddings are looked up", "symbols are looked up"])
def test_a_model_compiles_to_one_graph_with_the_same_gradients(few, monkeypatch):
    monkeypatch.setattr(symbols_of_layers, "FEW", few)
    model, symbols = Model(), torch.randint(0, 9, (7, 3))
    resets = torch.rand(7, 3) < 0.3
    expected, _ = model(symbols, resets)
    wanted = torch.autograd.grad(expected.square().sum(), list(model.parameters()))
    found, _ = torch.compile(model, backend="aot_eager", fullgraph=True)(symbols, resets)
    torch.testing.assert_close(found, expected)
    gradients = torch.autograd.grad(found.square().sum(), list(model.parameters()))
    torch.testing.assert_close(gradients, wanted)


@torch._dynamo.config.patch(allow_rnn=True)
def test_layers_of_torchs_interface_compile_to_one_graph_if_torch_may_look_into_them():
    layer, x = elman.LSTM(6, 8, num_layers=2, bidirectional=True), torch.randn(7, 3, 6)
    found, _ = torch.compile(layer, backend="aot_eager", fullgraph=True)(x)
    torch.testing.assert_close(found, layer(x)[0])


def test_masks_of_a_compiled_model_are_drawn():
    layer = elman.Recurrent("lstm", 6, 40, zoneout=0.5, recurrent_dropout=0.3)
    run = torch.compile(layer, backend="aot_eager", fullgraph=True)
    x = torch.randn(7, 3, 6)
    assert not torch.equal(run(x)[0], run(x)[0])
    layer.eval()
    torch.testing.assert_close(run(x)[0], layer(x)[0])


def test_packed_sequences_and_autocast_run_in_a_compiled_model():
    layer = elman.Recurrent("gru", 6, 5)
    run = torch.compile(layer, backend="aot_eager")
    packed = pack_sequence([torch.randn(n, 6) for n in (5, 4, 1)])
    torch.testing.assert_close(run(packed)[0].data, layer(packed)[0].data)
    x = torch.randn(7, 3, 6)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(run(x)[0], layer(x)[0])


READ = """
import sys, torch, elman.nn.operator
model, symbols = torch.export.load(sys.argv[1]).module(), torch.load(sys.argv[2])
torch.save(model(symbols)[0], sys.argv[3])
"""


def test_an_exported_model_runs_in_another_process_for_any_batch(tmp_path):
    model, symbols = Model().eval(), torch.randint(0, 9, (17, 3))
    shapes = {"symbols": {1: torch.export.Dim("batch")}}
    torch.export.save(torch.export.export(model, (symbols,), dynamic_shapes=shapes), tmp_path / "model.pt2")
    more = torch.randint(0, 9, (17, 11))
    torch.save(more, tmp_path / "in")
    files = [str(tmp_path / name) for name in ("model.pt2", "in", "out")]
    subprocess.run([sys.executable, "-c", READ, *files], check=True)
    torch.testing.assert_close(torch.load(tmp_path / "out"), model(more)[0])


def test_an_exported_model_can_be_trained():
    model, symbols = Model(), torch.randint(0, 9, (17, 3))
    wanted = torch.autograd.grad(model(symbols)[0].square().sum(), list(model.parameters()))
    exported = torch.export.export(model, (symbols,)).module()
    found = torch.autograd.grad(exported(symbols)[0].square().sum(), list(exported.parameters()))
    torch.testing.assert_close(found, wanted)


def test_a_key_stands_for_its_equations(monkeypatch):
    variant, sizes = Variant(find("simple(f=relu)"), zoneout=False, resets=True), {"I": 2, "H": 3}
    key = variant.key(sizes)
    monkeypatch.setattr(direction, "_engines", {})
    found = engine_of(key)
    assert found.sizes == sizes
    assert found.program is variant.program
    with pytest.raises(InputError, match="other equations"):
        engine_of(key[:-1] + ("0" if key[-1] != "0" else "1"))
    with pytest.raises(InputError, match="unknown cell 'mine'"):
        engine_of("mine | | I=2 H=3 | 0123456789abcdef")


def test_a_layer_alone_does_not_load_the_compiler_of_torch():
    code = """
import sys, torch, elman
elman.LSTM(2, 3)(torch.ones(4, 1, 2))
print("torch._dynamo" in sys.modules)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_the_mark_of_constants_is_that_of_torch():
    def theirs():
        pass

    def ours():
        pass

    assert vars(constant(ours)) == vars(torch.compiler.assume_constant_result(theirs))
