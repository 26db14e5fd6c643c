"""All that the page says comes from the file of its language: a made-up one shows what does not."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

if os.environ.get("CI") != "true":  # there, a missing Playwright is an error
    pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install -e .[dev]")
from playwright.sync_api import Browser, Page, Route, expect

from inkdigits.service import webapp
from tests.browser.conftest import served
from tests.browser.panel import READ, answer, boxes, choose, file, note, number, png
from tests.browser.test_page import MESSAGES, RING, SEVEN, Visit

pytestmark = pytest.mark.browser

LANGUAGES = sorted(path.stem for path in (webapp.PAGE / "words").glob("*.js"))
#: A language in which every word is the English one in brackets; `count` alone has other forms.
BRACKETS = """
import { WORDS as ENGLISH } from "./en.js";
const wrapped = (it) => typeof it === "string" ? `⟦${it}⟧`
  : Object.fromEntries(Object.entries(it).map(([form, text]) => [form, wrapped(text)]));
export const WORDS = Object.fromEntries(
  Object.entries(ENGLISH).map(([key, it]) => [key, wrapped(it)]));
"""
#: What of the page a person sees, hears or finds; hidden parts too, which may be shown later.
FOUND = """() => {
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const it = texts.currentNode;
    if (!it.parentElement.closest("script, style, noscript")) found.push(it.data);
  }
  const names = ["aria-label", "aria-valuetext", "aria-description", "aria-roledescription",
    "aria-placeholder", "title", "placeholder", "alt", "label"];
  for (const it of document.body.querySelectorAll("*")) {
    for (const name of names) if (it.hasAttribute(name)) found.push(it.getAttribute(name));
  }
  return found.map(it => it.trim()).filter(it => it !== "");
}"""
#: The product's name, and files of the person's own.
NAMES = ("inkdigits", "2471.png", "bad.png", "cut.png")


def strangers(page: Page) -> list[str]:
    """What the page says and is not in brackets, but for digits, points and `NAMES`."""
    found: list[str] = page.evaluate(FOUND)
    return [text for text in found if text not in NAMES and re.search(r"[^\W\d_]", outside(text))]


def outside(text: str) -> str:
    """What stands in no brackets, which may hold one another."""
    deep, kept = 0, ""
    for sign in text:
        deep += {"⟦": 1, "⟧": -1}.get(sign, 0)
        if deep == 0:
            kept += sign
    return kept


def script(page: Page, name: str, source: str) -> None:
    """Have the page find this under `static/`."""

    def give(route: Route) -> None:
        route.fulfill(body=source, content_type="text/javascript")

    page.route(f"**/static/{name}", give)


def speak(page: Page, tag: str = "xx", source: str = BRACKETS) -> None:
    """Register a language in the one line that docs/translating.md asks for."""
    mechanism = (webapp.PAGE / "words.js").read_text(encoding="utf-8")
    line = f'  {tag}: () => import("./words/{tag}.js"),'
    changed = mechanism.replace("const OTHERS = {", f"const OTHERS = {{\n{line}\n")
    assert changed != mechanism
    script(page, "words.js", changed)
    script(page, f"words/{tag}.js", source)


def answers(page: Page, address: str, status: int, body: Any) -> None:
    """Have the server answer so from now on."""

    def give(route: Route) -> None:
        route.fulfill(status=status, json=body)

    page.route(address, give)


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a server answers that keeps corrections."""
    with served("--feedback", str(tmp_path_factory.mktemp("kept") / "feedback.db")) as (url, _):
        yield url


