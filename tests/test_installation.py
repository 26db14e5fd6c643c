"""The files that install inkdigits ask for what pyproject.toml asks for, and for nothing else."""

from __future__ import annotations

import re
import tomllib
from itertools import takewhile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
#: What conda-forge calls it; `py-opencv` counts as opencv-python-headless for pip.
CONDA_NAMES = {
    "opencv-python-headless": "py-opencv",
    "matplotlib": "matplotlib-base",
    "prometheus-client": "prometheus_client",
}


def lines(name: str) -> list[str]:
    """The lines of a file, without comments and empty ones."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line.rstrip() for line in text.splitlines() if line.split("#")[0].strip()]


def entries(head: str) -> list[str]:
    """What stands under a line of environment.yml, which is plain enough to read without YAML."""
    found = lines("environment.yml")
    depth = len(head) - len(head.lstrip())
    under = takewhile(
        lambda line: line.startswith(" " * (depth + 1)), found[found.index(head) + 1 :]
    )
    return [line.strip().removeprefix("- ") for line in under]


def local(line: str) -> set[str]:
    """The extras of `.[a,b]`, the project in this folder."""
    match = re.fullmatch(r"\.\[([\w,]+)\]", line)
    assert match is not None, line
    return set(match[1].split(","))


def test_requirements_are_the_project_with_extras_at_the_tested_versions() -> None:
    constraints, project = lines("requirements.txt")
    assert constraints == "-c constraints.txt"
    assert (ROOT / "constraints.txt").is_file()
    assert {"evaluate", "train"} <= local(project) <= set(EXTRAS)


def test_conda_gets_what_the_project_asks_for() -> None:
    asked = [*PROJECT["dependencies"], *EXTRAS["evaluate"]]
    wanted = {  # what some systems cannot have comes by pip, where they can
        CONDA_NAMES.get(r.name, r.name): r.specifier
        for r in map(Requirement, asked)
        if r.marker is None
    }
    listed = entries("dependencies:")
    packages = [entry for entry in listed[: listed.index("pip:")] if entry != "pip"]
    found = {r.name: r.specifier for r in map(Requirement, packages)}
    python = found.pop("python")
    assert found == wanted
    assert entries("  - pip:") == [lines("requirements.txt")[1]]
    prefix = "Programming Language :: Python :: "
    tested = [line.removeprefix(prefix) for line in PROJECT["classifiers"] if prefix in line]
    oldest, newest = tested[0], tested[-1]
    assert python == SpecifierSet(f">={oldest},<3.{int(newest.split('.')[1]) + 1}")


@pytest.mark.parametrize("name", ["requirements.txt", "environment.yml"])
def test_it_tells_how_to_use_it(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.search(rf"^#.*(pip install -r|conda env create -f) {re.escape(name)}$", text, re.M)
    assert "\t" not in text


def test_conda_takes_from_one_channel() -> None:
    assert entries("channels:") == ["conda-forge", "nodefaults"]
