"""The GPU and the versions that figures belong to."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

import torch

from elman import __version__
from elman.core.errors import InputError


def require_cuda(what: str) -> None:
    """Raises InputError where torch has no GPU for something to run on."""
    if not torch.cuda.is_available():
        raise InputError(
            f"{what} needs a CUDA device, and torch {torch.__version__} sees none; "
            "look at nvidia-smi, and for a build of torch with CUDA"
        )


def describe() -> dict[str, str]:
    """Returns the first GPU and the versions, each under a heading."""
    device = torch.cuda.get_device_properties(0)
    libraries = ", ".join(f"{name} {_version(name)}" for name in ("torch", "triton", "numpy"))
    return {
        "processor": f"{device.name}, {device.multi_processor_count} multiprocessors, "
        f"{device.total_memory / 2**30:.0f} GiB, capability {device.major}.{device.minor}",
        "drivers": f"CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "software": f"elman {__version__}, Python {platform.python_version()}, {libraries}",
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
