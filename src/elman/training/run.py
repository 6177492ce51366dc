"""A whole run: from a record of what is wanted to the best model, its file and its figures."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.utilities.seed import isolate_rng
from rich.console import Console

from elman.core.errors import InputError
from elman.data.buckets import LengthBatches
from elman.data.progress import reading_bar
from elman.tasks import find, model_file
from elman.tasks.parts import Score, TaskModel
from elman.training import distributed, fallback, folder
from elman.training.curves import draw_curves
from elman.training.fitting import fit, require_device
from elman.training.flow import draw_gradients
from elman.training.learning import learn
from elman.training.module import DivergenceError, TrainingModule
from elman.training.progress import terminal
from elman.training.record import RunRecord, origin, read_record, require_same
from elman.training.stopping import Interrupted
from elman.training.summary import summary


@dataclass(frozen=True)
class Outcome:
    """What a run came to: the best model, and its score on the whole validation part unless interrupted."""

    model: TaskModel
    data: Any
    folder: Path
    score: Score | None


def train(
    task: str,
    data: str | Path | None = None,
    *,
    out: str | Path | None = None,
    resume: str | Path | None = None,
    anyway: bool = False,
    config: str | Path | None = None,
    preset: str | None = None,
    **options: Any,
) -> Any:
    """Train a model of a task, such as "language", on a file and return the best, as loaded from its file.

    The options are those of the task's configuration and of TrainConfig; they go before those of config, a
    YAML file, which go before those of preset, the name of settings that elman ships. out is the folder of
    the run, by default a new one in runs/; resume is the folder of a run to continue, with other settings
    only if anyway.

    Raises InputError before any work for an option, a file or a folder that cannot be used, DivergenceError
    when the loss is no number.
    """
    if resume is None:
        asked = RunRecord.asked(task, data, options, config, preset)
    else:
        asked = replace(read_record(Path(resume)).settings, task=find(task).name).with_options(data, options)
    out, resume = (None if path is None else Path(path) for path in (out, resume))
    return execute(asked, out, resume, terminal(), anyway).model


def execute(
    asked: RunRecord, out: Path | None, resume: Path | None, console: Console, anyway: bool = False
) -> Outcome:
    """Train as a record asks, in a new folder or on in that of a run to resume; raises what `train` does."""
    asked.validate()
    if resume is not None and out is not None:
        raise InputError("a resumed run stays in its folder: give --resume or --out, not both")
    if resume is not None and not anyway:
        require_same(resume, asked)
    if find(asked.task).training_config is not None:
        with isolate_rng():
            return Outcome(*learn(asked, out, resume, console))
    device = require_device(asked.training.device)
    where = resume

    def attempt(fitting: RunRecord) -> Outcome:
        nonlocal where
        torch.manual_seed(fitting.training.seed)
        with reading_bar(console) as progress:
            seed = fitting.training.seed
            data = find(fitting.task).data.read(fitting.source, fitting.config, seed, progress=progress)
        for note in data.notes:
            console.print(note)
        if isinstance(data.train, LengthBatches):
            console.print(f"{data.train.padding:.1%} of what is read side by side is padding")
        model = find(fitting.task).model(fitting.config, data.vocabulary)
        if where is None:
            where = _claimed(fitting, out, model)
        elif (anyway or fitting is not asked) and distributed.rank() == 0:
            fitting.write(where)
        return _trained(fitting, data, model, where, console, anyway)

    with isolate_rng(), distributed.group(device):
        return fallback.halving(asked, attempt, console)


def _trained(
    asked: RunRecord, data: Any, model: TaskModel, where: Path, console: Console, goes_on: bool
) -> Outcome:
    torch.manual_seed(asked.training.seed + distributed.rank())  # dropout differs from process to process
    module = TrainingModule(model, distributed.share_of(data), asked.training, goes_on)
    kept = where / model_file.NAME
    try:
        with fallback.watched():
            fit(module, where, console)
        _draw(where)
        console.print(f"training ended {module.finished}; now reading the whole validation part once")
        best = model_file.load(kept)
        score = find(asked.task).predict.evaluate(best, data)
        if distributed.rank() == 0:
            model_file.save(kept, best, score.to_dict(), origin(where))
            console.print(summary(where, model))
        return Outcome(best, data, where, score)
    except (Interrupted, KeyboardInterrupt):
        if not kept.exists():
            model_file.save(kept, model, {}, origin(where))
        _draw(where)
        return Outcome(model_file.load(kept), data, where, None)
    except DivergenceError as error:
        _draw(where)
        if kept.exists():
            raise DivergenceError(f"{error}; the best model before that is in {where}") from error
        raise


def _draw(where: Path) -> None:
    if distributed.rank() == 0:
        draw_curves(where)
        draw_gradients(where)


def _claimed(asked: RunRecord, out: Path | None, model: TaskModel) -> Path:
    """The folder of a new run, made and with its record in it; the same in all processes."""
    where = ""
    if distributed.rank() == 0:
        claimed = folder.claim(out, asked.task, asked.source, model)
        asked.write(claimed)
        where = str(claimed)
    return Path(distributed.agreed(where))
