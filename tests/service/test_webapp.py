from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urljoin

import numpy as np
import pytest
from PIL import Image

from inkdigits.errors import InkdigitsError
from inkdigits.service import webapp


def test_every_file_of_the_page_is_there_once() -> None:
    files = webapp.files()
    assert len(set(files.values())) == len(files)
    assert all(path.is_file() for path in files.values())
    assert files["./"].name == "index.html"
    assert files["static/models/standard.onnx"].stat().st_size > 100_000
    assert files["static/models/lines/line.onnx"].stat().st_size > 1_000_000
    assert not any(path.name == "sw.js" for path in files.values())


def test_all_that_the_page_names_is_among_its_files() -> None:
    """Scripts import one another, styles and icons are linked: none may be missing offline."""
    files = webapp.files()
    named = set()
    for address, path in files.items():
        if path.suffix not in {".html", ".js"}:
            continue
        text = path.read_text(encoding="utf-8")
        base = "" if address == "./" else address
        links = re.findall(r'(?:href|src)="(static/[^"]+)"', text)
        modules = re.findall(r'(?:from |import\()"(\.[^"]+)"', text)
        named |= {urljoin(base, name) for name in [*links, *modules]}
    assert "static/draw/pad.js" in named
    assert named <= files.keys()


def test_the_page_links_each_script_that_is_needed_at_once() -> None:
    names = webapp.at_once()
    assert len(set(names)) == len(names)
    assert "static/draw/pad.js" in names  # which only draw/panel.js imports
    assert "static/engine/client.js" in names
    # these are fetched when they are wanted, by import() or as a worker
    assert not {name for name in names if name.startswith(("static/camera/", "static/normalise/"))}
    assert "static/engine/onnx.js" not in names
    links = re.findall(r'<link rel="modulepreload" href="([^"]+)">', webapp.index())
    assert links == names
    assert webapp.index().index(links[-1]) < webapp.index().index(webapp.START)


def test_the_worker_has_the_names_and_a_digest_of_all_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = webapp.service_worker()
    listed = re.search(r"FILES = (\[.*?\]);", source)
    version = re.search(r'VERSION = "([0-9a-f]{16})"', source)
    assert listed is not None
    assert version is not None
    assert json.loads(listed[1]) == list(webapp.files())
    assert webapp.service_worker(alone=True) != source

    changed = tmp_path / "pad.js"
    changed.write_text("other")
    files = webapp.files() | {"static/draw/pad.js": changed}
    monkeypatch.setattr(webapp, "files", lambda: files)
    webapp.service_worker.cache_clear()
    try:
        assert version[1] not in webapp.service_worker()
    finally:
        webapp.service_worker.cache_clear()


def test_the_manifest_is_what_browsers_install(tmp_path: Path) -> None:
    manifest = json.loads((webapp.PAGE / "manifest.webmanifest").read_text())
    address = "http://there/sub/static/manifest.webmanifest"
    assert urljoin(address, manifest["start_url"]) == "http://there/sub/"
    assert urljoin(address, manifest["scope"]) == "http://there/sub/"
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512", "any"}
    assert all((webapp.PAGE / icon["src"]).is_file() for icon in manifest["icons"])


def test_no_mask_cuts_into_the_icon() -> None:
    """A mask leaves a circle of four fifths of the side, at least (W3C, Manifest, 'maskable')."""
    manifest = json.loads((webapp.PAGE / "manifest.webmanifest").read_text())
    masked = [icon["src"] for icon in manifest["icons"] if icon.get("purpose") == "maskable"]
    assert len(masked) == 2
    for name in masked:
        with Image.open(webapp.PAGE / name) as icon:
            pixels = np.asarray(icon.convert("RGBA"), np.int64)
        side = len(pixels)
        assert (pixels[..., 3] == 255).all()
        y, x = np.nonzero(pixels[..., 0] > 150)  # the white digit
        assert len(x) > 0.05 * side**2
        assert np.hypot(x - side / 2, y - side / 2).max() < 0.4 * side


def test_a_site_is_the_page_without_a_server(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "site"
    written = webapp.write_site(folder)
    assert sorted(written) == sorted(path for path in folder.rglob("*") if path.is_file())
    page = (folder / "index.html").read_text()
    assert 'data-server="none"' in page
    head = re.search(r'<html lang="en" data-server="none" [^<>]*data-size="\d+">', page)
    assert head is not None
    assert page.replace(head[0], webapp.SERVED) == webapp.index()
    assert (folder / "sw.js").read_text() == webapp.service_worker(alone=True)
    assert (folder / "static/models/standard.onnx").read_bytes() == (
        webapp.MODELS / "standard.onnx"
    ).read_bytes()
    assert not re.search(r'(?:href|src)="/', page)  # it may lie under any path
    assert webapp.write_site(folder) == written  # once more, over itself


def test_a_site_harms_no_other_files(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InkdigitsError, match="holds something else"):
        webapp.write_site(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(InkdigitsError, match="cannot be written"):
        webapp.write_site(tmp_path / "thesis.txt" / "site")
