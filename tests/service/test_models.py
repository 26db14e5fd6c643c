"""Several models side by side: chosen, listed, replaced while they answer."""

from __future__ import annotations

import base64
import gc
import io
import json
import os
import shutil
import signal
import threading
import weakref
from collections.abc import Iterator
from contextlib import closing
from importlib import resources
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image

from inkdigits import strokes
from inkdigits.service.engine import Engine
from inkdigits.service.modelschemas import ModelAnswer, ModelsAnswer, ReloadAnswer
from inkdigits.service.settings import Settings
from inkdigits.store import apikey
from inkdigits.store.apikey import Scope
from inkdigits.store.keys import KeyStore

from .harness import BATCH, CLASSIFY, READ, Service, check, serving
from .test_serve import served
from .test_workers import until

SEVEN: dict[str, Any] = {"strokes": [[[10, 10], [40, 10], [20, 70]]]}
MODELS, RELOAD = "/api/v1/models", "/api/v1/reload"
SHIPPED = resources.files("inkdigits") / "models"


def put(folder: Path, model: str, name: str = "mine") -> Path:
    """A shipped model and its card as a file of one's own."""
    file = folder / f"{name}.onnx"
    for ending in (".json", ".onnx"):  # as one would: the card first
        shutil.copyfile(str(SHIPPED / f"{model}{ending}"), folder / f"{name}{ending}")
    return file


def key(place: Path, *scopes: Scope) -> dict[str, str]:
    """The headers of who has a key with these scopes, in the database at that place."""
    made, text = apikey.made("mine", scopes)
    with closing(KeyStore(str(place))) as store:
        store.add(made)
    return {"Authorization": f"Bearer {text}"}


def reload(service: Service, place: Path) -> httpx2.Response:
    return service.post(RELOAD, headers=key(place, "admin"))


def keyed(place: Path) -> dict[str, Any]:
    """Settings of a service that takes keys."""
    return {"keys": "optional", "database": str(place)}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys") / "ink.db"


@pytest.fixture(scope="module")
def two(place: Path) -> Iterator[Service]:
    settings = Settings(models=("standard-mnist",), **keyed(place))
    with serving(settings, None) as service:
        yield service


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (None, "standard"),
        ("standard", "standard"),
        ("standard-mnist", "standard-mnist"),
        ("standard:2", "standard"),
    ],
)
def test_a_request_names_its_model(two: Service, asked: str | None, named: str) -> None:
    more = {} if asked is None else {"model": asked}
    answer = two.post(CLASSIFY, json={**SEVEN, **more})
    assert answer.status_code == 200
    assert answer.json()["model"]["name"] == named
    assert answer.json()["digit"] == 7


def test_forms_batches_and_pages_name_it_too(two: Service) -> None:
    png = seven_png()
    form = two.post(CLASSIFY, files={"image": ("7.png", png)}, data={"model": "standard-mnist"})
    assert form.json()["model"]["name"] == "standard-mnist"
    batch = {"images": [base64.b64encode(png).decode()], "model": "standard-mnist"}
    found = two.post(BATCH, json=batch).json()["predictions"][0]
    assert found["model"]["name"] == "standard-mnist"
    page = two.post(
        READ, content=png, headers={"Content-Type": "image/png"}, params={"model": "standard-mnist"}
    )
    assert page.json()["model"]["name"] == "line+standard-mnist"


