"""Vector functions against numpy in higher precision: exp, tanh and sigmoid to 2 units in the last place."""

import numpy as np
import pytest
import torch

from elman.core import ops
from elman.core.ir import variable
from elman.emit.plan import Row
from elman.run.kernel import CpuKernel
from elman.run.layout import one_segment
from elman.run.work import Work

X = variable("x", "x", ("B", "H"))


def compiled(operation, values: torch.Tensor) -> torch.Tensor:
    kernel = CpuKernel("function", [operation(X)], {X: Row.NOW}, {"H": 64}, values.dtype)
    (node,) = kernel.outputs
    rows = torch.nn.functional.pad(values, (0, -len(values) % 64), value=0.5).reshape(-1, 64)
    out = torch.empty_like(rows)
    bounds = torch.tensor([0, len(rows)])
    kernel({X: rows, node: out}, {}, Work(one_segment(len(rows)), bounds))
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
}


@pytest.mark.parametrize("name", REFERENCES)
def test_float32_to_two_units_in_the_last_place(name):
    x = every_exponent(torch.float32)
    with np.errstate(over="ignore", under="ignore"):
        exact = REFERENCES[name](x.double().numpy())
        rounded = exact.astype(np.float32)
    found = compiled(ops.OPERATIONS[name], x).numpy()
    finite = np.isfinite(rounded)
    assert np.array_equal(found[~finite], rounded[~finite])
    unit = np.spacing(np.abs(rounded[finite])).astype(np.float64)
    errors = np.abs(found[finite].astype(np.float64) - exact[finite]) / unit
    worst = errors.argmax()
    assert errors[worst] <= 2, (x.numpy()[finite][worst], found[finite][worst], exact[finite][worst])


@pytest.mark.parametrize("name", REFERENCES)
def test_float64_to_a_few_units_in_the_last_place(name):
    x = every_exponent(torch.float64)
    with np.errstate(over="ignore", under="ignore"):
        exact = REFERENCES[name](x.numpy().astype(np.longdouble))
        rounded = exact.astype(np.float64)
    found = compiled(ops.OPERATIONS[name], x).numpy()
    finite = np.isfinite(rounded)
    assert np.array_equal(found[~finite], rounded[~finite])
    unit = np.spacing(np.abs(rounded[finite]))
    assert (np.abs(found[finite] - exact[finite]) / unit).max() <= 4


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_infinities_and_nan(dtype):
    x = torch.tensor([float("inf"), float("-inf"), float("nan")], dtype=dtype)
    for name, expected in {"exp": [torch.inf, 0.0], "tanh": [1.0, -1.0], "sigmoid": [1.0, 0.0]}.items():
        found = compiled(ops.OPERATIONS[name], x)
        assert found[:2].tolist() == expected
        assert found[2].isnan()


def test_no_nan_from_any_finite_number():
    x = torch.cat([every_exponent(torch.float32), torch.tensor([3.4e38, -3.4e38])])
    for name in ("exp", "tanh", "sigmoid", "softplus", "relu", "normal_cdf", "sin", "cos", "abs", "sign"):
        assert not compiled(ops.OPERATIONS[name], x).isnan().any(), name
