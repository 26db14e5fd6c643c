"""The words of the page and their users: no key is used that is not there, none is left over."""

from __future__ import annotations

import re

from inkdigits.service.problems import CATALOGUE
from inkdigits.service.webapp import PAGE

ENGLISH = (PAGE / "words" / "en.js").read_text(encoding="utf-8")
KEYS = set(re.findall(r'^  "([\w.-]+)":', ENGLISH, re.MULTILINE))
INDEX = (PAGE / "index.html").read_text(encoding="utf-8")
SCRIPTS = {
    path.relative_to(PAGE).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(PAGE.rglob("*.js"))
    if path.parent.name != "words"
}
#: An element's own words, and the name that it has for them.
PAIRS = {"aria-label": "data-label", "title": "data-title"}


def marked() -> set[str]:
    """Keys that `index.html` names."""
    return set(re.findall(r'data-(?:words|label|title)="([^"]+)"', INDEX))


def test_there_are_words() -> None:
    assert len(KEYS) > 150
    assert len(re.findall(r'^  "', ENGLISH, re.MULTILINE)) == len(KEYS)  # none is there twice


def test_every_key_that_is_used_is_there() -> None:
    said = {key for text in SCRIPTS.values() for key in re.findall(r'\bsay\(\s*"([^"]+)"', text)}
    assert len(said) > 50
    assert said | marked() <= KEYS


def test_every_key_is_used_somewhere() -> None:
    used = marked()
    for text in SCRIPTS.values():
        used |= KEYS & set(re.findall(r'"([\w.-]+)"', text))
        for made in re.findall(r"`([a-z]+\.[^`\s]*\$\{[^`\s]+)`", text):
            shape = re.sub(r"\\\$\\\{.*?\\\}", r"[\\w-]+", re.escape(made))
            found = {key for key in KEYS if re.fullmatch(shape, key)}
            assert found, f"no key is like {made}"
            used |= found
    assert KEYS - used == set()


def test_what_is_said_of_problems_are_problems_of_the_server() -> None:
    codes = {key.removeprefix("problem.") for key in KEYS if key.startswith("problem.")}
    assert codes - {"other"} <= CATALOGUE.keys()


def test_every_name_in_the_page_names_its_words() -> None:
    tags = re.findall(r"<[a-z][^>]*>", INDEX)
    named = [tag for tag in tags if any(f" {it}=" in re.sub(r"\s+", " ", tag) for it in PAIRS)]
    assert len(named) > 30
    for tag in named:
        for attribute, key in PAIRS.items():
            assert (re.search(rf"\s{attribute}=", tag) is None) == (f"{key}=" not in tag), tag


def test_no_script_holds_a_sentence_of_its_own() -> None:
    """What throws in the engine, the normaliser or the reader of rows is caught by the page."""
    sentences = {
        name: found
        for name, text in SCRIPTS.items()
        if not name.startswith(("engine/", "line/", "normalise/"))
        if (
            found := re.findall(
                r'"[A-Z][a-z]+ [^"\n]*"', re.sub(r"//.*|/\*.*?\*/", "", text, flags=re.DOTALL)
            )
        )
    }
    assert sentences == {}
