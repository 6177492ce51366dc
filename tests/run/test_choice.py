"""Who runs a cell: kernels by themselves, torch's own operations where asked for or nothing else can."""

import os
import subprocess
import sys
import warnings

import pytest
import torch

import elman
from elman.nn import direction
from elman.run import kernel, library, outer, panels
from elman.run.eager import EagerLoop
from elman.run.kernel import CpuKernel


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """No layer has run yet, and no kernel is in memory."""
    direction._engine.cache_clear()
    kernel._library.cache_clear()
    monkeypatch.setattr(elman.kernels, "mode", "auto")
    yield
    direction._engine.cache_clear()
    kernel._library.cache_clear()


@pytest.fixture
def calls(monkeypatch) -> list[str]:
    """Which of the two ran, call by call."""
    made = []

    def recorded(kind, name, run):
        def call(self, *given, **options):
            made.append(name)
            return run(self, *given, **options)

        monkeypatch.setattr(kind, run.__name__, call)

    recorded(CpuKernel, "compiled", CpuKernel.__call__)
    recorded(EagerLoop, "eager", EagerLoop.forward)
    return made


def who(calls: list[str], layer: torch.nn.Module | None = None) -> set[str]:
    """Runs a layer; returns who ran it."""
    calls.clear()
    layer = layer or elman.GRU(3, 5)
    layer(torch.randn(4, 2, 3))
    return set(calls)


def test_kernels_are_chosen_where_nothing_is_said(calls):
    assert who(calls) == {"compiled"}


def test_a_call_chooses_from_there_on(calls):
    elman.kernels("eager")
    assert who(calls) == {"eager"}
    elman.kernels("auto")
    assert who(calls) == {"compiled"}


def test_a_context_chooses_until_its_end(calls):
    with elman.kernels("eager"):
        assert who(calls) == {"eager"}
        with elman.kernels("auto"):
            assert who(calls) == {"compiled"}
        assert who(calls) == {"eager"}
    assert who(calls) == {"compiled"}


def test_a_context_that_an_error_leaves_ends_too(calls):
    with pytest.raises(ZeroDivisionError), elman.kernels("eager"):
        raise ZeroDivisionError
    assert who(calls) == {"compiled"}


def test_another_mode_is_refused_and_changes_nothing():
    elman.kernels("eager")
    with pytest.raises(elman.InputError, match="the mode of kernels is auto or eager, not 'fast'"):
        elman.kernels("fast")
    assert elman.kernels.mode == "eager"


@pytest.mark.parametrize(("value", "mode"), [("eager", "eager"), ("", "auto")])
def test_the_environment_chooses(value, mode):
    found = in_environment(value)
    assert (found.stdout, found.stderr) == (f"{mode}\n", "")


def test_another_mode_in_the_environment_is_refused():
    found = in_environment("fast")
    assert found.stderr.endswith("InputError: ELMAN_KERNELS is auto or eager, not 'fast'\n")


def in_environment(value: str) -> subprocess.CompletedProcess:
    """What a new process prints as the mode."""
    return subprocess.run(
        [sys.executable, "-c", "import elman; print(elman.kernels.mode)"],
        env={**os.environ, "ELMAN_KERNELS": value},
        capture_output=True,
        text=True,
    )


def test_the_gradient_of_a_choice_is_taken_as_the_choice_was(calls):
    layer = elman.GRU(3, 5)
    with elman.kernels("eager"):
        expected = gradients(layer)
    output, _ = layer(torch.ones(4, 2, 3))
    elman.kernels("eager")
    layer.zero_grad()
    output.sum().backward()
    for weight, gradient in zip(layer.parameters(), expected, strict=True):
        torch.testing.assert_close(weight.grad, gradient)


def gradients(layer: torch.nn.Module) -> list[torch.Tensor]:
    layer.zero_grad()
    layer(torch.ones(4, 2, 3))[0].sum().backward()
    return [weight.grad.clone() for weight in layer.parameters()]


@pytest.fixture
def never_compiled(monkeypatch):
    """Nothing is in the cache of object code either."""
    monkeypatch.setattr(library, "cached", lambda key, compile_it: compile_it())
    for made in (outer.outer_kernel, panels.packer):
        made.cache_clear()
    yield
    for made in (outer.outer_kernel, panels.packer):
        made.cache_clear()


@pytest.mark.usefixtures("never_compiled")
@pytest.mark.parametrize(
    ("module", "broken"),
    [(kernel, "emit"), (kernel, "scratch_size"), (outer, "emit_outer"), (panels, "emit_pack")],
)
def test_what_cannot_be_compiled_runs_in_torchs_operations_and_says_so_once(
    monkeypatch, calls, module, broken
):
    layer, reference = elman.GRU(3, 5), torch.nn.GRU(3, 5)
    reference.load_state_dict(layer.state_dict())

    def fail(*given):
        raise RuntimeError("no such instruction")

    monkeypatch.setattr(module, broken, fail)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(3):
            found = gradients(layer)
        assert who(calls, layer) == {"eager"}
    (warning,) = told
    assert str(warning.message) == (
        "the kernels of gru could not be compiled (RuntimeError: no such instruction); "
        "it runs in torch's own operations, slower"
    )
    for mine, theirs in zip(found, gradients(reference), strict=True):
        torch.testing.assert_close(mine, theirs)


@pytest.mark.usefixtures("never_compiled")
def test_a_backward_pass_that_cannot_be_compiled_leaves_inference_to_the_kernels(monkeypatch, calls):
    layer = elman.GRU(3, 5)
    emit = kernel.emit

    def only_forward(planned, *given):
        if "backward" in planned.name:
            raise RuntimeError("no such instruction")
        return emit(planned, *given)

    monkeypatch.setattr(kernel, "emit", only_forward)
    with torch.no_grad():
        assert who(calls, layer) == {"compiled"}
    with pytest.warns(RuntimeWarning, match="no such instruction"):
        layer(torch.randn(4, 2, 3))
    assert who(calls, layer) == {"eager"}
    with torch.no_grad():
        assert who(calls, layer) == {"compiled"}


def test_many_layers_of_many_sizes_are_each_compiled_once(monkeypatch):
    layers = [elman.GRU(3, size) for size in range(1, 10)]
    x = torch.randn(4, 2, 3)
    for layer in layers:
        layer(x)
    monkeypatch.setattr(CpuKernel, "__init__", lambda *given: pytest.fail("a kernel was made again"))
    for layer in layers:
        layer(x)
