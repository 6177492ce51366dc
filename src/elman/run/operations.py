"""What each operation of the compiler means in torch; any device, any dtype, differentiable to any order."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


def _as(value: Any, like: Any) -> Tensor:
    return value if isinstance(value, Tensor) else like.new_full((), value)  # a copy from the host would wait


def _pair(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Any, Any], Tensor]:
    return lambda a, b: function(_as(a, b), _as(b, a))


def _compare(function: Callable[[Any, Any], Tensor]) -> Callable[[Any, Any], Tensor]:
    return lambda a, b: function(a, b).to((a if isinstance(a, Tensor) else b).dtype)


def _where(condition: Any, a: Any, b: Any) -> Tensor:
    tensor = next(value for value in (a, b, condition) if isinstance(value, Tensor))
    return torch.where(_as(condition, tensor) != 0, _as(a, tensor), _as(b, tensor))


def _variance(x: Tensor) -> Tensor:
    return x.var(-1, keepdim=True, unbiased=False)


def _spread(x: Tensor, size: int) -> Tensor:
    return (x / size).expand(*x.shape[:-1], size)


OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
    "power": lambda x, exponent: x**exponent,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "softplus": lambda x: torch.logaddexp(x, torch.zeros_like(x)),
    "normal_cdf": torch.special.ndtr,
    "sin": torch.sin,
    "cos": torch.cos,
    "abs": torch.abs,
    "sign": torch.sign,
    "greater": _compare(operator.gt),
    "greater_equal": _compare(operator.ge),
    "maximum": _pair(torch.maximum),
    "minimum": _pair(torch.minimum),
    "clip": lambda x, low, high: torch.clamp(x, low, high),
    "where": _where,
    "matmul": lambda m, v: v @ m.mT,
    "matmul_t": lambda m, v: v @ m,
    "outer": lambda a, b: a.mT @ b,
    "unit_sum": lambda x: x.sum(-1, keepdim=True),
    "unit_mean": lambda x: x.mean(-1, keepdim=True),
    "broadcast": lambda x, size: x.expand(*x.shape[:-1], size),
    "spread": _spread,
    "softmax": lambda x: torch.softmax(x, -1),
    "normalize": lambda x, eps: functional.layer_norm(x, x.shape[-1:], eps=eps),
    "rstd": lambda x, eps: torch.rsqrt(_variance(x) + eps),
    "batch_sum": lambda x: x.sum(-2),
}