@pytest.fixture
def foreign(with_camera: Browser, keeping: str) -> Iterator[Visit]:
    """The page in brackets."""
    context = with_camera.new_context(
        service_workers="block", viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    speak(page)
    visit = Visit(page, f"{keeping}/?lang=xx")
    expect(page.locator("html")).to_have_attribute("lang", "xx")
    yield visit
    context.close()


def bracketed(text: str) -> re.Pattern[str]:
    return re.compile(rf"⟦.*{text}")


def test_the_pad_says_nothing_else(foreign: Visit) -> None:
    page = foreign.page
    assert page.evaluate("document.documentElement.lang") == "xx"
    expect(page.locator("#made")).to_have_text(bracketed("Read by standard"))
    assert strangers(page) == []
    foreign.draw(SEVEN)
    foreign.shows("7")
    expect(page.locator("#status")).to_have_text(bracketed("7"))
    assert strangers(page) == []
    page.keyboard.press("Escape")
    foreign.draw([(0.08, 0.3), (0.34, 0.3), (0.18, 0.75)])
    foreign.draw(RING)
    foreign.shows("70")
    assert strangers(page) == []
    page.keyboard.press("Tab")
    for key in ("Space", "ArrowDown"):
        page.locator("#pad").press(key)
    expect(page.locator("#pen-status")).to_have_text(bracketed("50, 55"))
    for name in ("unsure-two", "unsure-three", "no-digit", "several", "blank"):
        answers(page, "**/api/v1/classify", 200, MESSAGES[name][0])
        page.keyboard.press("Escape")
        foreign.draw(SEVEN)
        foreign.shows(MESSAGES[name][1])
        assert strangers(page) == []


def test_why_says_nothing_else(foreign: Visit) -> None:
    page = foreign.page
    foreign.draw(SEVEN)
    foreign.shows("7")
    page.locator("#why-title").click()
    expect(page.locator("#why[aria-busy=false] #why-note")).not_to_be_empty()
    assert strangers(page) == []


@pytest.mark.parametrize("code", ["overloaded", "store-full", "never-heard-of"])
def test_troubles_of_the_server_are_told_in_the_page_s_language(foreign: Visit, code: str) -> None:
    page = foreign.page
    problem = {"type": f"urn:inkdigits:problem:{code}", "title": "No", "detail": "Not in brackets."}
    answers(page, "**/api/v1/classify", 503, problem)
    foreign.draw(SEVEN)
    expect(page.locator("#headline")).to_have_text(bracketed("trouble"))
    assert strangers(page) == []
    page.unroute("**/api/v1/classify")
    answers(page, "**/api/v1/feedback", 503, problem)
    page.keyboard.press("Escape")
    foreign.draw(SEVEN)
    foreign.shows("7")
    page.locator(".feedback-ask button").first.click()
    expect(page.locator(".feedback-status")).to_have_text(bracketed("not stored"))
    assert strangers(page) == []
    page.get_by_role("tab").nth(1).click()
    answers(page, READ, 503, problem)
    choose(page, png("2471.png"))
    expect(page.locator("#picture[data-state=trouble]")).to_be_visible()
    expect(note(page)).to_have_text(bracketed("server"))
    assert strangers(page) == []


def test_a_server_that_is_gone_is_told(foreign: Visit) -> None:
    page = foreign.page
    foreign.draw(SEVEN)
    foreign.shows("7")
    page.route("**/api/**", lambda route: route.abort())
    page.locator(".feedback-ask button").first.click()
    expect(page.locator(".feedback-status")).to_have_text(bracketed("cannot be reached"))
    page.keyboard.press("Escape")
    foreign.draw(SEVEN)
    expect(page.locator("#note")).to_have_text(bracketed("read in this browser"))
    assert strangers(page) == []
    page.get_by_role("tab").nth(1).click()
    choose(page, png("2471.png"))
    expect(note(page)).to_have_text(bracketed("cannot be reached"))
    page.get_by_role("tab").nth(2).click()
    page.locator("#camera-toggle").click()
    expect(page.locator("#camera-note")).to_have_text(bracketed("cannot be reached"))
    assert strangers(page) == []


def test_a_model_that_cannot_be_fetched_is_told(foreign: Visit) -> None:
    page = foreign.page
    page.route("**/models/standard.onnx", lambda route: route.fulfill(status=404))
    page.get_by_role("tab").nth(3).click()
    expect(page.locator("#how-words")).to_have_text(bracketed("could not be fetched"))
    assert strangers(page) == []


def test_a_correction_says_nothing_else(foreign: Visit) -> None:
    page = foreign.page
    expect(page.locator("#promise")).to_have_text(bracketed("unless you say"))
    foreign.draw(SEVEN)
    foreign.shows("7")
    page.locator(".feedback-ask button").last.click()
    assert strangers(page) == []
    for label in ("1", "⟦No digit⟧"):
        page.locator("#feedback-labels").get_by_text(label, exact=True).click()
        expect(page.locator(".feedback-status")).to_have_text(bracketed("Thank you"))
        assert strangers(page) == []
        page.locator(".feedback-told button").click()
        expect(page.locator(".feedback-status")).to_have_text(bracketed("Taken back"))
        assert strangers(page) == []
        page.locator(".feedback-ask button").last.click()


def test_pictures_say_nothing_else(foreign: Visit) -> None:
    page = foreign.page
    page.get_by_role("tab").nth(1).click()
    expect(note(page)).to_have_text(bracketed("Choose a picture"))
    choose(page, png("2471.png"))
    expect(boxes(page)).to_have_count(2)
    assert strangers(page) == []
    boxes(page).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert strangers(page) == []
    page.keyboard.press("Escape")
    page.locator("#picture-copy").click()
    expect(page.locator("#picture-copy")).to_have_text(re.compile("Copied|Copy"))
    choose(page, file("bad.png", "", b"2471"), file("cut.png", "", png()["buffer"][:300]))
    expect(page.locator("#picture-strip li")).to_have_count(3)
    expect(page.locator("#picture-strip")).to_contain_text("cut.png ⟦not read⟧")
    assert strangers(page) == []
    made = answer(
        {
            **number("24", (60, 50, 90, 60), accepted=False),
            "separators": [{"mark": ".", "after": 1}],
        },
        number("35", (20, 200, 60, 40)),
        left_out=3,
        turned=90,
        frames_ignored=1,
    )
    answers(page, READ, 200, made)
    page.locator("#picture-clear").click()
    assert strangers(page) == []
    choose(page, png("2471.png"))
    expect(note(page)).to_have_text(bracketed("turned by 90°"))
    assert strangers(page) == []
    boxes(page).first.click()
    expect(page.locator("#picture-number-note")).to_have_text(bracketed("marks.*2.4"))
    assert strangers(page) == []


def test_the_camera_says_nothing_else(foreign: Visit) -> None:
    page = foreign.page
    page.get_by_role("tab").nth(2).click()
    assert strangers(page) == []
    page.locator("#camera-toggle").click()
    expect(page.locator("#numbers li")).to_have_count(2)
    page.locator("#capture").click()
    expect(page.locator("#camera-status")).to_have_text(bracketed("Captured"))
    assert strangers(page) == []
    page.locator("#camera-toggle").click()
    for name in ("NotAllowedError", "NotFoundError", "NotReadableError", "AbortError"):
        page.evaluate(
            "name => { navigator.mediaDevices.getUserMedia ="
            " () => Promise.reject(new DOMException('no', name)); }",
            name,
        )
        before = page.locator("#camera-note").text_content()
        page.locator("#camera-toggle").click()
        expect(page.locator("#camera-note")).not_to_have_text(before or "")
        assert strangers(page) == []


def test_a_word_outside_of_the_file_is_found(foreign: Visit) -> None:
    page = foreign.page
    page.evaluate("document.getElementById('pen-status').textContent = 'Pen ⟦up⟧'")
    page.evaluate("document.getElementById('undo').title = 'Z'")
    assert strangers(page) == ["Pen ⟦up⟧", "Z"]


@pytest.mark.parametrize(
    ("locale", "search", "language"),
    [
        ("xx", "", "xx"),
        ("xx-YY", "", "xx"),
        ("tlh", "", "en"),
        ("xx", "?lang=en", "en"),
        ("en", "?lang=XX", "xx"),
        ("xx", "?lang=tlh", "xx"),
        ("en", "?lang=constructor", "en"),
    ],
)
def test_who_chooses_the_language(
    browser: Browser, address: str, locale: str, search: str, language: str
) -> None:
    context = browser.new_context(service_workers="block", locale=locale)
    page = context.new_page()
    speak(page)
    page.goto(f"{address}/{search}")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("#way-draw")).to_have_text("⟦Draw⟧" if language == "xx" else "Draw")
    context.close()


