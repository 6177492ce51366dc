"""The two commands with which everybody begins: as the checks run them, with every package pinned."""

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.docs.markdown import ROOT, blocks

INSTALL = "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt"


def setup_commands():
    return [block.text.strip() for block in blocks(ROOT / "README.md") if block.language == "sh"]


def test_readme_has_a_command_that_runs_the_main_job_and_one_that_runs_the_tests():
    assert setup_commands() == [
        f"{INSTALL} . && .venv/bin/elman train",
        f"{INSTALL} -e '.[test]' && .venv/bin/python -m pytest -n auto --dist loadfile",
    ]


def test_the_checks_run_the_very_commands_of_readme():
    """The pattern by which .ci/run takes its commands from README finds both of them, and nothing else."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (pattern,) = re.findall(r"grep '(\^.*?)' README\.md", script)
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if re.search(pattern, line)] == setup_commands()


def test_every_package_is_pinned_to_a_version_that_is_allowed():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    pins = {canonicalize_name(name): version for name, version in pins.items()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(r for extra in project["optional-dependencies"].values() for r in extra),
    ]
    for requirement in map(Requirement, wanted):
        if requirement.name != project["name"]:
            pin = pins[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(pin), f"{requirement} does not allow {pin}"
    assert pins["torch"] == "2.13.0"
