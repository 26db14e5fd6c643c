from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inkdigits import DataError, InkdigitsError, ModelError, Recognizer
from inkdigits.data.mnist import Mnist
from inkdigits.model import Model
from tests.training import linear, tiny

pytestmark = pytest.mark.keras


def _assemble(*args: Any, **kwargs: Any) -> Any:
    from inkdigits.training.exports.assembly import assemble

    return assemble(*args, **kwargs)


@pytest.fixture
def given(tmp_path: Path) -> list[str]:
    """Two readers, weak for different reasons: with 36 and 20 errors of 40, and 15 together."""
    folder = tmp_path / "members"
    folder.mkdir()
    return [str(linear.saved(folder / f"{it}.onnx", it, noise=0.4)) for it in (1, 2)]


def test_the_files_are_what_the_report_says(
    given: list[str], made_up: Mnist, tmp_path: Path
) -> None:
    told: list[str] = []
    out = tmp_path / "out"
    report = _assemble(given, out, data=made_up, name="both", version="7", tell=told.append)
    assert told == [*given, "both.onnx"]
    assert {it.name for it in out.iterdir()} == {"both.onnx", "both.json"}
    assert (report.path, report.card) == (out / "both.onnx", out / "both.json")
    assert report.bytes == report.path.stat().st_size
    model = Model.load(report.path)
    assert (model.info.name, model.info.version) == ("both", "7")
    assert model.info.temperature == report.calibration.temperature
    assert model.info.energy_threshold == report.calibration.energy_threshold
    assert model.info.coverage == report.calibration.coverage
    assert [level for level, _ in model.info.coverage] == [0.9, 0.95]  # 40 can promise no more
    x = (made_up.validation.images[..., None] / 255).astype(np.float32)
    mean = (Model.load(given[0]).logits(x) + Model.load(given[1]).logits(x)) / 2
    assert np.abs(model.logits(x) - mean).max() == pytest.approx(report.max_difference, abs=1e-5)
    assert [it.errors for it in report.candidates] == [36, 20]
    accuracy = 1 - 15 / 40
    assert report.calibration.accuracy == accuracy
    read = Recognizer.load(report.path).predict(made_up.validation.images)
    assert (read == mean.argmax(axis=1)).all()


def test_the_card_tells_of_the_members(given: list[str], made_up: Mnist, tmp_path: Path) -> None:
    first = Model.load(given[0])
    x = (made_up.validation.images[..., None] / 255).astype(np.float32)
    about = {
        "sha256": first.info.sha256,
        "golden": {"image": "AAAA" * 261 + "AA==", "logits": [0] * 10},
        "recipe": {"network": "linear", "seed": 11},
        "parameters": 7840,
    }
    Path(given[0]).with_suffix(".json").write_text(json.dumps(about), encoding="utf-8")
    report = _assemble(given, tmp_path / "out", data=made_up)
    card = json.loads(report.card.read_text(encoding="utf-8"))
    one, two = card["members"]
    assert (one["name"], one["recipe"], two["recipe"]) == ("linear1", about["recipe"], None)
    assert one["sha256"] == first.info.sha256
    right = (first.logits(x).argmax(axis=1) == made_up.validation.truth).mean()
    assert one["validation_accuracy"] == pytest.approx(right)
    assert card["parameters"] is None  # one card does not tell
    assert card["sha256"] == Model.load(report.path).info.sha256
    assert card["chosen"] is None
    assert (card["agreement"]["checked"], card["split"]["validation"]) == (40, 40)
    assert "tolerance" not in card["golden"]
    assert str(tmp_path) not in report.card.read_text(encoding="utf-8")


def test_only_what_helps_is_taken(given: list[str], made_up: Mnist, tmp_path: Path) -> None:
    bad = linear.saved(tmp_path / "bad.onnx", 9, skill=-3)
    report = _assemble([str(bad), *given], tmp_path / "out", data=made_up, most=3)
    places = [it.place for it in report.candidates]
    assert places[0] is None
    assert sorted(it for it in places if it) == [1, 2]
    card = json.loads(report.card.read_text(encoding="utf-8"))
    taken = sorted((it.place, it.member.model.info.sha256) for it in report.candidates[1:])
    assert [it["sha256"] for it in card["members"]] == [sha for _, sha in taken]
    assert (card["chosen"]["of"], card["chosen"]["most"]) == (3, 3)
    json.dumps(report.to_dict())
    assert report.to_dict()["candidates"][0]["place"] is None


