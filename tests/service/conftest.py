from __future__ import annotations

from collections.abc import Iterator

import pytest

from inkdigits.service.settings import Settings

from . import targets
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


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[targets.Server]:
    """`inkdigits serve`, a process of its own, as it comes."""
    with targets.serving(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[targets.App]:
    """The application in this process, with a real model."""
    with targets.calling(tmp_path_factory.mktemp("app")) as running:
        yield running


@pytest.fixture(params=["app", "server"])
def target(request: pytest.FixtureRequest) -> targets.Target:
    """The service, once as it is in this process and once as a person starts it."""
    found: targets.Target = request.getfixturevalue(request.param)
    return found
