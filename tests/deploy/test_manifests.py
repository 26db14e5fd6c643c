"""What the files of deploy/ say of the service is so: its settings, addresses, port and version."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import inkdigits
from inkdigits.service import about, configuration, feedback, health, routes

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "deploy" / "kubernetes"
MANIFESTS = sorted(KUBERNETES.rglob("*.yaml"))
FILES = [
    *MANIFESTS,
    ROOT / "Dockerfile",
    ROOT / "app.json",
    ROOT / "heroku.yml",
    *sorted((ROOT / "deploy").glob("*.yaml")),
    *(ROOT / "deploy" / name for name in ("cloud_run/service.yaml", "aws_lambda/template.yaml")),
]


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_settings_that_exist_are_set(path: Path) -> None:
    known = {row.variable for row in configuration.rows()}
    assert set(re.findall(r"INKDIGITS_[A-Z_]+", path.read_text(encoding="utf-8"))) <= known | {
        "INKDIGITS_"  # as a beginning, in a remark
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_probes_ask_what_is_there(path: Path) -> None:
    rooms = (health, routes, about, feedback)
    there = {getattr(route, "path", "") for room in rooms for route in room.router.routes}
    text = path.read_text(encoding="utf-8")
    asked = set(re.findall(r"(?:httpGet: \{path: |'GET', ')(/\w+)", text))
    assert asked <= there


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: str(path.relative_to(KUBERNETES)))
def test_a_patch_changes_what_the_base_has(path: Path) -> None:
    if path.name == "kustomization.yaml":
        found = loaded(path)
        for name in found["resources"]:
            assert (path.parent / name).exists(), name
        named = [path.parent / name for name in found["resources"]]
        files = [file for it in named for file in (it.glob("*.yaml") if it.is_dir() else [it])]
        base = [loaded(file) for file in files]
        there = {(m["kind"], m["metadata"]["name"]) for m in base if "metadata" in m}
        for patch in found.get("patches", []):
            changed = loaded(path.parent / patch["path"])
            assert (changed["kind"], changed["metadata"]["name"]) in there
    else:
        listed = loaded(path.parent / "kustomization.yaml") if path.parent.name != "kserve" else {}
        names = listed.get("resources", []) + [p["path"] for p in listed.get("patches", [])]
        assert not listed or path.name in names, "no kustomization takes it"


def test_the_images_are_of_this_version() -> None:
    tag = f":{inkdigits.__version__}"
    (image,) = loaded(KUBERNETES / "base" / "kustomization.yaml")["images"]
    assert image["newTag"] == inkdigits.__version__
    for file in (KUBERNETES / "kserve" / "inferenceservice.yaml", FILES[-2]):
        assert re.search(r"image: \S+/inkdigits" + re.escape(tag), file.read_text("utf-8"))


def test_compose_hides_all_but_the_page_and_the_dashboard() -> None:
    compose = loaded(ROOT / "deploy" / "compose.yaml")
    for name, service in compose["services"].items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        for variable, value in service.get("environment", {}).items():
            if "PASSWORD" in variable:
                assert value.startswith("${"), f"{name} holds a secret"
    assert compose["networks"]["store"] == compose["networks"]["count"] == {"internal": True}


def test_compose_mounts_files_that_are_there() -> None:
    deploy = ROOT / "deploy"
    services = loaded(deploy / "compose.yaml")["services"].values()
    mounts = [mount for service in services for mount in service.get("volumes", [])]
    files = [Path(mount.split(":")[0]) for mount in mounts if mount.startswith("./")]
    assert len(files) == 5
    for file in files:
        if (deploy / file.parts[0]).is_dir():  # a folder that is away is away as a whole
            assert (deploy / file).exists(), file
    target = loaded(deploy / "compose" / "prometheus.yml")["scrape_configs"][0]["static_configs"]
    assert target == [{"targets": ["inkdigits:5000"]}]


def heroku(**environment: str) -> tuple[int, str]:
    """What Heroku runs, where files do not last; ended by a port that is none."""
    line = loaded(ROOT / "heroku.yml")["run"]["web"].replace("python", sys.executable)
    kept = {name: value for name, value in os.environ.items() if name != "INKDIGITS_FEEDBACK"}
    done = subprocess.run(
        ["/bin/sh", "-c", line],
        env={**kept, "DYNO": "web.1", "PORT": "0", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


def test_on_heroku_corrections_are_never_kept_in_a_file() -> None:
    code, said = heroku(INKDIGITS_FEEDBACK="feedback.db")
    assert (code, said.count("\n")) == (1, 1)
    assert "INKDIGITS_FEEDBACK is a file, which a Heroku dyno loses when it restarts" in said


def test_on_heroku_the_database_is_the_one_it_names() -> None:
    code, said = heroku(DATABASE_URL="nosuch://somebody:secret@127.0.0.1:1/digits")
    assert (code, said.count("\n")) == (1, 1)
    assert "127.0.0.1" in said
    assert "secret" not in said


def test_heroku_s_form_names_a_stack_that_builds_images() -> None:
    form = json.loads((ROOT / "app.json").read_text(encoding="utf-8"))
    assert form["stack"] == "container"
    assert (ROOT / loaded(ROOT / "heroku.yml")["build"]["docker"]["web"]).is_file()