def test_a_language_that_cannot_be_fetched_leaves_english(browser: Browser, address: str) -> None:
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    speak(page)
    page.route("**/static/words/xx.js", lambda route: route.abort())
    page.goto(f"{address}/?lang=xx")
    expect(page.locator("#headline")).to_have_text("Draw a digit")
    assert page.evaluate("document.documentElement.lang") == "en"
    context.close()


#: Polish has four forms for a count; numbers have a comma, and spaces between thousands.
POLISH = """
import { WORDS as ENGLISH } from "./en.js";
export const WORDS = { ...ENGLISH, "percent": "{share} %",
  "picture.count": {
    one: "{count} liczba", few: "{count} liczby", many: "{count} liczb", other: "{count} liczby",
  },
};
"""


def test_forms_and_numbers_are_those_of_the_language(browser: Browser, address: str) -> None:
    context = browser.new_context(service_workers="block", locale="pl")
    page = context.new_page()
    speak(page, "pl", POLISH)
    page.goto(address)
    said = page.evaluate(
        "async () => { const { say, number } = await import('/static/words.js');"
        "const { percent } = await import('/static/percent.js');"
        "return [...[1, 2, 5, 22, 12345].map(count => say('picture.count', { count })),"
        " number(1.5), percent(0.9344), percent(1), percent(0)]; }"
    )
    assert said[:4] == ["1 liczba", "2 liczby", "5 liczb", "22 liczby"]
    assert re.fullmatch(r"12\s345 liczb", said[4])
    assert said[5:] == ["1,5", "93,4 %", "99,9 %", "0 %"]
    context.close()


