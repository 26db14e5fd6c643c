from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from inkdigits.cli import cli
from inkdigits.errors import InkdigitsError
from inkdigits.service import configuration
from inkdigits.service.settings import Settings

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for row in configuration.rows():
        monkeypatch.delenv(row.variable, raising=False)
    for host in ("DYNO", "K_SERVICE"):
        monkeypatch.delenv(host, raising=False)
    monkeypatch.delenv(configuration.CONFIG, raising=False)


def wrong(config: Path | None = None, **given: object) -> list[str]:
    with pytest.raises(InkdigitsError) as caught:
        configuration.load(config, **given)
    assert caught.value.code == "bad-setting"
    return str(caught.value).splitlines()


def test_without_anything_they_are_the_defaults() -> None:
    assert configuration.load() == Settings()
    assert type(configuration.load()) is Settings
    assert (Settings().max_body, Settings().max_header_bytes) == (5 * 2**20, 16 * 2**10)


def test_what_is_given_wins_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "inkdigits.toml"
    file.write_text('model = "nano"\nmax_batch = 2\nmax_body = "1 MiB"\n')
    monkeypatch.setenv("INKDIGITS_CONFIG", str(file))
    monkeypatch.setenv("INKDIGITS_MAX_BATCH", "3")
    monkeypatch.setenv("INKDIGITS_BODY_TIMEOUT", "0.5")
    monkeypatch.setenv("INKDIGITS_THREADS", "")  # as good as not there
    found = configuration.load(model="micro", log_level=None)
    assert (found.model, found.max_batch, found.max_body) == ("micro", 3, 2**20)
    assert (found.body_timeout, found.threads) == (0.5, Settings().threads)
    assert configuration.load().model == "nano"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("INKDIGITS_MAX_BODY", "five", "must be a positive number of bytes"),
        ("INKDIGITS_MAX_BODY", "-1", "must be a positive number of bytes"),
        ("INKDIGITS_MAX_BATCH", "0", "must be a positive whole number."),
        ("INKDIGITS_MAX_BATCH", "2.5", "must be a positive whole number."),
        ("INKDIGITS_MAX_BATCH", "9" * 30, "must be a positive whole number."),
        ("INKDIGITS_STORE_DAYS", "many", "must be a whole number, 0 or more."),
        ("INKDIGITS_DRAIN", "x", "must be a number, 0 or more."),
        ("INKDIGITS_BODY_TIMEOUT", "nan", "must be a positive number."),
        ("INKDIGITS_BODY_TIMEOUT", "inf", "must be a positive number."),
        ("INKDIGITS_LOG_LEVEL", "loud", "must be one of debug, info, warning, error."),
        ("INKDIGITS_METRICS", "perhaps", "must be on or off."),
        ("INKDIGITS_METRICS_PORT", "70000", "must be at most 65535."),
        ("INKDIGITS_METRICS_PORT", "-1", "must be at least 0."),
        ("INKDIGITS_DRAIN", "-0.5", "must be at least 0."),
        ("INKDIGITS_LOG_FORMAT", "xml", "must be one of auto, text, json."),
        ("INKDIGITS_FEEDBACK_MAY_VANISH", "perhaps", "must be on or off."),
        ("INKDIGITS_STORE", "all", "must be one of off, metadata, pictures."),
        ("INKDIGITS_STORE", "metadata", "needs a database: give INKDIGITS_DATABASE a file"),
        ("INKDIGITS_STORE_DAYS", "-1", "must be at least 0."),
        ("INKDIGITS_MAX_BODDY", "5", "is not a setting: did you mean INKDIGITS_MAX_BODY?"),
    ],
)
def test_a_wrong_one_stops_the_start_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, words: str
) -> None:
    monkeypatch.setenv(name, text)
    (sentence,) = wrong()
    assert sentence.startswith(f"{name} {words}")


def test_each_wrong_one_has_its_sentence_that_names_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "some.toml"
    file.write_text('max_batch = "many"\nmax_bach = 3\nlog_level = "info"\n')
    monkeypatch.setenv("INKDIGITS_THREADS", "all")
    assert sorted(wrong(file, model="")) == [
        "--model must not be empty.",
        "INKDIGITS_THREADS must be a positive whole number.",
        f"max_bach in {file} is not a setting: did you mean max_batch?",
        f"max_batch in {file} must be a positive whole number.",
    ]


