"""What is installed: names, versions, files, and the pins that go with them."""

from __future__ import annotations

import importlib.metadata
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import inkdigits

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ASKED = [
    Requirement(line)
    for lines in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for line in lines
    if not line.startswith("inkdigits[")
]
PINS = {
    canonicalize_name(pin.name): pin
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
    for pin in [Requirement(line)]
}


def test_version_is_the_installed_one() -> None:
    assert importlib.metadata.version("inkdigits") == inkdigits.__version__


def test_public_names() -> None:
    assert sorted(inkdigits.__all__) == [
        "ArrayError",
        "Box",
        "CoverageError",
        "DataError",
        "ImageError",
        "InkdigitsError",
        "MissingExtraError",
        "ModelError",
        "Number",
        "Prediction",
        "Reading",
        "Recognizer",
        "Rules",
        "__version__",
    ]
    assert all(hasattr(inkdigits, name) for name in inkdigits.__all__)


@pytest.mark.parametrize(
    "file",
    [
        "py.typed",
        "service/page/index.html",
        "store/migrations/env.py",
        "store/migrations/versions/step_0001_corrections.py",
        "forms/review.css",
        "forms/review.js",
        *(
            f"models/{name}.{kind}"
            for name in ("standard", "classic", "nano", "micro", "ensemble", "lines/line")
            for kind in ("onnx", "json")
        ),
    ],
)
def test_files_the_package_cannot_do_without(file: str) -> None:
    assert resources.files(inkdigits).joinpath(file).is_file()


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.name)
def test_every_dependency_is_pinned_to_a_version_it_allows(asked: Requirement) -> None:
    (pin,) = PINS[canonicalize_name(asked.name)].specifier
    assert pin.operator == "=="
    assert asked.specifier.contains(pin.version)


def test_every_python_the_classifiers_name_is_allowed_and_tested() -> None:
    prefix = "Programming Language :: Python :: "
    named = [line.removeprefix(prefix) for line in PROJECT["classifiers"] if prefix in line]
    assert named
    assert all(version in SpecifierSet(PROJECT["requires-python"]) for version in named)
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert "python-version: [" + ", ".join(f'"{version}"' for version in named) + "]" in workflow


@pytest.mark.parametrize("extra", ["forms", "evaluate", "parquet", "postgres", "store", "train"])
def test_the_message_of_a_missing_extra_names_one_that_exists(extra: str) -> None:
    assert extra in PROJECT["optional-dependencies"]
    assert f"inkdigits[{extra}]" in str(inkdigits.MissingExtraError("a package", extra))
