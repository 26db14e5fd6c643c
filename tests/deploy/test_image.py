"""The Dockerfile's steps, carried out without Docker, lead to a service that is healthy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from deploy import rehearse, slim

ROOT = Path(__file__).parents[2]


def test_it_is_built_starts_without_rights_and_becomes_healthy() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "deploy" / "rehearse.py", "--fast"],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["on_top_of_base_mb"] < 260
    assert found["healthy_after_s"] < 60


def test_no_step_needs_a_shell_and_the_service_is_nobody_in_particular() -> None:
    steps = rehearse.instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    for word, rest in steps:
        if word in ("RUN", "CMD", "ENTRYPOINT"):
            assert isinstance(json.loads(rest), list), (word, rest)
    names = [word for word, _ in steps]
    user = next(rest for word, rest in steps if word == "USER")
    assert all(part.isdigit() and int(part) >= 10_000 for part in user.split(":"))
    assert names.index("USER") < names.index("CMD")
    assert all(":3." in rest for word, rest in steps if word == "FROM")  # a version, not `latest`


def test_docker_is_given_what_is_copied_and_nothing_else() -> None:
    context = {str(file) for file in rehearse.context()}
    assert {"pyproject.toml", "constraints.txt", "src/inkdigits/models/standard.onnx"} <= context
    allowed = {"pyproject.toml", "constraints.txt", "README.md", "LICENSE"}
    allowed |= {f"deploy/slim/{name}.py" for name in ("__init__", "__main__", "relink", "warm")}
    allowed.add("deploy/aws_lambda/handler.py")
    assert {file for file in context if not file.startswith("src/")} == allowed
    assert not any("__pycache__" in file for file in context)


@pytest.mark.parametrize(
    ("path", "through"),
    [
        ("src/a.py", True),
        ("src/b/__pycache__/a.pyc", False),
        ("deploy/x/y", False),
        ("deploy/x/z", True),
        ("other", False),
        ("src", True),
    ],
)
def test_of_the_patterns_that_match_the_last_one_decides(path: str, through: bool) -> None:
    ignore = ["*", "!src", "!deploy/x", "deploy/x/y", "**/__pycache__"]
    assert rehearse.lets_through(ignore, PurePosixPath(path)) is through


def test_slimming_takes_what_is_needless_and_leaves_the_rest(tmp_path: Path) -> None:
    packages = tmp_path / "lib" / "python3.13" / "site-packages"
    for name in ("numpy/tests/t.py", "numpy/a.py", "numpy/a.pyi", "inkdigits/testsuite.py"):
        file = packages / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("12345")
    assert slim.slim(tmp_path) == 10
    kept = {file.name for file in packages.rglob("*") if file.is_file()}
    assert kept == {"a.py", "testsuite.py"}
    assert slim.slim(packages) == 0  # the packages themselves may be named, as for AWS Lambda
