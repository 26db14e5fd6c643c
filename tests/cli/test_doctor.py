from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from inkdigits import ModelError, doctor
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]


def checks(run: Run) -> tuple[int, dict[str, dict[str, str]]]:
    result = run("doctor", "--json")
    return result.exit_code, {c["name"]: c for c in json.loads(result.stdout)["checks"]}


def test_all_is_well_here(run: Run) -> None:
    code, found = checks(run)
    assert code == 0
    for name in ("Python", "numpy", "onnxruntime", "model file", "prediction"):
        assert found[name]["status"] == "ok", found[name]
    assert "SHA-256" in found["model file"]["detail"]
    assert run("doctor").exit_code == 0


def test_a_damaged_model_is_found(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from inkdigits import Recognizer

    def damaged(*_: object) -> None:
        raise ModelError("standard.onnx is not the file its card describes.")

    monkeypatch.setattr(Recognizer, "load", damaged)
    code, found = checks(run)
    assert code == 1
    assert found["prediction"]["status"] == "missing"
    assert found["prediction"]["advice"]


def test_a_missing_package_is_found(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = doctor.packages

    def one_gone() -> Iterator[doctor.Check]:
        yield from packages()
        yield doctor._package("no-such-package>=1", "missing", "install it")

    monkeypatch.setattr(doctor, "packages", one_gone)
    code, found = checks(run)
    assert code == 1
    assert found["no-such-package"]["status"] == "missing"
    result = run("doctor")
    assert result.exit_code == 1
    assert "install it" in result.stdout


def test_absent_data_is_no_failure(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("INKDIGITS_DATA", str(tmp_path_factory.mktemp("empty")))
    code, found = checks(run)
    assert code == 0
    assert found["MNIST"]["status"] == "optional"
    assert "data fetch" in found["MNIST"]["advice"]


REQUIRED = [
    "numpy>=2",
    'sqlalchemy>=2; extra == "store"',
    'inkdigits[store]; extra == "postgres"',
    'no-such-driver>=3.2; extra == "postgres"',
]


def test_extras_are_told_with_what_they_are_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_requirements", lambda: REQUIRED)
    code, found = checks(run)
    assert code == 0
    assert found["extra store"]["status"] == "ok"
    assert found["extra store"]["detail"].startswith("sqlalchemy 2.")
    assert found["extra postgres"] == {
        "name": "extra postgres",
        "status": "optional",
        "detail": "no-such-driver not installed",
        "advice": "run `pip install 'inkdigits[postgres]'` to keep corrections in PostgreSQL",
    }
    assert "extra pdf" not in found  # of which this installation says nothing


def test_every_extra_that_a_person_may_want_is_told() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert doctor.EXTRAS.keys() == project["optional-dependencies"].keys() - {
        "dev",
        "fuzz",
        "notebook",
    }


def test_a_taken_port_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        check = doctor.port(other.getsockname()[1])
    assert check.status == "optional"
    assert "--port" in check.advice


def test_another_model_than_was_shipped_is_found(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shipped = resources.files("inkdigits") / "models"
    (tmp_path / "models").mkdir()
    for name in ("standard.onnx", "standard.json"):
        (tmp_path / "models" / name).write_bytes((shipped / name).read_bytes())
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    assert doctor.model_file().status == "ok"
    with (tmp_path / "models" / "standard.onnx").open("ab") as file:
        file.write(b"x")
    assert doctor.model_file().status == "missing"
    (tmp_path / "models" / "standard.onnx").unlink()
    assert doctor.model_file().advice


def without(tmp_path: Path, *hidden: str) -> dict[str, str]:
    """The environment of a Python that has what this one has, but for what is `hidden`."""
    packages = tmp_path / "packages"
    packages.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if entry.name.partition("-")[0] not in hidden and entry.suffix != ".pth":
            (packages / entry.name).symlink_to(entry)
    source = Path(doctor.__file__).parents[1]
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(source), str(packages)])}


def call(environment: dict[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-S", "-m", "inkdigits", *args]  # -S: no site-packages
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("hidden", "name"),
    [(("onnxruntime",), "onnxruntime"), (("PIL", "pillow"), "pillow"), (("rich",), "rich")],
)
def test_a_base_package_that_is_not_there_is_told_in_words(
    tmp_path: Path, hidden: tuple[str, ...], name: str
) -> None:
    environment = without(tmp_path, *hidden)
    done = call(environment, "doctor", "--json")
    assert done.returncode == 1, done.stderr
    (found,) = [c for c in json.loads(done.stdout)["checks"] if c["name"] == name]
    assert (found["status"], found["detail"]) == ("missing", "not installed")
    assert f"pip install '{name}" in found["advice"]
    done = call(environment, "doctor")
    assert (done.returncode, done.stderr) == (1, "")
    assert "cannot read digits yet" in done.stdout
    assert call(environment, "--help").returncode == 0
    done = call(environment, "classify", "picture.png")
    assert done.returncode == 1
    assert done.stderr == (
        f"inkdigits: the package {hidden[0]} is missing: `inkdigits doctor` says what to do.\n"
    )
