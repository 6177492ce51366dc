"""How gradients become steps: the optimisers by name."""

from collections.abc import Iterable

import torch
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from elman.training.config import TrainConfig


def optimiser(config: TrainConfig, parameters: Iterable[nn.Parameter]) -> Optimizer:
    """The optimiser of a configuration.

    AdamW (Loshchilov & Hutter 2019), Adam (Kingma & Ba 2015), or SGD, which serves NT-ASGD too (Merity et al.
    2018; its mean is taken by `averaging`).

    Weight decay is for matrices: pulling biases and gains to zero does no good.
    """
    given = list(parameters)
    groups = [
        {"params": [p for p in given if p.dim() > 1], "weight_decay": config.weight_decay},
        {"params": [p for p in given if p.dim() <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    fused = all(p.device.type in ("cpu", "cuda") and p.is_floating_point() for p in given)
    rate = config.learning_rate
    if config.optimizer == "adamw":
        return AdamW(groups, lr=rate, fused=fused)
    if config.optimizer == "adam":
        return Adam(groups, lr=rate, fused=fused)
    return SGD(groups, lr=rate, momentum=config.momentum, fused=fused)


def gradient_norm(parameters: Iterable[nn.Parameter]) -> torch.Tensor:
    """‖g‖₂ of all gradients together."""
    return nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])
