"""Numbers of several digits read by the page itself, in a real Chromium, beside Python's reader.

Rows are made of single digits' pen strokes, side by side, at times touching, underlined or with
something strange among them. `INKDIGITS_ROWS=1000 pytest tests/browser/test_numbers.py -s` reads so
many of each kind and prints how far the two are apart.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits import ink, rows, strip, strokes
from inkdigits.data import real
from inkdigits.errors import ArrayError
from inkdigits.line import LineModel
from inkdigits.model import Model
from inkdigits.reader import Reader
from inkdigits.rules import Rules
from inkdigits.service import webapp
from inkdigits.wild import oddities, styles

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser

ORIGIN = "http://numbers.test"
#: Rows of each kind, and how many go to the browser at a time.
ROWS = int(os.environ.get("INKDIGITS_ROWS", "30"))
AT_ONCE = 20
#: How far a logit may lie from ONNX Runtime's, and a probability from Python's.
CLOSE, CLOSE_SHARE = 1e-3, 1e-4
READ = """(pen) => {
    const row = rowOf(pen);
    const shown = row && normaliseRow(row);
    return {
        strip: shown && {
            width: shown.pixels.width,
            pixels: Array.from(shown.pixels.data),
            left: shown.left,
            scale: shown.scale,
        },
        logits: shown && line.run(shown.pixels).map((it) => Array.from(it)),
        number: reader.read(pen),
    };
}"""

#: What the panel shows of a drawing: whether a number is asked for, and which one is shown.
SHOWN = """async (pen) => {
    const { reason } = await single(pen);
    if (reason !== "several_digits" && !(reason === "not_a_digit" && isLong(pen))) return null;
    const number = reader.read(pen);
    if (number === null || (reason === "not_a_digit" && !number.accepted)) return null;
    return number.text;
}"""

Lines = list[NDArray[np.float64]]
Pen = list[list[list[float]]]
Rng = np.random.Generator


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """An empty page with the reader of rows made ready."""

    def answer(route: Route) -> None:
        path = webapp.files().get(route.request.url.removeprefix(f"{ORIGIN}/"))
        if path is None:
            route.fulfill(body="<!doctype html>", content_type="text/html")
        elif path.suffix == ".js":
            route.fulfill(path=path, content_type="text/javascript")
        else:
            route.fulfill(path=path, content_type="application/octet-stream")

    context = browser.new_context()
    context.route("**/*", answer)
    page = context.new_page()
    page.goto(f"{ORIGIN}/empty.html")
    page.evaluate(
        """async () => {
            const from = (name) => import(`/static/${name}.js`);
            const { LineNetwork } = await from("engine/linenetwork");
            const { Network } = await from("engine/network");
            const { RowReader, rowOf } = await from("line/rowreader");
            const { normaliseRow } = await from("normalise/strip");
            const { Engine } = await from("engine/client");
            const { local } = await from("reading/local");
            const { isLong } = await from("reading/row");
            const engine = new Engine("static/models/standard.onnx");
            Object.assign(window, { single: local(() => engine), isLong });
            const line = await LineNetwork.load("/static/models/lines/line.onnx");
            const reader = new RowReader(line, await Network.load("/static/models/standard.onnx"));
            Object.assign(window, { line, reader, rowOf, normaliseRow });
        }"""
    )
    yield page
    context.close()


def ask(page: Page, code: str, argument: list[Any]) -> list[Any]:
    """What the browser answers to each of many arguments."""
    answers: list[Any] = []
    for start in range(0, len(argument), AT_ONCE):
        sent = json.dumps(argument[start : start + AT_ONCE])  # Playwright is slow with numbers
        script = f"""async (text) => {{
            const found = [];
            for (const it of JSON.parse(text)) found.push(await ({code})(it));
            return JSON.stringify(found);
        }}"""
        answers += json.loads(page.evaluate(script, sent))
    return answers


@dataclass(frozen=True)
class Written:
    """A drawn row, and what it says; empty where that is not known."""

    pen: Pen
    text: str


def side_by_side(digits: list[Lines], text: str, rng: Rng) -> Written:
    """Marks in a row on the pad, to a tenth of a thousandth of its side as it keeps them."""
    height = rng.uniform(120, 400)
    pen: Pen = []
    place = 0.0
    for mark in digits:
        every = np.concatenate(mark)
        low, extent = every.min(axis=0), np.maximum(np.ptp(every, axis=0), 1e-6)
        scale = height * min(rng.uniform(0.8, 1.15) / extent[1], 1.3 / extent[0])
        corner = np.array([place, rng.normal(0, 0.06) * height])
        pen += [np.round((path - low) * scale + corner, 1).tolist() for path in mark]
        place += float(extent[0]) * scale + rng.uniform(-0.08, 0.45) * height
    if rng.random() < 0.1:
        below = height * rng.uniform(1.2, 1.4)
        pen.append([[-20, round(below, 1)], [round(place, 1), round(below + rng.normal(0, 3), 1)]])
    return Written(pen, text)


def composed(digit: Callable[[Rng], tuple[Lines, str]], seed: int) -> list[Written]:
    """`ROWS` rows of 2 to 6 digits, one in ten of them with something that is none."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(ROWS):
        marks = [digit(rng) for _ in range(int(rng.integers(2, 7)))]
        text = "".join(name for _, name in marks)
        lines = [mark for mark, _ in marks]
        if rng.random() < 0.1:
            strange = [np.asarray(path, np.float64) for path in oddities.strokes(rng)[1]]
            lines.insert(int(rng.integers(len(lines) + 1)), strange)
            text = ""
        found.append(side_by_side(lines, text, rng))
    return found


