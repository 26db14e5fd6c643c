"""Whose word is taken for where a request came from: on a real server, and in all odd cases."""

from __future__ import annotations

import json
import logging

import httpx2
import pytest

from inkdigits.service import clients
from inkdigits.service.clients import Clients, _address, subscriber
from inkdigits.service.settings import Settings

from .harness import CLASSIFY, FakeReader, serving
from .test_serve import served

PEN = {"strokes": [[[1, 2], [3, 4]]]}
ONE = b"203.0.113.9"


def of(
    trusted: tuple[str, ...],
    *headers: tuple[bytes, bytes],
    peer: str = "10.0.0.1",
    forwarded: bool = False,
) -> tuple[str, str]:
    scope = {"type": "http", "client": (peer, 1), "scheme": "http", "headers": list(headers)}
    return Clients(trusted, "forwarded" if forwarded else "x-forwarded-for").of(scope)


def sent_for(*values: bytes) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((b"x-forwarded-for", value) for value in values)


@pytest.mark.parametrize(
    ("trusted", "headers", "address"),
    [
        ((), sent_for(ONE), "10.0.0.1"),
        (("192.0.2.0/24",), sent_for(ONE), "10.0.0.1"),
        (("10.0.0.0/8",), (), "10.0.0.1"),
        (("10.0.0.0/8",), sent_for(ONE), "203.0.113.9"),
        (("10.0.0.0/8",), sent_for(b"198.51.100.1, 203.0.113.9"), "203.0.113.9"),
        (("10.0.0.0/8",), sent_for(b"198.51.100.1", ONE), "203.0.113.9"),
        (("10.0.0.0/8",), sent_for(b"198.51.100.1, 203.0.113.9, 10.1.2.3"), "203.0.113.9"),
        (("10.0.0.0/8",), sent_for(b"10.9.9.9, 10.1.2.3"), "10.9.9.9"),
        (("10.0.0.0/8",), sent_for(b"203.0.113.9:4711"), "203.0.113.9"),
        (("10.0.0.0/8",), sent_for(b"2001:db8::7"), "2001:db8::7"),
        (("10.0.0.0/8",), sent_for(b"[2001:db8::7]:80"), "2001:db8::7"),
        (("10.0.0.0/8",), sent_for(b"::ffff:203.0.113.9"), "203.0.113.9"),
        (("10.0.0.0/8",), sent_for(b"203.0.113.9, unknown"), "10.0.0.1"),
        (("10.0.0.0/8",), sent_for(b"203.0.113.9, "), "10.0.0.1"),
        (("10.0.0.0/8",), sent_for(b"\xff\xfe" * 3000), "10.0.0.1"),
        (("10.0.0.0/8",), ((b"forwarded", b"for=203.0.113.9"),), "10.0.0.1"),
    ],
)
def test_the_rightmost_address_that_is_no_proxy_of_ours(
    trusted: tuple[str, ...], headers: tuple[tuple[bytes, bytes], ...], address: str
) -> None:
    assert of(trusted, *headers)[0] == address


@pytest.mark.parametrize(
    ("value", "address", "scheme"),
    [
        (b"for=203.0.113.9", "203.0.113.9", "http"),
        (b'for=198.51.100.1, For="[2001:db8::7]:80";Proto=HTTPS', "2001:db8::7", "https"),
        (b"for=203.0.113.9;proto=https, for=10.1.1.1;proto=http", "203.0.113.9", "https"),
        (b"for=_hidden;proto=https", "10.0.0.1", "https"),
        (b"proto=https", "10.0.0.1", "https"),
        (b"for=203.0.113.9;proto=gopher", "203.0.113.9", "http"),
    ],
)
def test_forwarded_is_read_where_it_is_named(value: bytes, address: str, scheme: str) -> None:
    headers = ((b"forwarded", value), *sent_for(b"192.0.2.99"))
    assert of(("10.0.0.0/8",), *headers, forwarded=True) == (address, scheme)


@pytest.mark.parametrize(
    ("peer", "protos", "scheme"),
    [
        ("10.0.0.1", (b"https",), "https"),
        ("10.0.0.1", (b"http, https",), "https"),
        ("10.0.0.1", (b"javascript",), "http"),
        ("192.0.2.1", (b"https",), "http"),
    ],
)
def test_the_scheme_too(peer: str, protos: tuple[bytes, ...], scheme: str) -> None:
    headers = [*sent_for(ONE), *((b"x-forwarded-proto", it) for it in protos)]
    assert of(("10.0.0.0/8",), *headers, peer=peer)[1] == scheme


def test_what_a_client_put_in_front_is_not_even_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    def watched(text: str) -> str | None:
        looked.append(text)
        return _address(text)

    monkeypatch.setattr(clients, "_address", watched)
    many = b"192.0.2.1," * 1000
    assert of(("10.0.0.0/8",), *sent_for(many + b"203.0.113.9,10.1.1.1"))[0] == "203.0.113.9"
    assert looked == ["10.1.1.1", "203.0.113.9"]


def test_proxies_in_a_row_pass_on_one_scheme() -> None:
    headers = (*sent_for(b"203.0.113.9, 10.1.1.1"), (b"x-forwarded-proto", b"https"))
    assert of(("10.0.0.0/8",), *headers) == ("203.0.113.9", "https")


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "unknown"),
    ],
)
def test_who_has_an_address(address: str, whose: str) -> None:
    assert subscriber(address) == whose


def test_a_forged_header_changes_no_limit_on_a_real_server() -> None:
    with served(INKDIGITS_RATE_LIMIT="3/minute") as (_, __, address):
        answers = [
            httpx2.post(
                f"{address}{CLASSIFY}",
                json=PEN,
                headers={"X-Forwarded-For": f"192.0.2.{number}", "X-Forwarded-Proto": "https"},
                timeout=20,
            ).status_code
            for number in range(5)
        ]
    assert answers == [200, 200, 200, 429, 429]


def test_a_trusted_proxy_is_believed_on_a_real_server() -> None:
    with served(
        INKDIGITS_RATE_LIMIT="1/minute",
        INKDIGITS_TRUSTED_PROXIES="127.0.0.1",
        INKDIGITS_LOG_CLIENT="on",
        INKDIGITS_LOG_FORMAT="json",
    ) as (process, _, address):

        def ask(said: str) -> int:
            headers = {"X-Forwarded-For": said}
            answer = httpx2.post(f"{address}{CLASSIFY}", json=PEN, headers=headers, timeout=20)
            return answer.status_code

        assert [ask("192.0.2.1"), ask("192.0.2.1"), ask("192.0.2.2")] == [200, 429, 200]
        # what the client put in front counts for nothing
        assert ask("192.0.2.99, 192.0.2.2") == 429
        assert [ask("2001:db8::1"), ask("2001:db8::2"), ask("2001:db8:0:1::1")] == [200, 429, 200]
        process.terminate()
        _, log = process.communicate(timeout=30)
    lines = [json.loads(line) for line in log.splitlines() if '"event"' in line]
    told = [line["client"] for line in lines if line.get("route") == CLASSIFY]
    assert told[:3] == ["192.0.2.1", "192.0.2.1", "192.0.2.2"]


def test_the_caller_is_named_for_the_routes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "inkdigits.service")
    settings = Settings(trusted_proxies=("127.0.0.0/8",), log_client=True)
    with serving(settings, FakeReader()) as service:
        service.post(CLASSIFY, json=PEN, headers={"X-Forwarded-For": "203.0.113.9"})
    assert [it.__dict__["client"] for it in caplog.records if it.message == "request"] == [
        "203.0.113.9"
    ]