def test_a_best_member_whom_none_helps_is_left_alone(made_up: Mnist, tmp_path: Path) -> None:
    good = linear.saved(tmp_path / "good.onnx", 1, skill=20)
    bad = linear.saved(tmp_path / "bad.onnx", 2, skill=-20)
    with pytest.raises(ModelError, match=r"No other member makes .*good\.onnx read better"):
        _assemble([str(bad), str(good)], tmp_path / "out", data=made_up, most=2)
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, made_up: Mnist) -> Path:
    """A trained network as float32, float16 and int8, with its cards."""
    from inkdigits.training.exports.export import export
    from inkdigits.training.exports.targets import Target

    folder = tmp_path_factory.mktemp("exported")
    targets = [Target("onnx"), Target("onnx", "float16"), Target("onnx", "int8")]
    export(tiny.saved(made_up.train, folder), targets, data=made_up)
    return folder


def test_exports_of_all_widths_join(exported: Path, made_up: Mnist, tmp_path: Path) -> None:
    names = ("tiny.onnx", "tiny-float16.onnx", "tiny-int8.onnx")
    report = _assemble([str(exported / it) for it in names], tmp_path, data=made_up)
    assert report.calibration.accuracy == 1
    assert report.max_difference < 1e-4
    card = json.loads(report.card.read_text(encoding="utf-8"))
    single = json.loads((exported / "tiny.json").read_text(encoding="utf-8"))
    assert [it["quantisation"] for it in card["members"]] == [None, "float16", "int8"]
    assert card["parameters"] == 3 * single["parameters"]
    assert card["golden"]["tolerance"] > 0.01  # one of them rounds
    assert set(single) - set(card) == {"recipe", "backend", "keras", "quantisation"}
    Model.load(report.path)


def test_a_keras_file_and_a_run_are_pointed_to_export(
    given: list[str], exported: Path, made_up: Mnist, tmp_path: Path
) -> None:
    for other, kind in ((exported / "tiny.keras", "a Keras file"), (exported, "a folder")):
        with pytest.raises(ModelError) as refusal:
            _assemble([*given, str(other)], tmp_path / "out", data=made_up)
        assert str(refusal.value) == (
            f"{other} is {kind}, and an ensemble is made of ONNX files: "
            f"run `inkdigits export {other} --to onnx` first."
        )


def test_a_file_that_differs_from_its_members_is_not_kept(
    given: list[str], made_up: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inkdigits.training.exports import assembly
    from inkdigits.training.exports.ensemble import merge
    from inkdigits.training.exports.members import Member

    other = linear.saved(tmp_path / "other.onnx", 3)

    def wrong(members: Any) -> Any:
        return merge([members[0], Member.load(str(other))])

    monkeypatch.setattr(assembly, "merge", wrong)
    with pytest.raises(ModelError, match=r"logits differ by up to .* nothing was written"):
        _assemble(given, tmp_path / "out", data=made_up)
    assert not (tmp_path / "out").exists()


def test_a_member_is_not_replaced(given: list[str], made_up: Mnist, tmp_path: Path) -> None:
    before = Path(given[1]).read_bytes()
    with pytest.raises(InkdigitsError, match=r"2\.onnx is the very file to export: choose another"):
        _assemble(given, Path(given[1]).parent, data=made_up, name="2")
    assert Path(given[1]).read_bytes() == before
    assert not Path(given[1]).with_suffix(".json").exists()


def test_a_name_that_is_a_path_is_refused(given: list[str], made_up: Mnist, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot name a model"):
        _assemble(given, tmp_path, data=made_up, name="../m")


def test_without_validation_images_there_is_no_ensemble(
    given: list[str], made_up: Mnist, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="160 images are too few to choose by"):
        _assemble(given, tmp_path, data=Mnist(made_up.train, made_up.validation[:0], made_up.test))


def test_a_damaged_ensemble_is_noticed(given: list[str], made_up: Mnist, tmp_path: Path) -> None:
    report = _assemble(given, tmp_path / "out", data=made_up)
    shutil.copy(given[0], report.path)
    with pytest.raises(ModelError, match="SHA-256 differs"):
        Model.load(report.path)
