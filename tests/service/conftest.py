from __future__ import annotations

from collections.abc import Iterator

import pytest

from inkdigits.service.settings import Settings

from .harness import FakeReader, Service, serving


@pytest.fixture
def reader() -> FakeReader:
    return FakeReader()


@pytest.fixture
def service(reader: FakeReader) -> Iterator[Service]:
    with serving(Settings(), reader) as running:
        yield running


@pytest.fixture(scope="session")
def real_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    store = tmp_path_factory.mktemp("store") / "feedback.db"
    with serving(Settings(feedback=str(store)), None) as running:
        yield running
