"""Conduct that needs no GPU, and what becomes of failures and warnings."""

import warnings

import pytest
import torch

from elman.bench.gpu import conduct
from elman.bench.gpu.conduct import CONDUCT, Training, _same_learned, _told, check
from elman.bench.gpu.verdict import Verdict
from elman.run.gpu.kernel import GpuKernel

pytestmark = pytest.mark.filterwarnings("ignore:.* encountered in:RuntimeWarning")


@pytest.fixture
def small(monkeypatch):
    for name, value in (("STEPS", 2), ("BATCH", 2), ("INPUTS", 2), ("HIDDEN", 3), ("SYMBOLS", 3)):
        monkeypatch.setattr(conduct, name, value)


def test_layers_with_options_compute_what_torch_does(small, interpreted):
    assert check("options", interpreted).failures == []


def test_wrong_kernels_are_seen(small, interpreted, monkeypatch):
    call = GpuKernel.__call__
    monkeypatch.setattr(GpuKernel, "__call__", lambda *given: [value.mul_(1.001) for value in call(*given)])
    told = check("options", interpreted).failures
    assert [one.partition(":")[0] for one in told] == [
        "resets",
        "zoneout",
        "recurrent dropout",
        "heads",
        "symbols",
        "two layers both ways",
        "padded lengths",
    ]


def test_autocast_gives_the_format_of_torch(small, interpreted):
    assert not [one for one in check("autocast", interpreted).failures if "the output is torch" in one]


def test_twins_learn_the_same(small):
    one = Training.of("gru_reset_before", torch.device("cpu"))
    twin = one.twin()
    before = [parameter.clone() for parameter in one.layer.parameters()]
    for training in (one, twin):
        training.step()
    for mine, theirs, old in zip(one.layer.parameters(), twin.layer.parameters(), before, strict=True):
        assert torch.equal(mine, theirs)
        assert not torch.equal(mine, old)


def test_what_was_learned_is_compared_by_how_weights_changed(small):
    one = Training.of("lstm", torch.device("cpu"))
    twin = one.twin()
    one.step()
    verdict = Verdict("")
    _same_learned(verdict, "still", "tf32", twin, one)
    twin.step()
    _same_learned(verdict, "alike", "float32", twin, one)
    assert len(verdict.failures) == 1
    assert verdict.failures[0].startswith("still: differ by 1.0e+00")


def test_errors_and_warnings_are_failures_and_the_rest_goes_on():
    verdict = Verdict("")
    with _told(verdict, "lstm", "tf32"):
        warnings.warn("slower", RuntimeWarning, stacklevel=1)
        raise ValueError("wrong")
    with _told(verdict, "gru"):
        pass
    assert verdict.failures == ["lstm tf32: ValueError: wrong", "lstm tf32: slower"]


@pytest.mark.gpu
@pytest.mark.parametrize("name", CONDUCT)
def test_conduct_on_a_gpu(name):
    assert check(name, torch.device("cuda", 0)).failures == []
