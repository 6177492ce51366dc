"""`elman train`: from a file to a model, its figures and the next command."""

import gzip
import os
import signal
import subprocess
import sys
import time

import pytest
import torch
import zstandard
from safetensors.torch import load_file

import elman
from elman.cli.main import main
from elman.tasks import find

TINY = ["--hidden-size", "16", "--embedding-size", "8", "--layers", "1", "--epochs", "2"]
WINDOW = ["--batch-size", "4", "--sequence-length", "20"]


@pytest.fixture
def text_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "cats.txt"
    path.write_text("the cat sat on the mat. " * 40)
    return path


def test_without_arguments_it_trains_on_the_built_in_list_and_invents_ten_names(text_file, capfd):
    assert main(["train", *TINY]) == 0
    output, progress = capfd.readouterr()
    lines = output.splitlines()
    start = lines.index("10 invented names, none of them in the list:")
    names = [line.strip() for line in lines[start + 1 : start + 11]]
    known = set(find("names").data_file(None).read_text(encoding="utf-8").split())
    assert len(set(names) - known - {""}) == 10
    assert lines[-2:] == [
        "model: runs/names-dinosaurs/model.safetensors",
        "next:  elman sample runs/names-dinosaurs",
    ]
    assert progress.count("   validation ") == 2


def test_language_prints_nats_bits_and_perplexity_and_a_sample(text_file, capfd):
    assert main(["train", "language", "cats.txt", *TINY, *WINDOW]) == 0
    output = capfd.readouterr().out
    score = elman.load("runs/language-cats").score(text_file.read_text()[864:])
    assert (
        f"validation: {score.nats_per_symbol:.4f} nats = {score.bits_per_symbol:.4f} bits per character, "
        f"perplexity {score.perplexity:.3f} (96 characters)" in output
    )
    assert "A sample of 500 characters:" in output
    assert output.endswith("next:  elman sample runs/language-cats\n")


def test_a_file_a_folder_compressed_ones_and_a_pipe_teach_the_same(text_file, tmp_path):
    text = text_file.read_bytes()
    (tmp_path / "cats.txt.gz").write_bytes(gzip.compress(text))
    (tmp_path / "cats.txt.zst").write_bytes(zstandard.compress(text))
    (tmp_path / "cats").mkdir()
    (tmp_path / "cats" / "part.txt").write_bytes(text)
    for number, source in enumerate(("cats.txt", "cats.txt.gz", "cats.txt.zst", "cats")):
        assert main(["train", "language", source, *TINY, *WINDOW, "--out", f"run{number}"]) == 0
    command = [sys.executable, "-m", "elman", "train", "language", "-", *TINY, *WINDOW, "--out", "run4"]
    subprocess.run(command, input=text, check=True, capture_output=True)
    first, *others = (load_file(f"run{number}/model.safetensors") for number in range(5))
    for other in others:
        assert all(torch.equal(weight, other[name]) for name, weight in first.items())


def test_each_run_gets_a_folder_of_its_own(text_file):
    for name in ("language-cats", "language-cats-2"):
        assert main(["train", "language", "cats.txt", *TINY, *WINDOW]) == 0
        assert os.path.exists(f"runs/{name}/model.safetensors")


def test_a_folder_that_holds_a_run_is_refused(text_file, capfd):
    arguments = ["train", "language", "cats.txt", "--out", "mine", *TINY, *WINDOW]
    assert main(arguments) == 0
    capfd.readouterr()
    assert main(arguments) == 2
    assert capfd.readouterr().err == (
        "elman: mine holds a run; continue it with --resume mine or give another --out\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--hidden-size", "0"], "hidden_size is 0"),
        (["--cell", "lstn"], "lstm"),
        (["--dropout", "1"], "dropout is 1.0"),
        (["--learning-rate", "-1"], "learning_rate is -1.0"),
        (["--resume", "nowhere"], "nowhere: not a run"),
        (["langage"], "unknown task 'langage'; did you mean 'language'?"),
        (["language"], "language needs a file to train on: elman train language FILE"),
        (["cats.txt"], "elman train language cats.txt"),
    ],
)
def test_wrong_input_is_one_line_and_leaves_nothing_behind(text_file, capfd, arguments, message):
    assert main(["train", *arguments]) == 2
    error = capfd.readouterr().err
    assert message in error
    assert error.startswith("elman: ")
    assert error.count("\n") == 1
    assert os.listdir() == ["cats.txt"]


def test_an_unknown_option_is_refused_with_the_nearest(text_file, capfd):
    with pytest.raises(SystemExit) as refused:
        main(["train", "names", "--hiden-size", "3"])
    assert refused.value.code == 2
    assert "--hidden-size" in capfd.readouterr().err


def test_resume_needs_the_folder_alone_and_refuses_other_options(text_file, capfd):
    assert main(["train", "language", "cats.txt", "--out", "mine", *TINY, *WINDOW]) == 0
    assert main(["train", "--resume", "mine"]) == 0
    assert capfd.readouterr().out.endswith("next:  elman sample mine\n")
    assert main(["train", "language", "--resume", "mine", "--hidden-size", "17"]) == 2
    assert "hidden_size was 16 and is now 17" in capfd.readouterr().err
    assert main(["train", "names", "--resume", "mine"]) == 2
    assert "task was 'language' and is now 'names'" in capfd.readouterr().err
    assert main(["train", "--resume", "mine", "--out", "other"]) == 2
    assert "give --resume or --out, not both" in capfd.readouterr().err


def start(folder, *arguments):
    process = subprocess.Popen(
        [sys.executable, "-m", "elman", "train", "language", "cats.txt", "--out", "mine", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (folder / "mine" / "checkpoint.safetensors").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


def test_interrupted_it_keeps_the_best_model_and_prints_the_next_commands(text_file, tmp_path):
    process = start(tmp_path, "--epochs", "100000", "--patience", "100000", "--hidden-size", "16")
    process.send_signal(signal.SIGINT)
    output, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in error
    assert output.splitlines() == [
        "",
        "Interrupted; the best model so far is kept.",
        "",
        "model: mine/model.safetensors",
        "go on: elman train --resume mine",
        "next:  elman sample mine",
    ]
    assert elman.load(tmp_path / "mine").score("the cat").symbols == 7


def test_interrupted_twice_it_quits_at_once(text_file, tmp_path):
    process = start(tmp_path, "--epochs", "100000", "--patience", "100000", "--hidden-size", "16")
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "Traceback" not in error
    assert elman.load(tmp_path / "mine").score("the cat").symbols == 7
