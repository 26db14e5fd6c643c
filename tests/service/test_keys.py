"""Keys of the API: who is let in, who is not, and what is told of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from inkdigits.errors import StoreError
from inkdigits.service import keys
from inkdigits.service.feedbackschemas import AboutAnswer
from inkdigits.service.settings import Settings
from inkdigits.store.apikey import Scope, made
from inkdigits.store.keys import KeyStore

from .harness import BASE64, BATCH, CLASSIFY, READ, FakeReader, Service, check, serving
from .test_serve import served, start

PEN = {"strokes": [[[1, 2], [3, 4]]]}
WRONG = f"ink_{'a' * 8}_{'b' * 32}"
Make = Callable[..., tuple[str, str]]


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "keys.db")


@pytest.fixture
def make(place: str) -> Make:
    """Makes a key; answers its id and its text."""

    def create(*scopes: Scope, lasts: timedelta | None = None) -> tuple[str, str]:
        key, text = made("a test", scopes or ("read",), lasts)
        store = KeyStore(place)
        store.add(key)
        store.close()
        return key.id, text

    return create


@pytest.fixture
def wanting(place: str) -> Iterator[Service]:
    with serving(Settings(keys="required", database=place), FakeReader()) as running:
        yield running


@pytest.fixture
def taking(place: str) -> Iterator[Service]:
    with serving(Settings(keys="optional", database=place), FakeReader()) as running:
        yield running


def ask(service: Service, text: str | None = None, path: str = CLASSIFY) -> httpx2.Response:
    headers = {} if text is None else {"Authorization": f"Bearer {text}"}
    return service.post(path, json=PEN, headers=headers)


def test_with_a_key_one_is_let_in(wanting: Service, make: Make) -> None:
    _, text = make()
    assert ask(wanting, text).status_code == 200
    assert wanting.post(CLASSIFY, json=PEN, headers={"X-API-Key": text}).status_code == 200
    lower = {"authorization": f"bearer  {text}"}
    assert wanting.post(CLASSIFY, json=PEN, headers=lower).status_code == 200


@pytest.mark.parametrize(
    "path", [CLASSIFY, BATCH, READ, "/predict", "/api/v1/none", "/v2/models/fake/infer"]
)
def test_without_a_key_one_is_not(wanting: Service, path: str) -> None:
    answer = ask(wanting, path=path)
    check(wanting, answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"] == 'Bearer realm="inkdigits"'
    assert "Authorization: Bearer KEY" in answer.json()["detail"]


@pytest.mark.parametrize(
    "text",
    [WRONG, "", "ink_", "x" * 5000, WRONG.upper(), f"{WRONG} ", "ink_é", "' OR 1=1 --", "ink_%_%"],
)
@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_with_another_one_is_not(
    wanting: Service, make: Make, header: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    make()
    value = f"Bearer {text}" if header == "Authorization" else text
    answer = wanting.post(CLASSIFY, json=PEN, headers={header: value.encode()})
    check(wanting, answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"].endswith('error="invalid_token"')
    if text.strip():
        assert text not in answer.text + caplog.text


def test_a_secret_that_is_wrong_by_a_letter_is_wrong(wanting: Service, make: Make) -> None:
    _, text = make()
    _, other = make()
    for wrong in (text[:-1] + ("a" if text[-1] != "a" else "b"), text[:13] + other[13:]):
        check(wanting, ask(wanting, wrong), 401, "unauthorized")
    assert ask(wanting, text).status_code == 200


def test_the_page_and_the_probes_are_for_all(wanting: Service) -> None:
    for path in ("/", "/sw.js", "/static/app.js", "/static/models/standard.onnx", "/docs"):
        assert wanting.get(path).status_code == 200, path
    for path in ("/livez", "/readyz", "/metrics", "/openapi.json", "/v2/health/ready"):
        assert wanting.get(path).status_code == 200, path
    told = wanting.get("/api/v1/about").json()
    AboutAnswer.model_validate(told)
    assert told["keys"] == "required"
    check(wanting, wanting.get("/api/v1/about/card"), 401, "unauthorized")
    for path in ("/static/../api/v1/about/card", "/static/%2e%2e/api/v1/about/card"):
        assert wanting.get(path).status_code in (401, 404), path


def test_the_document_says_what_takes_a_key(
    wanting: Service, taking: Service, service: Service
) -> None:
    document = wanting.get("/openapi.json").json()
    assert document["security"] == [{"bearer": []}, {"key": []}]
    assert document["components"]["securitySchemes"] == {
        "bearer": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            headers = {"Content-Type": "application/json"}
            status = wanting.request(method.upper(), path, headers=headers).status_code
            assert (status == 401) == ("security" not in operation), path
            assert operation.get("security", []) == []
    assert {} in taking.get("/openapi.json").json()["security"]
    assert "security" not in service.get("/openapi.json").json()


def test_off_is_off(service: Service, make: Make) -> None:
    assert service.get("/api/v1/about").json()["keys"] == "off"
    assert ask(service).status_code == 200
    assert ask(service, WRONG).status_code == 200  # some proxy's business


def test_optional_is_for_both(taking: Service, make: Make) -> None:
    _, text = make()
    assert ask(taking).status_code == 200
    assert ask(taking, text).status_code == 200
    check(taking, ask(taking, WRONG), 401, "unauthorized")
    basic = {"Authorization": "Basic dXNlcjpwYXNz"}
    assert taking.post(CLASSIFY, json=PEN, headers=basic).status_code == 200


def test_an_expired_one_is_refused(
    wanting: Service, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, text = make(lasts=timedelta(hours=1))
    assert ask(wanting, text).status_code == 200

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> Later:
            return cls.fromtimestamp(time.time() + 61 * 60, UTC)

    monkeypatch.setattr(keys, "datetime", Later)
    answer = ask(wanting, text)  # at once, though it is remembered
    check(wanting, answer, 401, "unauthorized")
    assert answer.json()["detail"] == "This key has expired: ask for another one."


def test_a_revoked_one_is_refused_by_every_replica(
    wanting: Service, place: str, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(wanting.protection.keys, "_clock", lambda: now[0])
    token, text = make()
    with serving(Settings(keys="required", database=place), FakeReader()) as other:
        monkeypatch.setattr(other.protection.keys, "_clock", lambda: now[0])
        for service in (wanting, other):
            assert ask(service, text).status_code == 200
        elsewhere = KeyStore(place)
        assert elsewhere.revoke(token)
        elsewhere.close()
        now[0] += keys.REMEMBERED + 0.1
        for service in (wanting, other):
            answer = ask(service, text)
            check(service, answer, 401, "unauthorized")
            assert answer.json()["detail"] == "This key was revoked: ask for another one."
    assert keys.REMEMBERED <= 5


def test_a_key_is_looked_up_once_in_a_while(
    wanting: Service, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, text = make()
    looked = []
    find = KeyStore.find

    def watched(store: KeyStore, token: str) -> object:
        looked.append(token)
        return find(store, token)

    monkeypatch.setattr(KeyStore, "find", watched)
    for _ in range(20):
        assert ask(wanting, text).status_code == 200
        assert ask(wanting, WRONG).status_code == 401
    assert len(looked) == 2
    ask(wanting, "nonsense")
    assert len(looked) == 2


def test_a_new_key_works_at_once(wanting: Service, make: Make) -> None:
    assert ask(wanting, WRONG).status_code == 401
    _, text = make()
    assert ask(wanting, text).status_code == 200


def test_what_is_remembered_has_an_end(wanting: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MOST", 10)
    for number in range(30):
        ask(wanting, f"ink_{'a' * 8}_{number:032}".translate(str.maketrans("0189", "abcd")))
    assert len(wanting.protection.keys._known) == 10


def test_a_store_that_is_away_is_no_reason_to_let_in(
    wanting: Service, make: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _, text = make()

    def failing(*_: object) -> None:
        raise StoreError("The store is away.", code="store-unavailable")

    with monkeypatch.context() as patched:
        patched.setattr(KeyStore, "find", failing)
        answer = ask(wanting, text)
        check(wanting, answer, 503, "keys-unavailable")
        assert answer.headers["retry-after"] == "5"
    assert text not in caplog.text
    assert ask(wanting, text).status_code == 200


def test_a_scope_is_asked_for(place: str, make: Make) -> None:
    def reload(request: Request) -> JSONResponse:
        return JSONResponse({"by": keys.require(request, "admin").id})

    _, reads = make("read")
    token, administers = make("admin")
    for mode in ("optional", "required"):
        settings = Settings(keys=mode, database=place)
        with serving(settings, FakeReader(), Route("/api/reload", reload, methods=["POST"])) as it:
            answer = ask(it, reads, "/api/reload")
            check(it, answer, 403, "forbidden")
            challenge = answer.headers["www-authenticate"]
            assert challenge.endswith('error="insufficient_scope", scope="admin"')
            check(it, ask(it, None, "/api/reload"), 401, "unauthorized")
            assert ask(it, administers, "/api/reload").json() == {"by": token}
            assert ask(it, administers).status_code == 200  # who administers may read
    with serving(Settings(), FakeReader(), Route("/api/reload", reload, methods=["POST"])) as it:
        check(it, ask(it, administers, "/api/reload"), 403, "forbidden")


def test_keys_have_a_rate_of_their_own(place: str, make: Make) -> None:
    (_, one), (_, other) = make(), make()
    settings = Settings(
        keys="optional", database=place, rate_limit="2/hour", key_rate_limit="3/hour"
    )
    with serving(settings, FakeReader()) as service:
        answers = [ask(service, one) for _ in range(4)]
        assert [it.status_code for it in answers] == [200, 200, 200, 429]
        assert answers[0].headers["ratelimit-policy"] == '"key";q=3;w=3600'
        assert ask(service, other).status_code == 200
        assert [ask(service).status_code for _ in range(3)] == [200, 200, 429]
        assert ask(service, other).status_code == 200  # from the same address


def test_who_tries_keys_is_counted(place: str, make: Make) -> None:
    _, text = make()
    settings = Settings(
        keys="required", database=place, rate_limit="3/hour", key_rate_limit="9/second"
    )
    with serving(settings, FakeReader()) as service:
        tried = [ask(service, f"ink_{'a' * 8}_{it * 32}").status_code for it in "abcde"]
        assert tried == [401, 401, 401, 429, 429]
        assert ask(service, text).status_code == 200


def test_a_caller_is_named_by_the_id_of_his_key(place: str, make: Make) -> None:
    token, text = make()

    def who(request: Request) -> JSONResponse:
        return JSONResponse(request.state.caller)

    settings = Settings(keys="optional", database=place)
    with serving(settings, FakeReader(), Route("/api/who", who)) as service:
        assert service.get("/api/who", headers={"X-API-Key": text}).json() == f"key:{token}"
        assert service.get("/api/who").json() == "ip:127.0.0.1"


def test_without_a_place_for_keys_it_does_not_start() -> None:
    with pytest.raises(ValueError, match="give INKDIGITS_DATABASE a file"):
        Settings(keys="required")
    process = start("--port", "0", INKDIGITS_KEYS="required")
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out, errors.count("\n")) == (1, "", 1)
    assert "INKDIGITS_KEYS needs a database: give INKDIGITS_DATABASE a file, or a URL." in errors


def test_on_a_real_server(place: str, make: Make) -> None:
    _, text = make()
    with served(INKDIGITS_KEYS="required", INKDIGITS_DATABASE=place) as (process, _, address):
        with httpx2.Client(base_url=address, timeout=20) as client:
            assert client.post(CLASSIFY, json=PEN).status_code == 401
            client.headers["X-API-Key"] = text
            assert client.post(CLASSIFY, json=PEN).status_code == 200
            assert client.post(BATCH, json={"images": [BASE64]}).status_code == 200
        process.terminate()
        _, log = process.communicate(timeout=30)
    assert text not in log
    assert text[13:] not in log
