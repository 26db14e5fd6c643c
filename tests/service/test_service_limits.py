"""Sizes, times and numbers that are too large: refused early, and the service lives on."""

from __future__ import annotations

import base64
import threading
import time
from typing import Any

import anyio
import pytest

from inkdigits.errors import ImageError
from inkdigits.service.settings import Settings

from .harness import (
    BASE64,
    BATCH,
    CLASSIFY,
    PNG,
    READ,
    FakeReader,
    Service,
    check,
    in_chunks,
    serving,
)


def raw(picture: bytes) -> dict[str, Any]:
    return {"content": picture, "headers": {"Content-Type": "image/png"}}


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("path", ["/predict", CLASSIFY, BATCH, READ])
def test_body_over_the_limit(service: Service, path: str, chunked: bool) -> None:
    body = b" " * (Settings().max_body + 1)
    content: Any = in_chunks(body, 2**16) if chunked else body
    answer = service.post(path, content=content, headers={"Content-Type": "application/json"})
    check(service, answer, 413, "payload-too-large")


def test_picture_over_the_limit_is_refused_before_it_is_decoded(reader: FakeReader) -> None:
    with serving(Settings().but(max_image=1000), reader) as service:
        too_large = "!" * 1400  # not even base64: it is measured first
        check(service, service.post(CLASSIFY, json={"image": too_large}), 413, "payload-too-large")
        answer = service.post(CLASSIFY, files={"image": ("x", PNG + b"x" * 1000)})
        check(service, answer, 413, "payload-too-large")
        exact = base64.b64encode(PNG.ljust(1000)).decode()
        assert service.post(CLASSIFY, json={"image": exact}).status_code == 200
        check(service, service.post(READ, json={"image": too_large}), 413, "payload-too-large")
        for sent in ({"files": {"image": ("x", PNG + b"x" * 1000)}}, raw(PNG + b"x" * 1000)):
            check(service, service.post(READ, **sent), 413, "payload-too-large")
        assert service.post(READ, **raw(PNG.ljust(1000))).status_code == 200


def test_full_queue_is_refused_at_once(reader: FakeReader) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        entered.set()
        leave.wait(20)

    reader.before = hold
    with serving(Settings(threads=1, max_waiting=1), reader) as service:
        answers: list[int] = []

        def send() -> None:
            answers.append(service.post(CLASSIFY, json={"image": BASE64}).status_code)

        senders = [threading.Thread(target=send) for _ in range(2)]
        senders[0].start()
        assert entered.wait(20)
        senders[1].start()
        while service.engine.waiting < 1:
            time.sleep(0.01)
        for path in (CLASSIFY, READ):
            answer = service.post(path, json={"image": BASE64})
            check(service, answer, 503, "overloaded")
            assert answer.headers["retry-after"] == "1"
        assert min(refusal(service) for _ in range(20)) < 0.01  # others may want the processor
        leave.set()
        for sender in senders:
            sender.join(20)
        assert answers == [200, 200]


def refusal(service: Service) -> float:
    """Seconds until it is said that too many wait."""
    began = time.monotonic()
    assert service.post(CLASSIFY, json={"image": BASE64}).status_code == 503
    return time.monotonic() - began


def test_pages_leave_a_thread_for_digits(reader: FakeReader) -> None:
    """A page may take seconds: however many there are, a digit does not wait for them."""
    entered, leave = threading.Semaphore(0), threading.Event()

    def page(*_: Any, **__: Any) -> Any:
        entered.release()
        assert leave.wait(20)
        raise ImageError("This page was held.")

    reader.read = page  # type: ignore[method-assign]
    with serving(Settings(threads=3, max_waiting=2), reader) as service:
        answers: list[int] = []

        def send() -> None:
            answers.append(service.post(READ, json={"image": BASE64}).status_code)

        senders = [threading.Thread(target=send) for _ in range(4)]
        for sender in senders:
            sender.start()
        assert entered.acquire(timeout=20)
        assert entered.acquire(timeout=20)  # two are read, two wait
        while service.engine._pages < 2:
            time.sleep(0.01)
        assert service.post(CLASSIFY, json={"image": BASE64}).status_code == 200
        check(service, service.post(READ, json={"image": BASE64}), 503, "overloaded")
        leave.set()
        for sender in senders:
            sender.join(20)
        assert answers == [422] * 4
        assert service.engine._pages == 0


def test_body_that_never_ends() -> None:
    async def stalled() -> Any:
        yield b"{"
        await anyio.sleep(30)

    with serving(Settings(body_timeout=0.2), FakeReader()) as service:
        headers = {"Content-Type": "application/json"}
        for path in (CLASSIFY, READ):
            answer = service.post(path, content=stalled(), headers=headers)
            check(service, answer, 408, "request-timeout")
