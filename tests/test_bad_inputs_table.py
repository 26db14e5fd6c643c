"""docs/bad-inputs.md names a test for every case: each of them is there, so the page cannot rot."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "bad-inputs.md").read_text(encoding="utf-8")
#: Section -> rows that it has at least: no case is dropped without a word.
SECTIONS = {"A. Pictures": 18, "B. JSON, forms, base64": 18, "C. HTTP, network, browser": 20}
SECTIONS |= {"D. State and process": 14}
#: Parts that the open cases belong to.
_PROOF = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)(?:\[(.+?)\])?`")


def rows(title: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    section = PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {it.name for it in tree.body if isinstance(it, ast.FunctionDef)}


@cache
def texts_in(path: str) -> set[str]:
    """All texts in a test's file, and in what it imports from the tests: its cases' names."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    found = {str(it.value) for it in ast.walk(tree) if isinstance(it, ast.Constant)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            near = ROOT / path
            other = near.parent if node.level else ROOT
            file = other.joinpath(*node.module.split(".")).with_suffix(".py")
            if file.is_file() and "tests" in file.parts:
                found |= texts_in(str(file.relative_to(ROOT)))
    return found


@pytest.mark.parametrize("title", SECTIONS)
def test_each_case_has_a_test_that_is_there(title: str) -> None:
    found = rows(title)
    assert len(found) >= SECTIONS[title]
    for case, answer, proof in found:
        assert case
        assert answer
        named = _PROOF.findall(proof)
        assert named, f"{case!r} has no test"
        assert _PROOF.sub("", proof).strip(", ") == "", f"{case!r} names a test in another way"
        for path, test, example in named:
            assert (ROOT / path).is_file(), path
            assert test in names_in(path), f"{path} has no {test}"
            assert not example or _known(path, example), f"{path}::{test} has no {example!r}"


def _known(path: str, example: str) -> bool:
    """Whether an example's name is written down, or put together of two that are."""
    texts = texts_in(path)
    first, _, rest = example.partition(" ")
    return example in texts or (first in texts and f" {rest}" in texts)


def test_what_is_not_there_is_noticed() -> None:
    assert "test_json" in names_in("tests/service/test_bad_bodies.py")
    assert "test_jason" not in names_in("tests/service/test_bad_bodies.py")
    assert _known("tests/service/test_bad_pictures.py", "12000x12000")
    assert _known("tests/service/test_bad_pictures.py", "PNG cut in half")
    assert not _known("tests/service/test_bad_pictures.py", "12001x12001")
    assert not _known("tests/service/test_bad_pictures.py", "PNG cut in three")
