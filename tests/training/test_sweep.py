from __future__ import annotations

import math
from pathlib import Path

import pytest

from inkdigits.errors import InkdigitsError
from inkdigits.training import sweep
from inkdigits.training.jobs import options


def plan(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_lists_multiply_and_seeds_share_a_group(tmp_path: Path) -> None:
    runs = sweep.read(
        plan(
            tmp_path,
            """
            epochs = 3
            seed = [0, 1]
            [runs.bent]
            network = "standard"
            elastic = [0.3, 0.6]
            label-smoothing = 0.1
            [runs.nano]
            epochs = 4
            """,
        )
    )
    assert [run.name for run in runs] == [
        "bent-0.3-0",
        "bent-0.3-1",
        "bent-0.6-0",
        "bent-0.6-1",
        "nano-0",
        "nano-1",
    ]
    assert runs[3].group == "bent-0.6"
    assert runs[3].settings == {
        "network": "standard",
        "epochs": 3,
        "elastic": 0.6,
        "label_smoothing": 0.1,
        "seed": 1,
    }
    assert runs[4].settings == {"network": "nano", "epochs": 4, "seed": 0}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("epochs = ", "is not TOML"),
        ("epochs = 3", r"add a table \[runs.NAME\]"),
        ("[runs]\nplain = 3", "is not a table"),
        ("[runs.a]\nepoch = 3", "no setting 'epoch'"),
        ("[runs.a]\nepochs = '3'", "epochs of runs.a cannot be '3'"),
        ("[runs.a]\nepochs = true", "cannot be True"),
        ("[runs.a]\naugment = 1", "cannot be 1"),
    ],
)
def test_a_wrong_plan_is_told_what_is_wrong(text: str, word: str, tmp_path: Path) -> None:
    with pytest.raises(InkdigitsError, match=word):
        sweep.read(plan(tmp_path, text))


def test_a_missing_plan_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(InkdigitsError, match="cannot be read"):
        sweep.read(tmp_path / "none.toml")


def test_settings_become_options_of_train(tmp_path: Path) -> None:
    (run,) = sweep.read(
        plan(tmp_path, "[runs.a]\nnetwork = 'nano'\naugment = false\nweight-decay = 0.1\nseed = 7")
    )
    told = ["nano", "--weight-decay", "0.1", "--no-augment", "--seed", "7"]
    assert options(run) == told


def test_results_are_kept_and_found_by_their_settings(tmp_path: Path) -> None:
    results = sweep.Results(tmp_path)
    run = sweep.Planned("a", {"network": "nano", "seed": 1})
    results.add(run, {"val_accuracy": 0.5})
    again = sweep.Results(tmp_path)
    found = again.of(run)
    assert found is not None
    assert found["val_accuracy"] == 0.5
    assert again.of(sweep.Planned("a", {"network": "nano", "seed": 1, "epochs": 2})) is None


def test_a_later_row_of_a_run_takes_the_place_of_an_earlier(tmp_path: Path) -> None:
    results = sweep.Results(tmp_path)
    run = sweep.Planned("a", {"seed": 1})
    results.add(run, {"val_accuracy": 0.5})
    results.add(run, {"val_accuracy": 0.5, "test_accuracy": 0.6})
    found = sweep.Results(tmp_path).of(run)
    assert found is not None
    assert found["test_accuracy"] == 0.6


def test_damaged_results_are_said_to_be(tmp_path: Path) -> None:
    (tmp_path / sweep.RESULTS).write_text("{", encoding="utf-8")
    with pytest.raises(InkdigitsError, match="broken line"):
        sweep.Results(tmp_path)


def row(group: str, seed: int, validation: float, loss: float, **more: float) -> dict[str, object]:
    return {
        "name": f"{group}-{seed}",
        "group": group,
        "val_accuracy": validation,
        "val_loss": loss,
        **more,
    }


def test_a_summary_has_mean_spread_and_the_best_on_validation() -> None:
    rows = [
        row("a", 0, 0.90, 0.3, test_accuracy=0.95),
        row("b", 0, 0.80, 0.3),
        row("a", 1, 0.92, 0.2, test_accuracy=0.91),
        row("a", 2, 0.92, 0.1, test_accuracy=0.93),
    ]
    first, second = sweep.summarise(rows)
    assert (first.group, first.count, first.best) == ("a", 3, "a-2")
    assert first.validation == pytest.approx(0.913333, abs=1e-6)
    assert first.validation_spread == pytest.approx(0.011547, abs=1e-6)
    assert first.test == pytest.approx(0.93)
    assert first.test_spread == pytest.approx(0.02)
    assert second.test is None
    assert math.isnan(second.validation_spread)


def test_a_test_mean_needs_all_runs_tested() -> None:
    (it,) = sweep.summarise([row("a", 0, 0.9, 0.3, test_accuracy=0.95), row("a", 1, 0.9, 0.3)])
    assert it.test is None
