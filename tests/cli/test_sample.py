"""`elman sample`: text as it is made."""

import os
import subprocess
import sys

import pytest

import elman
from elman.cli.main import main


def test_it_writes_what_the_model_writes(language_run, capsys):
    assert main(["sample", str(language_run), "--seed", "3", "--length", "40", "--prompt", "the "]) == 0
    assert capsys.readouterr().out == elman.load(language_run).sample("the ", length=40, seed=3) + "\n"


def test_all_options_reach_the_model(language_run, capsys):
    options = ["--temperature", "0.5", "--top-k", "5", "--top-p", "0.9", "--seed", "1", "--length", "30"]
    assert main(["sample", str(language_run / "model.safetensors"), *options, "--count", "2"]) == 0
    model = elman.load(language_run)
    samples = [model.sample("", 30, 0.5, 5, 0.9, seed) for seed in (1, 2)]
    assert capsys.readouterr().out == "".join(sample + "\n" for sample in samples)


def test_a_beam_writes_the_likeliest_text(language_run, capsys):
    options = ["--beam", "3", "--length", "20", "--prompt", "the", "--block-ngram", "4"]
    assert main(["sample", str(language_run), *options]) == 0
    expected = elman.load(language_run).likeliest("the", 20, 3, 4)
    assert capsys.readouterr().out == expected + "\n"


def test_names_come_by_the_ten(names_run, capsys):
    assert main(["sample", str(names_run), "--seed", "0"]) == 0
    model = elman.load(names_run)
    assert capsys.readouterr().out.splitlines() == [model.sample(seed=seed) for seed in range(10)]


def test_unknown_characters_in_the_prompt_are_one_warning(language_run, capsys):
    assert main(["sample", str(language_run), "--prompt", "水the", "--length", "5"]) == 0
    captured = capsys.readouterr()
    assert captured.err == "elman: not in the model's vocabulary, read as <unk>: '水'\n"
    assert captured.out.startswith("水the")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--temperature", "-1"], "temperature is -1.0"),
        (["--top-p", "0"], "top_p is 0.0"),
        (["--top-k", "-1"], "top_k is -1"),
        (["--length", "-1"], "length is -1"),
        (["--count", "0"], "count is 0"),
        (["--seed", "-1"], "seed is -1"),
        (["--beam", "0"], "beam is 0"),
        (["--beam", "2", "--seed", "1"], "with a beam nothing is drawn"),
        (["--block-ngram", "2"], "block_ngram is for a search"),
    ],
)
def test_wrong_options_are_one_line(language_run, capsys, arguments, message):
    assert main(["sample", str(language_run), *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"elman: {message}")
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_a_prompt_that_is_no_utf8_is_read_as_unknown(language_run):
    arguments = [sys.executable, "-m", "elman", "sample", language_run, "--length", "3", "--prompt", b"a\xff"]
    result = subprocess.run(arguments, capture_output=True)
    assert result.returncode == 0
    assert result.stdout.startswith(b"a?")
    assert result.stderr == b"elman: not in the model's vocabulary, read as <unk>: '\\udcff'\n"


def test_a_terminal_that_lacks_the_characters_shows_question_marks(language_run):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    arguments = [sys.executable, "-m", "elman", "sample", language_run, "--length", "3", "--prompt", "水"]
    result = subprocess.run(arguments, capture_output=True, env=environment)
    assert result.returncode == 0
    assert result.stdout.startswith(b"?")


def test_no_such_run(tmp_path, capsys):
    assert main(["sample", str(tmp_path / "nowhere")]) == 2
    assert "nowhere: no such file; give a model file or the folder of a run" in capsys.readouterr().err


def test_the_end_of_a_pipe_is_quiet(language_run):
    process = subprocess.Popen(
        [sys.executable, "-m", "elman", "sample", str(language_run), "--length", "1000000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert len(process.stdout.read(5)) == 5
    process.stdout.close()
    assert process.wait(timeout=30) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


def test_characters_come_as_they_are_made(language_run):
    process = subprocess.Popen(
        [sys.executable, "-m", "elman", "sample", str(language_run), "--length", "1000000000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert len(process.stdout.read(20)) == 20
    assert process.poll() is None
    process.kill()
    process.communicate()
