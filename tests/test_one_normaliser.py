"""The same picture looks the same to the model, whichever way it came."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from inkdigits import Recognizer
from inkdigits.service.settings import Settings
from inkdigits.strokes import draw
from tests.pictures import STROKES
from tests.service.harness import BATCH, CLASSIFY, Service, serving

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer.load("micro")


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serving(Settings(model="micro"), None) as running:
        yield running


@st.composite
def drawings(make: st.DrawFn) -> Pixels:
    """(H, W, 3) uint8: a digit or a scribble, in any two colours, perhaps with noise."""
    width, height = make(st.integers(28, 400)), make(st.integers(28, 400))
    rng = np.random.default_rng(make(st.integers(0, 2**32)))
    if make(st.booleans()):
        lines = [np.array(line) for line in STROKES[make(st.sampled_from(sorted(STROKES)))]]
    else:
        lines = [rng.random((9, 2))]
    size = rng.uniform(0.3, 0.9) * min(width, height)
    corner = rng.random(2) * (np.array([width, height]) - size)
    grey = draw([line * size + corner for line in lines], (width, height), max(2, size / 10))
    ink, paper = np.array(make(st.tuples(*[st.integers(0, 255)] * 6))).reshape(2, 3)
    picture = ink + (paper - ink) * grey[..., None]
    noise = rng.normal(0, make(st.sampled_from([0, 3])), picture.shape)
    whole: Pixels = np.clip(np.round(picture + noise), 0, 255).astype(np.uint8)
    return whole


def png(pixels: Pixels) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def answered(seen: list[int]) -> Pixels:
    return np.array(seen, np.uint8).reshape(28, 28)


#: A smooth slope: every rounding shows.
GREY = np.tile(np.arange(0, 240, 4, dtype=np.uint8)[None, :, None], (60, 1, 3))


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pixels=drawings())
@example(pixels=GREY)
def test_the_same_picture_by_every_way_in(
    pixels: Pixels, recognizer: Recognizer, service: Service, tmp_path: Path
) -> None:
    encoded = png(pixels)
    path = tmp_path / "picture.png"
    path.write_bytes(encoded)
    url = f"data:image/png;base64,{base64.b64encode(encoded).decode()}"
    many = recognizer.classify_many([pixels, path, np.zeros((40, 40), np.uint8), encoded])
    sent = {"image": url, "seen": True}
    batch = service.post(BATCH, json={"images": [url], "seen": True}).json()
    form = service.post(CLASSIFY, files={"image": ("a.png", encoded)}, data={"seen": "true"})
    seen = {
        "a page's canvas": answered(service.post(CLASSIFY, json=sent).json()["seen"]),
        "a form": answered(form.json()["seen"]),
        "a batch": answered(batch["predictions"][0]["seen"]),
        "a file": recognizer.classify(path).seen,
        "a camera's frame": recognizer.classify(pixels).seen,
        "a Pillow image": recognizer.classify(Image.fromarray(pixels)).seen,
        **{f"one of many, {place}": many[place].seen for place in (0, 1, 3)},
    }
    expected = seen.pop("a file")
    assert expected is not None
    assert expected.dtype == np.uint8
    assert expected.shape == (28, 28)
    for way, got in seen.items():
        np.testing.assert_array_equal(got, expected, err_msg=way)


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    digit=st.sampled_from(sorted(STROKES)),
    size=st.integers(1, 500),
)
def test_the_same_strokes_by_page_and_python(
    seed: int, digit: int, size: int, recognizer: Recognizer, service: Service
) -> None:
    shaken = np.random.default_rng(seed).normal(0, 0.02, 2)
    pen = [(np.round((np.array(s) + shaken) * size, 1)).tolist() for s in STROKES[digit]]
    # as the page writes it down
    body = json.dumps({"strokes": pen, "seen": True, "top_k": 3})
    ours = recognizer.classify_strokes(pen)
    assert ours.seen is not None
    np.testing.assert_array_equal(
        answered(service.post_json(CLASSIFY, body).json()["seen"]), ours.seen
    )
