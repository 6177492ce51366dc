"""The machine and the versions that figures belong to."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

from elman import __version__

CPUINFO = Path("/proc/cpuinfo")
LIBRARIES = ("torch", "llvmlite", "numpy")


def cores() -> int:
    """Returns how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe() -> dict[str, str]:
    """Returns the machine and the versions, each under a heading."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return {
        "processor": f"{_processor()}, {cores()} cores",
        "vectors": ", ".join(_vectors()) or "not known",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "software": f"elman {__version__}, Python {platform.python_version()}, {libraries}",
    }


def _processor() -> str:
    return _line("model name") or platform.processor() or platform.machine()


def _vectors() -> list[str]:
    known = ("avx2", "fma", "avx512f", "avx512_bf16", "amx_tile", "asimd")
    present = (_line("flags") or _line("Features")).split()
    return [name for name in known if name in present]


def _line(heading: str) -> str:
    text = CPUINFO.read_text(encoding="utf-8", errors="replace") if CPUINFO.exists() else ""
    found = re.search(rf"^{heading}\s*:\s*(.*)$", text, re.MULTILINE)
    return found[1].strip() if found else ""
