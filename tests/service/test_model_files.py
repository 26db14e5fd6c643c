"""Model files that are not what they should be: at the start, and when they are looked at again."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from inkdigits.service.settings import Settings

from .harness import CLASSIFY, check, serving
from .test_models import SEVEN, keyed, put, reload


def missing(file: Path) -> None:
    file.unlink()


def empty(file: Path) -> None:
    file.write_bytes(b"")


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    file.with_suffix(".json").unlink()  # else its sum alone would tell


def flipped(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def unknown_opset(file: Path) -> None:
    data = file.read_bytes()
    at = data.rindex(b"\x42\x04\x0a\x00\x10")  # opset_import: domain "", version
    file.write_bytes(data[: at + 5] + b"\x7f" + data[at + 6 :])
    file.with_suffix(".json").unlink()


def elsewhere(file: Path) -> None:
    place = b"\x0a\x08location\x12\x0b../../x.bin"
    file.write_bytes(file.read_bytes() + b"\x6a" + bytes([len(place)]) + b"\x00" + place)
    file.with_suffix(".json").unlink()


def pickled(file: Path) -> None:
    file.write_bytes(pickle.dumps({"weights": [1, 2, 3]}))
    file.with_suffix(".json").unlink()


def of_another(file: Path) -> None:
    put(file.parent, "nano", "nano")
    file.write_bytes((file.parent / "nano.onnx").read_bytes())


SPOILT: dict[Callable[[Path], None], str] = {
    missing: "does not exist",
    empty: "is empty",
    truncated: "is damaged",
    flipped: "SHA-256 differs",
    unknown_opset: "is not an ONNX model that can be run",
    elsewhere: "keeps its weights in another file",
    pickled: "is not an ONNX model that can be run",
    of_another: "SHA-256 differs",
}


@pytest.mark.parametrize(
    ("spoil", "said"), SPOILT.items(), ids=lambda it: getattr(it, "__name__", "")
)
def test_at_the_start_it_is_not_ready_and_says_why(
    tmp_path: Path, spoil: Callable[[Path], None], said: str
) -> None:
    file = put(tmp_path, "micro")
    spoil(file)
    with serving(Settings(model=str(file), **keyed(tmp_path / "ink.db")), None) as service:
        assert service.get("/livez").status_code == 200
        for answer in (service.get("/readyz"), service.post(CLASSIFY, json=SEVEN)):
            check(service, answer, 503, "not-ready")
            assert said in answer.json()["detail"]
            assert answer.headers["retry-after"] == "5"
        put(tmp_path, "micro")  # mended
        assert reload(service, tmp_path / "ink.db").json()["ok"] is True
        assert service.get("/readyz").status_code == 200
        assert service.post(CLASSIFY, json=SEVEN).json()["digit"] == 7


@pytest.mark.parametrize(
    ("spoil", "said"), SPOILT.items(), ids=lambda it: getattr(it, "__name__", "")
)
def test_on_a_reload_the_old_one_keeps_answering(
    tmp_path: Path, spoil: Callable[[Path], None], said: str
) -> None:
    file = put(tmp_path, "micro")
    with serving(Settings(model=str(file), **keyed(tmp_path / "ink.db")), None) as service:
        spoil(file)
        answer = reload(service, tmp_path / "ink.db").json()
        assert answer["ok"] is False
        (only,) = answer["models"]
        assert (only["result"], only["name"]) == ("failed", "micro")
        assert said in only["reason"]
        assert service.get("/readyz").status_code == 200
        assert service.post(CLASSIFY, json=SEVEN).json()["model"]["name"] == "micro"


@pytest.mark.parametrize("ending", [".keras", ".h5", ".pkl", ".onnx"])
def test_what_could_run_code_is_never_opened(tmp_path: Path, ending: str) -> None:
    """Python would run what a pickle says, and Keras a Lambda layer's code: ONNX alone is read."""
    ran = tmp_path / "ran"

    class Harmful:
        def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
            return Path.touch, (ran,)

    file = tmp_path / f"model{ending}"
    file.write_bytes(pickle.dumps(Harmful()))
    with serving(Settings(model=str(file)), None) as service:
        check(service, service.get("/readyz"), 503, "not-ready")
    assert not ran.exists()


def test_of_several_the_others_answer(tmp_path: Path) -> None:
    settings = Settings(
        models=(str(tmp_path / "none.onnx"), "standard-mnist"), **keyed(tmp_path / "ink.db")
    )
    with serving(settings, None) as service:
        check(service, service.get("/readyz"), 503, "not-ready")
        for name in ("standard", "standard-mnist"):
            assert service.post(CLASSIFY, json={**SEVEN, "model": name}).status_code == 200
        put(tmp_path, "micro", "none")
        assert reload(service, tmp_path / "ink.db").json()["ok"] is True
        assert service.get("/readyz").status_code == 200
        assert service.post(CLASSIFY, json={**SEVEN, "model": "micro"}).status_code == 200