@pytest.mark.parametrize("host", ["DYNO", "K_SERVICE"])
def test_corrections_are_not_lost_with_the_disk_of_a_host(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    kept = "postgres://somebody:secret@db/digits"
    monkeypatch.setenv(host, "web.1")
    assert configuration.load().feedback == ""
    assert configuration.load(feedback=kept).feedback == kept
    for place in ("feedback.db", "sqlite:///feedback.db"):
        (sentence,) = wrong(feedback=place)
        assert sentence.startswith("--feedback is a file, which a ")
        assert "PostgreSQL" in sentence
    (sentence,) = wrong(database="kept.db", store="metadata")
    assert sentence.startswith("--database is a file, which a ")
    monkeypatch.setenv("INKDIGITS_FEEDBACK_MAY_VANISH", "1")
    assert configuration.load(feedback="feedback.db").feedback_may_vanish is True
    monkeypatch.delenv(host)
    monkeypatch.delenv("INKDIGITS_FEEDBACK_MAY_VANISH")
    assert configuration.load(feedback="feedback.db").feedback == "feedback.db"


@pytest.mark.parametrize(
    ("given", "feedback", "place"),
    [
        ({}, "", ""),
        ({"database": "a.db"}, "", "a.db"),
        ({"feedback": "a.db"}, "a.db", "a.db"),  # as it was before there was `database`
        ({"feedback": "on", "database": "a.db"}, "on", "a.db"),
        ({"feedback": "TRUE", "database": "a.db"}, "on", "a.db"),
        ({"feedback": "off", "database": "a.db"}, "", "a.db"),
        ({"feedback": "a.db", "database": "a.db"}, "a.db", "a.db"),
        ({"feedback": "a.db", "store": "pictures"}, "a.db", "a.db"),
        ({"database": "a.db", "store": "metadata"}, "", "a.db"),
    ],
)
def test_one_place_for_all_that_is_kept(
    given: dict[str, str], feedback: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"INKDIGITS_{name.upper()}", value)
    found = configuration.load()
    assert (found.feedback, found.place) == (feedback, place)
    assert Settings.model_validate(found.model_dump()) == found  # as a worker gets them


def test_feedback_in_a_file_of_settings_may_be_a_switch(tmp_path: Path) -> None:
    file = tmp_path / "some.toml"
    file.write_text('feedback = true\ndatabase = "a.db"\n')
    assert configuration.load(file).feedback == "on"
    file.write_text("feedback = false\n")
    assert configuration.load(file).feedback == ""


def test_no_place_and_two_places_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKDIGITS_FEEDBACK", "on")
    (sentence,) = wrong()
    assert sentence.startswith("INKDIGITS_DATABASE must be set where feedback is on")
    monkeypatch.setenv("INKDIGITS_FEEDBACK", "b.db")
    (sentence,) = wrong(database="a.db")
    assert sentence == "--database and INKDIGITS_FEEDBACK name two places: give feedback=on."


def test_a_file_that_is_none_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "some.toml"
    assert "cannot be read: No such file" in wrong(file)[0]
    file.write_text("max_batch: 3")
    assert wrong(file)[0].startswith(f"{file} is not TOML: ")


def test_variables_of_other_things_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKDIGITS_DATA", "somewhere")
    monkeypatch.setenv("INKDIGITS_CHROMIUM", "chromium")
    assert configuration.load() == Settings()


def test_changes_are_checked_too() -> None:
    assert Settings().but(max_batch=2) == Settings(max_batch=2)
    with pytest.raises(ValueError, match="max_batch"):
        Settings().but(max_batch=0)


def test_the_list_and_the_docs_have_every_setting() -> None:
    rows = configuration.rows()
    assert [row.name for row in rows] == list(Settings.model_fields)
    assert all(row.description.endswith((".", ".)")) for row in rows)
    table = re.findall(r"^\| `(INKDIGITS_\w+)` \| (.*?) \| (.*?) \|$", DOCS.read_text(), re.M)
    assert table == [(row.variable, row.default, row.description) for row in rows]


def test_serve_lists_them() -> None:
    done = CliRunner().invoke(cli, ["serve", "--help-settings"])
    assert done.exit_code == 0
    assert all(row.variable in done.output for row in configuration.rows())
    assert "INKDIGITS_MAX_BODY  [5 MiB]\n    Bytes of a request's body" in done.output


def test_serve_says_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "some.toml"
    file.write_text("max_batch = 0\nthreads = 0\n")
    command = [sys.executable, "-m", "inkdigits", "serve", "--config", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    assert done.stderr.count("must be a positive whole number.") == 2
