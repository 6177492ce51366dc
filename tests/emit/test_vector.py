"""Vector functions against numpy and mpmath in higher precision: float32 to 2 units in the last place."""

import mpmath
import numpy as np
import pytest
import torch

from elman.core import ops
from elman.core.ir import variable
from elman.emit.plan import Row
from elman.emit.target import TARGETS
from elman.run import kernel, library
from elman.run.kernel import CpuKernel
from elman.run.layout import one_segment
from elman.run.work import Work

X = variable("x", "x", ("B", "H"))


@pytest.fixture(autouse=True, params=TARGETS)
def processor(request, monkeypatch):
    """With vectors of every width, and with and without an instruction that rounds a b + c once."""
    here, wanted = library.host_target(), TARGETS[request.param]
    if wanted.triple != here.triple or wanted.bits > here.bits:
        pytest.skip("this processor does not run such code")
    monkeypatch.setattr(kernel, "host_target", lambda: wanted)


def compiled(operation, values: torch.Tensor) -> torch.Tensor:
    function = CpuKernel("function", [operation(X)], {X: Row.NOW}, {"H": 64}, values.dtype)
    (node,) = function.outputs
    rows = torch.nn.functional.pad(values, (0, -len(values) % 64), value=0.5).reshape(-1, 64)
    out = torch.empty_like(rows)
    bounds = torch.tensor([0, len(rows)])
    function({X: rows, node: out}, {}, Work(one_segment(len(rows)), bounds))
    return out.reshape(-1)[: len(values)]


def every_exponent(dtype: torch.dtype) -> torch.Tensor:
    """Numbers of every size that the format has, of both signs, dense where the functions bend."""
    top = 38 if dtype == torch.float32 else 300
    sizes = torch.logspace(-top - 6, top, 20_001, dtype=torch.float64)
    middle = torch.linspace(-110, 110, 200_001, dtype=torch.float64)
    near = torch.linspace(-1, 1, 100_001, dtype=torch.float64)
    return torch.cat([sizes, -sizes, middle, near, torch.tensor([0.0, -0.0])]).to(dtype)


REFERENCES = {
    "exp": np.exp,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "log": np.log,
    "softplus": lambda x: np.logaddexp(0, x),
    "sin": np.sin,
    "cos": np.cos,
}


def exactly(name: str, x: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        return REFERENCES[name](x)


def worst_error(x: torch.Tensor, found: np.ndarray, exact: np.ndarray) -> float:
    """Returns the largest error in units in the last place; what is not finite must be the same."""
    with np.errstate(over="ignore", under="ignore"):
        rounded = exact.astype(found.dtype)
    finite = np.isfinite(rounded)
    assert np.array_equal(found[~finite], rounded[~finite], equal_nan=True)
    unit = np.spacing(np.abs(rounded[finite])).astype(exact.dtype)
    errors = np.abs(found[finite].astype(exact.dtype) - exact[finite]) / unit
    assert not np.isnan(errors).any(), x.numpy()[finite][np.isnan(errors)]
    return float(errors.max())


@pytest.mark.parametrize("name", REFERENCES)
def test_float32_to_two_units_in_the_last_place(name):
    x = every_exponent(torch.float32)
    found = compiled(ops.OPERATIONS[name], x).numpy()
    assert worst_error(x, found, exactly(name, x.double().numpy())) <= 2


@pytest.mark.parametrize("name", REFERENCES)
def test_float64_to_a_few_units_in_the_last_place(name):
    x = every_exponent(torch.float64)
    found = compiled(ops.OPERATIONS[name], x).numpy()
    assert worst_error(x, found, exactly(name, x.numpy().astype(np.longdouble))) <= 4


@pytest.mark.parametrize(("dtype", "units"), [(torch.float32, 2), (torch.float64, 5)], ids=str)
def test_the_normal_distribution_function(dtype, units):
    x = torch.cat([torch.linspace(-39, 9, 4001), torch.linspace(-1, 1, 2001), torch.logspace(-300, 300, 601)])
    x = torch.cat([x.double(), -torch.logspace(-300, 2, 303, dtype=torch.float64)]).to(dtype)
    x = x[x.isfinite()]
    with mpmath.workprec(120):
        exact = [mpmath.erfc(-mpmath.mpf(min(value, 40.0)) / mpmath.sqrt(2)) / 2 for value in x.tolist()]
        exact = [np.longdouble(mpmath.nstr(value, 25)) for value in exact]
    assert worst_error(x, compiled(ops.normal_cdf, x).numpy(), np.array(exact)) <= units


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_sine_and_cosine_where_they_are_nearly_zero(dtype):
    """The numbers next to multiples of π/2 lose most when a multiple is subtracted."""
    quarters = torch.cat([torch.arange(1, 2001), torch.arange(1, 2001) * 12_345_678_901]).double()
    x = (quarters * (np.pi / 2)).to(dtype)
    # of all numbers of the format, those closest to a multiple of π/2 (Ng 1992)
    hardest = {torch.float32: 16_367_173 * 2.0**72, torch.float64: 6_381_956_970_095_103 * 2.0**797}
    x = torch.cat([x, torch.tensor([hardest[dtype], -hardest[dtype]], dtype=dtype)])
    for operation, reference in ((ops.sin, mpmath.sin), (ops.cos, mpmath.cos)):
        with mpmath.workprec(1200):
            exact = [np.longdouble(mpmath.nstr(reference(mpmath.mpf(value)), 25)) for value in x.tolist()]
        units = 2 if dtype == torch.float32 else 4
        assert worst_error(x, compiled(operation, x).numpy(), np.array(exact)) <= units


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_infinities_and_nan(dtype):
    x = torch.tensor([float("inf"), float("-inf"), float("nan")], dtype=dtype)
    edges = {
        "exp": [torch.inf, 0.0],
        "tanh": [1.0, -1.0],
        "sigmoid": [1.0, 0.0],
        "log": [torch.inf, torch.nan],
        "softplus": [torch.inf, 0.0],
        "normal_cdf": [1.0, 0.0],
        "sin": [torch.nan, torch.nan],
        "cos": [torch.nan, torch.nan],
    }
    for name, expected in edges.items():
        found = compiled(ops.OPERATIONS[name], x)
        assert np.array_equal(found[:2].numpy(), np.array(expected), equal_nan=True), name
        assert found[2].isnan(), name


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_zeros_and_the_least_numbers(dtype):
    least = torch.finfo(dtype).smallest_normal * torch.finfo(dtype).eps
    x = torch.tensor([0.0, -0.0, least, -least], dtype=dtype)
    for name in ("sin", "tanh"):
        found = compiled(ops.OPERATIONS[name], x)
        assert torch.equal(found, x), name
        assert torch.equal(found.signbit(), x.signbit()), name
    for name, value in {"exp": 1.0, "cos": 1.0, "sigmoid": 0.5, "normal_cdf": 0.5}.items():
        assert compiled(ops.OPERATIONS[name], x).tolist() == [value] * 4, name
    found = compiled(ops.log, x)
    assert found[:2].tolist() == [-torch.inf, -torch.inf]
    assert found[2].item() == torch.tensor(np.log(least), dtype=dtype).item()
    assert found[3].isnan()


def test_no_nan_from_any_finite_number():
    x = torch.cat([every_exponent(torch.float32), torch.tensor([3.4e38, -3.4e38])])
    for name in ("exp", "tanh", "sigmoid", "softplus", "relu", "normal_cdf", "sin", "cos", "abs", "sign"):
        assert not compiled(ops.OPERATIONS[name], x).isnan().any(), name