def made_up(rng: Rng) -> tuple[Lines, str]:
    value = int(rng.integers(10))
    return [np.asarray(path, np.float64) for path in styles.digit(value, rng)], str(value)


def pendigits() -> Callable[[Rng], tuple[Lines, str]]:
    """What takes a digit of real pen strokes at random."""
    folder = Path(os.environ["INKDIGITS_DATA"]) / "real"
    if not (folder / real.FILES["pendigits"]).is_file():
        pytest.skip("INKDIGITS_DATA has no pen strokes in its folder real")
    digits = real.load(folder, "pendigits")

    def digit(rng: Rng) -> tuple[Lines, str]:
        at = int(rng.integers(len(digits)))
        lines = [np.asarray(path, np.float64) for path in digits.strokes(at)]
        return lines, str(digits.labels[at])

    return digit


def compare(page: Page, written: list[Written], name: str) -> None:
    """Both readers on the same strokes: print how they differ, and see that they do not."""
    line = LineModel.load()
    reader = Reader(Model.load("standard"), line)
    apart, logits_apart, shares_apart = [0.0], [0.0], [0.0]
    strips = texts = decisions = right = accepted = right_accepted = known = same = compared = 0
    for it, theirs in zip(written, ask(page, READ, [it.pen for it in written]), strict=True):
        row = rows.only(ink.extract(strokes.render_row(it.pen)))
        assert row is not None
        shown = strip.normalise(row.ink)
        assert shown is not None
        pixels = np.array(theirs["strip"]["pixels"], np.float32).reshape(strip.HEIGHT, -1)
        if pixels.shape == shown.pixels.shape:
            strips += np.array_equal(pixels, shown.pixels)
            apart.append(float(np.abs(pixels - shown.pixels).max()))
            assert theirs["strip"]["left"] == shown.left
            assert theirs["strip"]["scale"] == pytest.approx(shown.scale, rel=1e-9)
        logits = np.array(theirs["logits"], np.float32)
        logits_apart.append(float(np.abs(logits - line.logits([pixels])[0]).max()))
        ours, found = reader.read(row, Rules()), theirs["number"]
        mine = None if ours is None else (ours.text, ours.accepted)
        its = None if found is None else (found["text"], found["accepted"])
        texts += (mine and mine[0]) == (its and its[0])
        decisions += mine == its
        if mine == its and ours is not None:
            shares_apart.append(abs(ours.confidence - found["confidence"]))
            assert [one["text"] for one in found["candidates"]] == [t for t, _ in ours.candidates]
            same += len(found["digits"]) == len(ours.digits) and all(
                its["digit"] == own.digit
                and np.allclose(its["probabilities"], own.probabilities, atol=CLOSE_SHARE)
                and own.seen is not None
                and np.abs(np.subtract(its["seen"], own.seen.ravel(), dtype=np.int64)).max() <= 1
                for its, own in zip(found["digits"], ours.digits, strict=False)
            )
            compared += 1
        if it.text:
            known += 1
            right += its is not None and its[0] == it.text
            accepted += its is not None and its[1]
            right_accepted += its == (it.text, True)
    count = len(written)
    print(
        f"\n{name}: {count} rows; strips the same {strips}, at most {max(apart):.4f} apart;"
        f" logits at most {max(logits_apart):.1e}, probabilities {max(shares_apart):.1e} apart;"
        f" text agrees {texts}, text and decision {decisions}, of {compared} numbers the digits'"
        f" pictures and bars in {same}; the page reads {right} of {known}"
        f" numbers right, accepts {accepted}, {right_accepted} of them right"
    )
    assert max(logits_apart) < CLOSE
    assert right > 0.85 * known
    assert accepted > 0.7 * known
    if cv2.ipp.useIPP():
        assert strips >= 0.99 * count
        assert texts >= 0.995 * count
        assert decisions >= 0.99 * count
        assert same >= 0.99 * compared
        assert max(shares_apart) < CLOSE_SHARE if strips == count else True
    else:  # without Intel's IPP, OpenCV itself counts distances a little otherwise
        assert texts >= 0.98 * count
        assert decisions >= 0.97 * count


