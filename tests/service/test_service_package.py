"""`uvicorn inkdigits.service:app`: an application, made of the environment when it is asked for."""

from __future__ import annotations

import os
import subprocess
import sys

CODE = """
import importlib
import inkdigits.service.app
from inkdigits.cli import serve
print("imported")
from inkdigits.service import app, create_app
assert app is importlib.import_module("inkdigits.service").app is not create_app()
print(type(app).__name__, app.state.settings.store)
"""


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CODE],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_application_is_made_when_it_is_asked_for() -> None:
    done = run(INKDIGITS_STORE="metadata", INKDIGITS_DATABASE="kept.db")
    assert (done.returncode, done.stdout) == (0, "imported\nFastAPI metadata\n"), done.stderr


def test_options_may_complete_the_environment() -> None:
    done = run(INKDIGITS_STORE="metadata")  # `inkdigits serve --database` gives the rest
    assert (done.returncode, done.stdout) == (1, "imported\n")
    assert "INKDIGITS_STORE needs a database" in done.stderr