def seven_png() -> bytes:
    grey = 255 - np.rint(strokes.render(SEVEN["strokes"]).pixels * 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("name", ["", " ", "..", "../standard", "micro", "x" * 300, "standard:1"])
def test_only_what_is_loaded_has_a_name(two: Service, name: str) -> None:
    for path, body in ((CLASSIFY, SEVEN), (BATCH, {"images": ["AAAA"]})):
        check(two, two.post(path, json={**body, "model": name}), 404, "unknown-model")
    assert (
        name.strip() in ("", "..")
        or name not in two.post(CLASSIFY, json={**SEVEN, "model": name}).text
    )


@pytest.mark.parametrize("name", [None, 3, ["standard"], True])
def test_a_name_is_a_text(two: Service, name: object) -> None:
    check(two, two.post(CLASSIFY, json={**SEVEN, "model": name}), 422, "invalid-field")


@pytest.mark.parametrize(
    "path",
    ["..", "%2e%2e", "..%2fstandard", "micro", "x" * 300, "%00", "standard%00", "%20", "standard/"],
)
def test_an_address_names_only_what_is_loaded(two: Service, path: str) -> None:
    answer = two.get(f"{MODELS}/{path}")
    assert answer.status_code == 404
    assert answer.json()["type"].rpartition(":")[2] in ("not-found", "unknown-model")


def test_all_are_listed_the_default_first(two: Service) -> None:
    answer = two.get(MODELS)
    ModelsAnswer.model_validate(answer.json())
    first, second = answer.json()["models"]
    assert (first["name"], first["version"], first["default"]) == ("standard", "2", True)
    assert (second["name"], second["default"]) == ("standard-mnist", False)
    card = json.loads((SHIPPED / "standard.json").read_text(encoding="utf-8"))
    assert first["sha256"] == card["sha256"]
    assert first["parameters"] == card["parameters"]
    assert first["measured"]["accuracy"] == card["validation"]["accuracy"]
    assert 0.99 in first["coverages"]


def test_one_is_told_with_its_card(two: Service) -> None:
    answer = two.get(f"{MODELS}/standard-mnist")
    ModelAnswer.model_validate(answer.json())
    assert answer.json()["card"]["name"] == "standard-mnist"
    assert "golden" not in answer.json()["card"]
    assert two.get(f"{MODELS}/standard:2").json()["default"] is True


def test_a_reload_without_news_changes_nothing(two: Service, place: Path) -> None:
    before = two.engine.models.served
    answer = reload(two, place)
    ReloadAnswer.model_validate(answer.json())
    assert answer.json()["ok"] is True
    assert [it["result"] for it in answer.json()["models"]] == ["unchanged", "unchanged"]
    assert two.engine.models.served == before


def test_only_the_operator_reloads(two: Service, place: Path) -> None:
    check(two, two.post(RELOAD), 401, "unauthorized")
    check(two, two.post(RELOAD, headers={"Authorization": "Bearer x"}), 401, "unauthorized")
    check(two, two.post(RELOAD, headers=key(place, "read")), 403, "forbidden")
    assert two.post(RELOAD, headers=key(place, "admin")).status_code == 200


def test_without_keys_nobody_does(service: Service) -> None:
    check(service, service.post(RELOAD), 403, "forbidden")


def test_a_new_file_takes_the_place_of_the_old(tmp_path: Path) -> None:
    file = put(tmp_path, "micro")
    with serving(Settings(model=str(file), **keyed(tmp_path / "ink.db")), None) as service:
        assert service.post(CLASSIFY, json=SEVEN).json()["model"]["name"] == "micro"
        old = weakref.ref(service.engine.models.served[0].model)
        put(tmp_path, "nano")
        answer = reload(service, tmp_path / "ink.db")
        assert answer.json()["models"][0] | {"given": ""} == {
            **{"given": "", "result": "loaded", "name": "nano"},
            **{"version": service.engine.reader().version, "reason": ""},
        }
        assert service.post(CLASSIFY, json=SEVEN).json()["model"]["name"] == "nano"
        text = service.get("/metrics").text
        named = [it for it in text.splitlines() if it.startswith("model_info{")]
        assert [it.endswith(" 0.0") for it in named if 'model="micro"' in it] == [True]
        assert [it.endswith(" 1.0") for it in named if 'model="nano"' in it] == [True]
        assert 'model_loads_total{result="loaded"} 2.0' in text
        gc.collect()
        assert old() is None  # its memory is free


def test_who_is_being_answered_finishes_with_the_old_one(tmp_path: Path) -> None:
    file = put(tmp_path, "micro")
    entered, go_on = threading.Event(), threading.Event()
    with serving(
        Settings(model=str(file), **keyed(tmp_path / "ink.db"), threads=1), None
    ) as service:
        old = service.engine.models.served[0].reader
        whole = old.classify_strokes

        def slowly(pen: Any, **how: Any) -> Any:
            entered.set()
            assert go_on.wait(20)
            return whole(pen, **how)

        old.classify_strokes = slowly  # type: ignore[method-assign]
        answers: list[httpx2.Response] = []
        asking = threading.Thread(target=lambda: answers.append(service.post(CLASSIFY, json=SEVEN)))
        asking.start()
        assert entered.wait(20)
        put(tmp_path, "nano")
        assert reload(service, tmp_path / "ink.db").json()["ok"]
        go_on.set()
        asking.join(20)
        assert answers[0].json()["model"]["name"] == "micro"
        assert service.post(CLASSIFY, json=SEVEN).json()["model"]["name"] == "nano"


def test_two_of_one_name_differ_by_version(tmp_path: Path) -> None:
    again = put(tmp_path, "standard")
    with serving(Settings(models=(str(again),)), None) as service:
        answer = service.get("/readyz")
        check(service, answer, 503, "not-ready")
        assert "standard:2, which is there already" in answer.json()["detail"]
        assert service.post(CLASSIFY, json=SEVEN).status_code == 200


def test_an_engine_that_has_not_started_says_so() -> None:
    engine = Engine(Settings())
    assert engine.reason == "The service has not started yet."
    with pytest.raises(Exception, match="503 not-ready"):
        engine.reader()


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGHUP here")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_sighup_has_them_looked_at_again(tmp_path: Path, workers: str) -> None:
    file = put(tmp_path, "micro")
    with served("--model", str(file), "--workers", workers) as (process, _, address):

        def names() -> set[str]:
            return {
                httpx2.post(f"{address}{CLASSIFY}", json=SEVEN, timeout=20).json()["model"]["name"]
                for _ in range(12)  # a connection each, so that several workers answer
            }

        assert names() == {"micro"}
        put(tmp_path, "nano")
        process.send_signal(signal.SIGHUP)
        until(lambda: names() == {"nano"})
        file.write_bytes(b"no model")
        process.send_signal(signal.SIGHUP)
        until(lambda: 'model_loads_total{result="failed"} ' + f"{workers}.0" in metrics_of(address))
        assert names() == {"nano"}
        assert process.poll() is None


@pytest.mark.skipif(os.name != "posix", reason="workers need POSIX")
def test_a_worker_that_is_asked_tells_the_others(tmp_path: Path) -> None:
    file = put(tmp_path, "micro")
    arguments = ("--model", str(file), "--workers", "2")
    headers = key(tmp_path / "ink.db", "admin")
    variables = {f"INKDIGITS_{name.upper()}": it for name, it in keyed(tmp_path / "ink.db").items()}
    with served(*arguments, **variables) as (_, __, address):
        put(tmp_path, "nano")
        answer = httpx2.post(f"{address}{RELOAD}", headers=headers, timeout=20)
        assert answer.json()["models"][0]["name"] == "nano"
        until(lambda: 'model_loads_total{result="loaded"} 4.0' in metrics_of(address))


def metrics_of(address: str) -> str:
    return httpx2.get(f"{address}/metrics", timeout=20).text