def test_made_up_rows_are_read_as_python_reads_them(page: Page) -> None:
    compare(page, composed(made_up, 1), "made up")


@pytest.mark.data
def test_rows_of_real_strokes_are_read_as_python_reads_them(page: Page) -> None:
    compare(page, composed(pendigits(), 2), "pendigits")


def shown(page: Page, written: list[Written], name: str) -> None:
    """How many drawn numbers the panel shows as such, though it looks for a single digit first."""
    known = [it for it in written if it.text]
    found = ask(page, SHOWN, [it.pen for it in known])
    count = sum(text is not None for text in found)
    right = sum(text == it.text for text, it in zip(found, known, strict=True))
    print(f"\n{name}: {len(known)} numbers drawn, {count} shown as such, {right} of them right")
    assert count >= 0.9 * len(known)
    assert right >= 0.95 * count


def test_made_up_numbers_are_shown_as_numbers(page: Page) -> None:
    shown(page, composed(made_up, 3), "made up")


@pytest.mark.data
def test_numbers_of_real_strokes_are_shown_as_numbers(page: Page) -> None:
    shown(page, composed(pendigits(), 4), "pendigits")


PLAIN: list[Pen] = [
    [],
    [[]],
    [[[5, 5]]],
    [[[0, 0], [100, 0]]],
    [[[0, 0], [0, 100]]],
    [[[0, 0], [0, 100]], [[100, 0], [100, 100]]],
    [[[0, 0], [0, 100]], [[3000, 0], [3000, 100]]],
    [[[0, y], [100, y]] for y in range(0, 101, 4)],  # all black
    [[[0, 0], [1e-320, 0]]],
    [[[x, 0], [x, 100]] for x in range(0, 2000, 40)],  # a comb
]


def test_what_is_hardly_a_row_is_read_as_python_reads_it(page: Page) -> None:
    reader = Reader(Model.load("standard"), LineModel.load())
    code = "(pen) => { const it = reader.read(pen); return it && [it.text, it.accepted]; }"
    expected = []
    for pen in PLAIN:
        row = rows.only(ink.extract(strokes.render_row(pen)))
        number = None if row is None else reader.read(row, Rules())
        expected.append(None if number is None else [number.text, number.accepted])
    assert ask(page, code, PLAIN) == expected
    assert ["1", True] in expected
    assert None in expected


def test_malformed_strokes_are_refused_in_the_same_words(page: Page) -> None:
    bad: Any = [[[1], [2]]]
    with pytest.raises(ArrayError) as caught:
        strokes.render_row(bad)
    code = "(pen) => { try { reader.read(pen); } catch (error) { return error.message; } }"
    assert ask(page, code, [bad]) == [str(caught.value)]
