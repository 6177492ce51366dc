"""The files and folders that the papers name are there."""

import re

import pytest

from tests.docs.markdown import ROOT

PAPERS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
PACKAGE = ROOT / "src" / "elman"


@pytest.mark.parametrize("page", PAPERS, ids=lambda page: page.name)
def test_what_is_named_exists(page):
    quoted = re.findall(r"`([\w./-]+)`", page.read_text(encoding="utf-8"))
    files = {name for name in quoted if "/" in name or name.endswith((".py", ".toml", ".txt", ".md"))}
    starts = {path.name for path in (*ROOT.iterdir(), *PACKAGE.iterdir())} - {"runs"}  # training makes it
    paths = {name for name in files if name.split("/")[0] in starts}
    missing = [name for name in paths if not (ROOT / name).exists() and not (PACKAGE / name).exists()]
    assert not missing


def test_architecture_names_every_folder():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders == set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
