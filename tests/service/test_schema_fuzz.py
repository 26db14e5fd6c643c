"""Requests made from the OpenAPI document by Schemathesis: the same ones on every run.

`tests/fuzz/api.py` runs for as long as one likes, with others.
"""

from __future__ import annotations

import importlib.util

import pytest

from tests.fuzz.api import fuzz

from .targets import Server

if importlib.util.find_spec("schemathesis") is None:
    pytest.skip("Schemathesis is not installed", allow_module_level=True)


def test_no_request_made_from_the_document_breaks_the_service(server: Server) -> None:
    operations = sum(map(len, server.send("GET", "/openapi.json").json()["paths"].values()))
    found = fuzz(server, 1, "--max-examples", "60")
    assert not found.failed, found.report
    assert found.exceptions == 0
    assert found.operations == operations
    assert found.requests > 50 * operations
    assert server.send("GET", "/readyz").status_code == 200


def test_a_check_that_fails_is_noticed(server: Server) -> None:
    """Here the check that an answer takes no more than a tenth of a millisecond."""
    found = fuzz(server, 1, "--max-examples", "5", "--max-response-time", "0.0001")
    assert found.failed
