"""The command line as a person calls it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from inkdigits.cli import cli

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """Calls `inkdigits` with arguments."""

    def call(*args: object) -> Result:
        return CliRunner().invoke(cli, [str(arg) for arg in args])

    return call