FAULTS = """async ([source, tag]) => {
  const { WORDS: english } = await import("/static/words/en.js");
  const { WORDS: words } = await import(source);
  const forms = it => typeof it === "string" ? { other: it } : it;
  const holes = it => [...it.matchAll(/\\{(\\w+)\\}/g)].map(([, name]) => name).sort().join();
  const faults = [];
  for (const key of new Set([...Object.keys(english), ...Object.keys(words)])) {
    if (!(key in english)) faults.push(`${key}: unknown`);
    else if (!(key in words)) faults.push(`${key}: missing`);
    else {
      const wanted = holes(forms(english[key]).other);
      for (const text of Object.values(forms(words[key]))) {
        const free = wanted.split(",").filter(it => it !== "count").join();
        const has = holes(text).split(",").filter(it => it !== "count").join();
        if (has !== free || text.trim() === "") faults.push(`${key}: ${text}`);
      }
      const needed = new Intl.PluralRules(tag).resolvedOptions().pluralCategories;
      const there = Object.keys(forms(words[key])).filter(it => it[0] !== "=").sort().join();
      const counted = typeof english[key] !== "string" && wanted.includes("count");
      if (counted && there !== needed.sort().join()) faults.push(`${key}: needs ${needed}`);
      else if (!counted && !("other" in forms(words[key]))) faults.push(`${key}: needs other`);
    }
  }
  return faults;
}"""


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_language_has_every_word_and_form(browser: Browser, address: str, tag: str) -> None:
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    page.goto(address)
    assert page.evaluate(FAULTS, [f"/static/words/{tag}.js", tag]) == []
    context.close()
    mechanism = (webapp.PAGE / "words.js").read_text(encoding="utf-8")
    assert f'"./words/{tag}.js"' in mechanism


def test_faults_of_a_language_are_found(browser: Browser, address: str) -> None:
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    page.goto(address)
    words: dict[str, Any] = {"new": "x", "percent": "%", "feedback.digit": {"=8": "{digit}"}}
    words["picture.count"] = {"one": "{count}", "other": " "}
    source = (
        'const { WORDS: e } = await import("/static/words/en.js"); const { api, ...rest } = e;'
        f"export const WORDS = {{ ...rest, ...{json.dumps(words)} }};"
    )
    script(page, "words/xx.js", source)
    found = page.evaluate(FAULTS, ["/static/words/xx.js", "ru"])
    assert {"new: unknown", "api: missing", "percent: %", "picture.count:  "} <= set(found)
    assert {"picture.count: needs few,many,one,other", "feedback.digit: needs other"} <= set(found)
    context.close()


#: As long as a language may well be that has longer words than English.
LONG = """
import { WORDS as ENGLISH } from "./en.js";
const longer = (it) => typeof it === "string"
  ? (it.length < 12 ? `${it}sgerät` : `${it} und noch etwas mehr`)
  : Object.fromEntries(Object.entries(it).map(([form, text]) => [form, longer(text)]));
export const WORDS = { ...Object.fromEntries(
  Object.entries(ENGLISH).map(([key, it]) => [key, longer(it)])), percent: ENGLISH.percent };
"""


def test_longer_words_fit_on_a_phone(browser: Browser, keeping: str) -> None:
    context = browser.new_context(
        service_workers="block",
        viewport={"width": 360, "height": 740},
        has_touch=True,
        is_mobile=True,
    )
    page = context.new_page()
    speak(page, source=LONG)
    visit = Visit(page, f"{keeping}/?lang=xx")
    expect(page.locator("#way-draw")).to_have_text("Drawsgerät")

    def fits() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= 360

    fits()
    visit.draw(SEVEN)
    visit.shows("7")
    page.locator(".feedback-ask button").last.tap()
    fits()
    page.get_by_role("tab").nth(1).tap()
    choose(page, png("2471.png"))
    expect(boxes(page)).to_have_count(2)
    fits()
    boxes(page).first.tap()
    expect(page.get_by_role("dialog")).to_be_visible()
    fits()
    page.keyboard.press("Escape")
    page.get_by_role("tab").nth(2).tap()
    expect(page.locator("#camera-note")).to_contain_text("etwas mehr")
    fits()
    context.close()
