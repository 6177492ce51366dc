"""The picture and the table of a run."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from rich.console import Console

import elman
from elman.training import curves
from elman.training.curves import draw_curves, picture
from elman.training.log import Log
from elman.training.summary import summary


def log_of(losses, validations=(), norms=None):
    step = np.arange(1.0, len(losses) + 1)
    rate = np.full(len(losses), 0.01)
    norms = np.ones(len(losses)) if norms is None else np.asarray(norms)
    found = np.asarray(validations, dtype=float)
    at = np.linspace(1, len(losses), len(found)) if len(found) else found
    return Log(
        steps={
            "step": step,
            "seconds": step / 10,
            "loss": np.asarray(losses, dtype=float),
            "learning_rate": rate,
            "gradient_norm": norms,
            "symbols_per_second": np.full(len(losses), 1234.0),
        },
        validations={"step": at, "epoch": at / 10, "seconds": at / 5, "train_loss": found, "val_loss": found},
    )


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def drawn(png, color):
    """The rows of the picture in which there is a color."""
    rgb = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return np.flatnonzero((np.abs(pixels(png) - rgb).max(-1) < 12).any(1))


def test_a_loss_that_falls_is_drawn_from_high_to_low():
    png = picture(log_of(np.linspace(4.0, 1.0, 200)))
    image = pixels(png)
    rgb = [int(curves._TRAIN[i : i + 2], 16) for i in (1, 3, 5)]
    there = np.abs(image - rgb).max(-1) < 12
    rows = [np.flatnonzero(there[:, x]).mean() for x in (200, 500, 800)]
    assert rows[0] < rows[1] < rows[2]


def test_validations_are_drawn_only_where_there_are_any():
    assert len(drawn(picture(log_of([4.0, 3.0, 2.0], [3.5, 3.0])), curves._VALIDATION)) > 0
    assert len(drawn(picture(log_of([4.0, 3.0, 2.0])), curves._VALIDATION)) == 0


@pytest.mark.parametrize(
    "log",
    [
        log_of([4.0]),
        log_of([4.0], [3.9]),
        log_of([1e9, 1e-3, 5.0], [1e8], norms=[0.0, 1e12, 1.0]),
        log_of([2.0] * 5, [2.0] * 5, norms=[0.0] * 5),
    ],
    ids=["one step", "one validation", "wild", "flat"],
)
def test_odd_logs_have_a_picture_without_a_warning(log, recwarn):
    assert pixels(picture(log)).shape == (900, 960, 3)
    assert not recwarn.list


def test_a_folder_without_a_step_has_no_picture(tmp_path):
    (tmp_path / "config.yaml").write_text("model: {}\ntraining: {}\n")
    draw_curves(tmp_path)
    assert not (tmp_path / "curves.png").exists()


class Known(torch.nn.Module):
    """A model of so many numbers."""

    unit = "symbol"

    def __init__(self, numbers):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(numbers))


def test_a_run_ends_with_a_picture_and_a_table(text_file, tiny, tmp_path, capfd):
    model = elman.train("language", text_file, out=tmp_path / "run", **tiny)
    assert pixels((tmp_path / "run" / "curves.png").read_bytes()).shape == (900, 960, 3)
    printed = capfd.readouterr().err
    assert f"{sum(w.numel() for w in model.parameters()):,}" in printed
    console = Console(file=io.StringIO(), width=80)
    console.print(summary(tmp_path / "run", Known(12345)))
    text = console.file.getvalue()
    rows = (tmp_path / "run" / "log.csv").read_text().split()[1:]
    best = min((float(row.split(",")[-1]), row.split(",")[0]) for row in rows)
    assert f"{best[0]:.4f} nats" in text
    assert f"at step {best[1]}" in text
    assert "12,345" in text
    size = (tmp_path / "run" / "model.safetensors").stat().st_size
    assert f"{size / 1000:.3g} kB" in text


def test_a_table_of_a_run_that_has_just_begun(tmp_path):
    (tmp_path / "config.yaml").write_text("model: {}\ntraining: {}\n")
    (tmp_path / "steps.csv").write_text(
        "step,seconds,loss,learning_rate,gradient_norm,symbols_per_second\n1,65,4,0.1,1,200\n"
    )
    console = Console(file=io.StringIO(), width=80)
    console.print(summary(tmp_path, Known(7)))
    lines = [" ".join(line.split()) for line in console.file.getvalue().splitlines()]
    assert lines == ["training 1 steps in 1:05", "speed 200 symbols per second", "parameters 7"]
