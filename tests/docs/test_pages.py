"""Everything that README and docs show runs, and prints what they say it prints."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from elman.cli.main import main
from tests.docs.markdown import PAGES, ROOT, blocks, promised

SETUP = "python3 -m venv"
pytestmark = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder with the files that the pages speak of."""
    monkeypatch.chdir(tmp_path)
    rivers = "Rhine Rhone Seine Loire Tagus Ebro Douro Tiber Arno Danube Elbe Oder Vistula Volga Dnieper Po"
    (tmp_path / "rivers.txt").write_text("\n".join(rivers.split() * 3), encoding="utf-8")
    (tmp_path / "play.txt").write_text("To be, or not to be, that is the question.\n" * 60, encoding="utf-8")


def printed(run):
    """What a function prints."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        run()
    return output.getvalue()


def test_a_page_runs_from_top_to_bottom_and_prints_what_is_said(page):
    space = {"__name__": "page"}
    found = blocks(page)
    for block, after in zip(found, [*found[1:], None], strict=True):
        if block.language == "python":
            # empty lines before it, so that an error can quote the line of the page
            code = compile("\n" * (block.line - 1) + block.text, str(page), "exec")
            output = printed(lambda code=code: exec(code, space))
            expected = after.text if after is not None and after.language == "text" else ""
            assert promised(expected, output), f"{page.name}, line {block.line}, prints:\n{output}"
        if block.language == "console":
            for session in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                command, _, expected = session.partition("\n")
                output = printed(lambda command=command: run(command))
                assert promised(expected, output), f"{command} prints:\n{output}"
        if block.language == "yaml":
            Path("settings.yaml").write_text(block.text, encoding="utf-8")
        if block.language == "sh" and not block.text.startswith(SETUP):
            for command in block.text.splitlines():
                run(command)


def run(command):
    """Run a command line of elman's."""
    program, *arguments = shlex.split(command)
    assert program == "elman"
    assert main(arguments) == 0, command


def test_there_is_no_block_that_nothing_runs(page):
    languages = [block.language for block in blocks(page)]
    assert set(languages) <= {"python", "text", "console", "sh", "yaml"}
    assert all(
        before == "python"
        for before, after in zip([None, *languages], languages, strict=False)
        if after == "text"
    )


def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
        assert (page.parent / target).resolve().is_relative_to(ROOT)
