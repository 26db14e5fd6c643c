"""Real processes, real disks and real servers, which the tests break."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests import postgres as servers
from tests.conftest import lacking

FEEDBACK, CLASSIFY = "/api/v1/feedback", "/api/v1/classify"
PEN = {"strokes": [[[10, 10], [40, 10], [20, 70]]]}
READING = {"digit": 1, "confidence": 0.9, "model": {"name": "standard", "version": "2"}}


def said(**other: Any) -> dict[str, Any]:
    """A correction, as a page sends it."""
    return {"label": 7, "reading": READING, **PEN, **other}


def say(address: str, **other: Any) -> httpx2.Response:
    return httpx2.post(f"{address}{FEEDBACK}", json=said(**other), timeout=20)


def classify(address: str) -> dict[str, Any]:
    """What is answered to a 7; it has to be."""
    answer = httpx2.post(f"{address}{CLASSIFY}", json=PEN, timeout=20)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found["digit"] == 7
    return found


def status(address: str, path: str) -> int:
    return httpx2.get(f"{address}{path}", timeout=20).status_code


def failures(address: str) -> float:
    """How many writes the store did not take."""
    for line in httpx2.get(f"{address}/metrics", timeout=20).text.splitlines():
        if line.startswith("storage_write_failures_total "):
            return float(line.split()[1])
    raise AssertionError("there is no such metric")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB; mounting one is a right of root."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.name != "posix" or shutil.which("mount") is None:
        lacking("there is no mount here")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        # a right that no installation gives: neither root alone nor CI need have it
        pytest.xfail(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def own_postgres() -> Iterator[servers.Server]:
    """A PostgreSQL server that a test may stop and start."""
    bin_dir = servers.programs()
    if bin_dir is None:
        lacking("PostgreSQL is not installed")
    if importlib.util.find_spec("psycopg") is None:
        lacking("psycopg is not installed")
    with servers.serving(bin_dir) as server:
        yield server
