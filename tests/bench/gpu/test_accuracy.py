"""Errors beside those of a peer: kernels that are right pass, those that are not fail."""

import pytest
import torch

from elman.bench.gpu import accuracy
from elman.bench.gpu.accuracy import GRID, SUBJECTS, Error, check, check_shape, errors
from elman.bench.gpu.plans import recorded_plans
from elman.bench.gpu.trial import FORMATS, LAYERS, Shape, Trial
from elman.bench.gpu.verdict import Verdict
from elman.cells import NAMES
from elman.nn import direction
from elman.run.gpu.kernel import GpuKernel
from elman.run.gpu.steps import StepPlan

pytestmark = pytest.mark.filterwarnings("ignore:.* encountered in:RuntimeWarning")
TINY = Shape(2, 2, 2, 3, varied=True, bidirectional=True)


@pytest.mark.usefixtures("nearest")
@pytest.mark.parametrize(("subject", "form"), [("RNN", "bfloat16"), ("min_gru", "float32")])
def test_kernels_pass_beside_a_peer(subject, form, interpreted):
    verdict = Verdict("")
    check_shape(verdict, subject, FORMATS[form], TINY, interpreted, 0)
    assert verdict.failures == []
    assert 0 < verdict.error < FORMATS[form].error
    assert verdict.plans


def test_a_wrong_kernel_fails_by_the_names_of_its_results(interpreted, monkeypatch):
    call = GpuKernel.__call__

    def broken(self, values, *given):
        found = call(self, values, *given)
        if self.kernel.name.endswith("_backward"):
            found[0].mul_(1.01)
        return found

    monkeypatch.setattr(GpuKernel, "__call__", broken)
    monkeypatch.setitem(GRID, "float32", (Shape(2, 2, 2, 3),))
    verdict = check("simple", "float32", interpreted, seed=3)
    start = f"B=2 T=2 I=2 H=3, seed 3, by {StepPlan.name}: ∂E/∂(first state 1) is off by"
    assert any(told.startswith(start) for told in verdict.failures)
    assert not any("output" in told for told in verdict.failures)


def test_torchs_operations_in_place_of_kernels_fail():
    direction._engine.cache_clear()
    verdict = Verdict("")
    check_shape(verdict, "min_gru", FORMATS["float64"], Shape(1, 2, 2, 3), torch.device("cpu"), 0)
    assert verdict.failures == ["B=1 T=2 I=2 H=3, seed 0: torch's own operations ran; kernels that ran: none"]


def test_an_error_in_one_shape_is_told_and_the_others_go_on(monkeypatch):
    def failing(verdict, subject, form, shape, device, seed):
        if shape.hidden == 1:
            raise RuntimeError("no memory")
        verdict.compare(shape.hidden, 0.0)

    monkeypatch.setattr(accuracy, "check_shape", failing)
    verdict = check("gru", "bfloat16", torch.device("cpu"))
    assert verdict.failures == ["B=1 T=3 I=1 H=1: RuntimeError: no memory"]
    assert verdict.error == 1024


def test_shapes_that_are_not_reached_in_time_are_failures(monkeypatch):
    monkeypatch.setattr(accuracy, "check_shape", lambda *given: None)
    late = check("gru", "float64", torch.device("cpu"), seconds=-1.0)
    assert late.failures == [f"{shape}: out of time" for shape in GRID["float64"]]
    assert check("gru", "float64", torch.device("cpu")).passed


def test_an_error_is_relative_to_the_exact_numbers():
    exact = torch.tensor([3.0, 4.0], dtype=torch.float64)
    error = Error.of(torch.tensor([3.0, 4.5]), exact)
    assert error == Error(pytest.approx(0.5 / 5.0), pytest.approx(0.5 / 4.0), 2)
    form = FORMATS["bfloat16"]
    assert error.within(error.limit(form))
    many = Error(error.typical / 2, error.largest / 2, 10**6)
    assert not error.within(many.limit(form))
    assert error.within(Error(many.typical, many.largest, 4).limit(form))
    assert Error(form.error, form.error, 10**6).within(Error(0.0, 0.0, 10**6).limit(form))
    assert not Error.of(torch.tensor([3.0, float("nan")]), exact).within(error.limit(form))


def test_what_a_peer_lacks_is_held_to_the_error_of_its_output():
    ones = {"output": torch.ones(2, dtype=torch.float64), "states 1": torch.ones(2, dtype=torch.float64)}
    peers = {"output": torch.full((2,), 1.5)}
    assert [(name, peer.typical) for name, _, peer in errors(ones, peers, ones)] == [
        ("output", 0.5),
        ("states 1", 0.5),
    ]
    with pytest.raises(ValueError, match="the results are"):
        list(errors(peers, peers, ones))


def test_exact_numbers_are_those_of_torchs_layer_in_float64():
    trial = Trial("LSTM", FORMATS["float64"], Shape(3, 4, 2, 5, True, True), torch.device("cpu"), 0)
    exact, peers = trial.exact(), trial.peers()
    assert exact.keys() == peers.keys()
    for name, value in exact.items():
        torch.testing.assert_close(value, peers[name], rtol=1e-12, atol=1e-12, msg=name)


def test_every_layer_is_checked_in_every_format():
    assert {*LAYERS, *NAMES} == set(SUBJECTS)
    assert GRID.keys() == FORMATS.keys()
    assert all(any(s.varied and s.bidirectional for s in shapes) for shapes in GRID.values())


def test_plans_are_recorded_while_they_are_asked_for(interpreted):
    layer = Trial("min_gru", FORMATS["float32"], Shape(1, 2, 2, 3), interpreted, 0)
    with recorded_plans() as plans:
        layer.mine()
    assert sorted(plans.ran) == ["min_gru", "min_gru_backward"]
    assert plans.others == ["linear"]
    with recorded_plans() as none:
        pass
    assert none.ran == {}


def test_plans_that_are_not_chosen_are_checked_too(interpreted, monkeypatch):
    monkeypatch.setattr(accuracy, "BY_EVERY_PLAN", (TINY,))
    verdict = Verdict("")
    check_shape(verdict, "min_gru", FORMATS["float64"], TINY, interpreted, 0)
    assert verdict.failures == []
    assert len(verdict.plans) == 2
