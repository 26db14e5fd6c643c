"""The page's own normaliser beside Python's, in a real Chromium: drawing by drawing, the same."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import inkdigits.service.pages
from inkdigits import decode, shown, strokes
from inkdigits.data import real
from inkdigits.errors import ArrayError
from inkdigits.image import Picture
from inkdigits.model import Model
from inkdigits.wild import oddities, styles

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser

MODULES = Path(inkdigits.service.pages.HERE) / "page" / "normalise"
ORIGIN = "http://normaliser.test"
#: Drawings that are sent to the browser at a time.
AT_ONCE = 100
MADE_UP, REAL, PICTURES = 1400, 600, 60

Pen = list[list[list[float]]]
Image = NDArray[np.float32]


@dataclass(frozen=True)
class Seen:
    """What one of the two normalisers made of a drawing."""

    image: Image | None
    box: list[int] | None


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """An empty page that can load the modules, and nothing else."""

    def answer(route: Route) -> None:
        path = MODULES / route.request.url.removeprefix(f"{ORIGIN}/")
        if path.is_file():
            route.fulfill(path=path, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    context = browser.new_context()
    context.route("**/*", answer)
    page = context.new_page()
    page.goto(f"{ORIGIN}/empty.html")
    page.evaluate("async () => { window.it = await import('/index.js'); }")
    yield page
    context.close()


def images(found: list[list[float]]) -> list[Image]:
    return [np.array(one, np.float32).reshape(28, 28) for one in found]


def ask(page: Page, code: str, argument: Any) -> list[Any]:
    """What the browser answers to each of many arguments."""
    answers: list[Any] = []
    for start in range(0, len(argument), AT_ONCE):
        sent = json.dumps(argument[start : start + AT_ONCE])  # Playwright is slow with numbers
        script = f"(text) => JSON.stringify(JSON.parse(text).map({code}))"
        answers += json.loads(page.evaluate(script, sent))
    return answers


def seen_by_page(page: Page, pens: list[Pen]) -> list[Seen]:
    code = """(pen) => {
        const { image, reason, box } = it.seen(pen);
        if ((image === null) !== (reason === 'blank')) throw new Error(`${reason}`);
        return [image && Array.from(image), box && [box.x, box.y, box.width, box.height]];
    }"""
    return [
        Seen(None if image is None else images([image])[0], box)
        for image, box in ask(page, code, pens)
    ]


def pieces_by_page(page: Page, pens: list[Pen]) -> list[list[Image]]:
    code = "(pen) => it.pieces(it.seen(pen)).map((piece) => Array.from(piece))"
    return [images(found) for found in ask(page, code, pens)]


def as_seen(of: shown.Shown) -> Seen:
    if of.box is None:
        return Seen(of.digit, None)
    return Seen(of.digit, [of.box.x, of.box.y, of.box.width, of.box.height])


def decisions(model: Model, many: list[Image]) -> list[decode.Decision]:
    return decode.decode(model.logits(np.stack(many)[..., None]), model.info) if many else []


def answers(
    model: Model, many: list[Seen], pieces: dict[int, list[Image]]
) -> list[tuple[int | None, str | None]]:
    """The digit and the reason of each, as `Recognizer.classify_strokes` has them."""
    decided = iter(decisions(model, [it.image for it in many if it.image is not None]))
    found: list[tuple[int | None, str | None]] = []
    for at, it in enumerate(many):
        if it.image is None:
            found.append((None, "blank"))
            continue
        whole = next(decided)
        parts = decisions(model, pieces[at]) if not whole.accepted and at in pieces else []
        several = sum(part.accepted for part in parts) >= 2
        found.append((whole.digit, "several_digits" if several else whole.reason))
    return found


def compare(page: Page, pens: list[Pen], name: str) -> None:
    """Both normalisers on the same drawings: print how they differ, and see that they do not."""
    whole = [shown.shown(strokes.render(pen)) for pen in pens]
    ours, theirs = [as_seen(it) for it in whole], seen_by_page(page, pens)
    assert [it.image is None for it in theirs] == [it.image is None for it in ours]
    assert [it.box for it in theirs] == [it.box for it in ours]
    pairs = [
        (one.image, other.image)
        for one, other in zip(ours, theirs, strict=True)
        if one.image is not None and other.image is not None
    ]
    off = np.array([np.abs(one - other) for one, other in pairs])

    model = Model.load("standard")
    refused = [
        at for at, (_, why) in enumerate(answers(model, ours, {})) if why not in (None, "blank")
    ]
    at_page = dict(zip(refused, pieces_by_page(page, [pens[at] for at in refused]), strict=True))
    at_home = {at: shown.pieces(whole[at]) for at in refused}
    counts = [len(at_home[at]) for at in refused]
    assert [len(at_page[at]) for at in refused] == counts
    off_pieces = [
        float(np.abs(one - other).max())
        for at in refused
        for one, other in zip(at_home[at], at_page[at], strict=True)
    ]
    expected, got = answers(model, ours, at_home), answers(model, theirs, at_page)
    same = np.mean([one[0] == other[0] for one, other in zip(expected, got, strict=True)])
    several = sum(why == "several_digits" for _, why in expected)
    print(
        f"\n{name}: {len(pens)} drawings, {len(pens) - len(pairs)} blank, {several} of several"
        f" digits; difference at most {off.max():.6f}, mean {off.mean():.2e},"
        f" {np.mean(off.max(axis=(1, 2)) > 0):.2%} of images differ; labels agree {same:.2%};"
        f" {np.count_nonzero(off_pieces)} of {len(off_pieces)} pieces differ"
    )
    reasons = np.mean([one[1] != other[1] for one, other in zip(expected, got, strict=True)])
    assert off.mean() < 1e-3
    assert np.mean(off.max(axis=(1, 2)) > 0) < 0.01
    assert np.mean(np.array(off_pieces) > 0) < 0.02 if off_pieces else True
    if cv2.ipp.useIPP():
        assert off.max() < 0.02
        assert reasons == 0
        assert same >= 0.999
    else:  # without Intel's IPP, OpenCV itself counts distances a little otherwise
        assert reasons < 0.005
        assert same >= 0.995


def written(rng: np.random.Generator, size: float) -> Pen:
    """A digit of a style at random, somewhere on the pad, to a tenth of a pixel as it sends it."""
    place = rng.uniform(0, 300, 2)
    lines = styles.digit(int(rng.integers(10)), rng)
    return [np.round(line * size + place, 1).tolist() for line in lines]


def side_by_side(rng: np.random.Generator, size: float) -> Pen:
    """Two digits, at times far apart, of one size or not."""
    first, second = written(rng, size), written(rng, size * rng.uniform(0.4, 1))
    left, right = np.concatenate(first), np.concatenate(second)
    gap = np.array([left[:, 0].max() - right[:, 0].min() + size * rng.uniform(-0.1, 0.8), 0])
    gap[1] = left[:, 1].min() - right[:, 1].min() + size * rng.uniform(-0.2, 0.4)
    return first + [(np.array(line) + gap).tolist() for line in second]


def scattered(rng: np.random.Generator) -> Pen:
    """Lines and dots anywhere."""
    counts = rng.integers(1, 6, int(rng.integers(1, 9)))
    return [rng.uniform(0, 100, (int(count), 2)).tolist() for count in counts]


PLAIN: list[Pen] = [
    [],
    [[]],
    [[], []],
    [[[5, 5]]],
    [[[5, 5], [5, 5]]],
    [[[0, 0], [0, 100]]],
    [[[0, 0], [100, 0]]],
    [[[0, 0], [1e-320, 0]]],
    [[[-1e9, 1e9], [1e9, -1e9]]],
    [[[0, 0], [100, 100]], [[0, 100]], [[100, 0]]],
    [[[0, y], [100, y]] for y in range(0, 101, 4)],  # all black
    [[[x, y] for y in range(0, 101, 20)] for x in range(0, 101, 20)],
]


def made_up(count: int, seed: int) -> list[Pen]:
    rng = np.random.default_rng(seed)
    pens = list(PLAIN)
    while len(pens) < count:
        size = float(np.exp(rng.uniform(np.log(3), np.log(1000))))
        match len(pens) % 10:
            case 0 | 1:
                pens.append(side_by_side(rng, size))
            case 2:
                pens.append([(line * size).tolist() for line in oddities.strokes(rng)[1]])
            case 3:
                pens.append(scattered(rng))
            case _:
                pens.append(written(rng, size))
    return pens


def test_made_up_drawings_are_seen_as_python_sees_them(page: Page) -> None:
    compare(page, made_up(MADE_UP, 1), "made up")


@pytest.mark.data
def test_real_strokes_are_seen_as_python_sees_them(page: Page) -> None:
    folder = Path(os.environ["INKDIGITS_DATA"]) / "real"
    if not (folder / real.FILES["pendigits"]).is_file():
        pytest.skip("INKDIGITS_DATA has no pen strokes in its folder real")
    digits = real.load(folder, "pendigits")
    chosen = np.random.default_rng(2).choice(len(digits), REAL, replace=False)
    compare(
        page,
        [[line.astype(float).tolist() for line in digits.strokes(int(at))] for at in chosen],
        "pendigits",
    )


@pytest.mark.parametrize(
    "bad",
    [
        [[[1], [2]]],
        [[["ab", "cd"]]],
        [[[1, 1e300]]],
        [[[n, n] for n in range(strokes.MAX_POINTS + 1)]],
    ],
)
def test_malformed_strokes_are_refused_in_the_same_words(page: Page, bad: Any) -> None:
    with pytest.raises(ArrayError) as caught:
        strokes.render(bad)
    code = "(pen) => { try { it.seen(pen); } catch (error) { return error.message; } }"
    assert ask(page, code, [bad]) == [str(caught.value)]


def picture(rng: np.random.Generator) -> Image:
    """A digit on paper: any size and greys, a shadow, noise, at times a ruled line."""
    wide, tall = rng.integers(28, 400, 2)
    lines = styles.digit(int(rng.integers(10)), rng)
    size = float(rng.uniform(0.3, 0.6) * min(wide, tall))
    room = np.array([wide, tall]) - size
    place = room / 2 + rng.uniform(-0.3, 0.3, 2) * room
    paper = strokes.draw(
        [line * size + place for line in lines], (int(wide), int(tall)), max(2, size / 10)
    )
    if rng.random() < 0.4:
        paper[int(rng.integers(tall))] = 0.2
    if rng.random() < 0.4:
        paper[:, int(rng.integers(wide))] = 0.2
    dark, light = np.sort(rng.uniform(0, 1, 2)) if rng.random() < 0.8 else (0.9, 0.2)
    shadow = np.linspace(1, rng.uniform(0.7, 1), int(wide))
    grey = (dark + (light - dark) * paper) * shadow + rng.normal(0, 0.01, paper.shape)
    return np.asarray(np.round(np.clip(grey, 0, 1) * 255) / 255, np.float32)


def beside_a_block() -> Image:
    """A digit in the middle, and more ink than it has, looking in from one side."""
    seven = np.array([[0.0, 0.0], [0.62, 0.0], [0.24, 1.0]]) * 110 + 50
    paper = strokes.draw([seven], (200, 200), 10)
    paper[20:180, :17] = 0
    return paper


def test_any_grey_picture_is_seen_as_python_sees_it(page: Page) -> None:
    rng = np.random.default_rng(3)
    pixels = [beside_a_block(), *(picture(rng) for _ in range(PICTURES))]
    ours = [as_seen(shown.shown(Picture(one))) for one in pixels]
    normalised = next(it.image for it in ours if it.image is not None)
    pixels.append(normalised)
    ours.append(as_seen(shown.shown(Picture(normalised))))
    code = """({ width, height, floats }) => {
        const bytes = Uint8Array.from(atob(floats), (letter) => letter.charCodeAt(0));
        const data = new Float32Array(bytes.buffer);
        const { image, box } = it.shown({ width, height, data });
        return [image && Array.from(image), box && [box.x, box.y, box.width, box.height]];
    }"""
    sent = [
        {
            "width": one.shape[1],
            "height": one.shape[0],
            "floats": base64.b64encode(one.astype("<f4").tobytes()).decode(),
        }
        for one in pixels
    ]
    differing = 0
    for mine, (image, box) in zip(ours, ask(page, code, sent), strict=True):
        assert (image is None) == (mine.image is None)
        assert box == mine.box
        if mine.image is not None:
            differing += not np.array_equal(images([image])[0], mine.image)
    print(f"\n{differing} of {len(ours)} pictures differ")
    assert differing <= 0.05 * len(ours)
