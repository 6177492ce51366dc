"""Where a run is kept: choosing its folder and making sure that there is room."""

from itertools import count
from pathlib import Path

from torch import nn

from elman.core.errors import InputError
from elman.data.files import require_room
from elman.data.source import STANDARD_INPUT
from elman.tasks import model_file
from elman.training import record

_RUNS = Path("runs")
_SIGNS_OF_A_RUN = (record.NAME, model_file.NAME)
# A model file and a checkpoint with AdamW's two moments, each beside its predecessor while it is written.
_COPIES_OF_THE_WEIGHTS = 2 * (1 + 3)


def claim(out: Path | None, task: str, data: Path, model: nn.Module) -> Path:
    """Make the folder of a new run: `out`, or the first free of runs/TASK-STEM, runs/TASK-STEM-2, and so on.

    Raises InputError, and leaves no folder behind, when `out` holds a run already, and when the folder cannot
    be made or has no room for the files of the run.
    """
    if out is None:
        stem = "text" if data == STANDARD_INPUT else data.stem
        names = (f"{task}-{stem}" + (f"-{i}" if i > 1 else "") for i in count(1))
        out = next(_RUNS / name for name in names if not (_RUNS / name).exists())
    require_free(out)
    existed = out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{out}: cannot be made: {error.strerror}") from error
    weights = sum(weight.numel() * weight.element_size() for weight in model.parameters())
    try:
        require_room(out, _COPIES_OF_THE_WEIGHTS * weights)
    except InputError:
        if not existed:
            out.rmdir()
        raise
    return out


def require_free(out: Path) -> None:
    """Raise InputError where a folder holds a run already."""
    if any((out / name).exists() for name in _SIGNS_OF_A_RUN):
        raise InputError(f"{out} holds a run; continue it with --resume {out} or give another --out")
