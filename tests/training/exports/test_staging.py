from __future__ import annotations

from pathlib import Path

import pytest

from inkdigits import InkdigitsError
from inkdigits.training.exports.staging import Stage, staged


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source" / "m.keras"
    path.parent.mkdir()
    path.write_text("weights", encoding="utf-8")
    return path


def test_drafts_appear_at_the_end_and_replace_what_was_there(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "a" / "out"
    for content in ("old", "new"):
        with staged(out, source) as stage:
            stage.draft("m.onnx").write_text(content, encoding="utf-8")
            folder = stage.draft("m_savedmodel")
            folder.mkdir()
            (folder / "saved_model.pb").write_text(content, encoding="utf-8")
            (folder / content).touch()
            (stage.scratch / "leftover").touch()
            if content == "new":
                assert (out / "m.onnx").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in out.iterdir()) == ["m.onnx", "m_savedmodel"]
    assert (out / "m.onnx").read_text(encoding="utf-8") == "new"
    assert sorted(path.name for path in (out / "m_savedmodel").iterdir()) == [
        "new",
        "saved_model.pb",
    ]


def test_nothing_is_left_of_what_failed(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(ValueError, match="seven"), staged(out, source) as stage:
        _draft_and_fail(stage)
    assert not out.exists()
    out.mkdir()
    with pytest.raises(ValueError, match="seven"), staged(out, source) as stage:
        _draft_and_fail(stage)
    assert list(out.iterdir()) == []  # a folder that was there stays


def _draft_and_fail(stage: Stage) -> None:
    stage.draft("m.onnx").touch()
    raise ValueError("seven")


def test_the_source_is_not_replaced(source: Path) -> None:
    with (
        pytest.raises(InkdigitsError, match="is the very file to export: choose another --out"),
        staged(source.parent, source) as stage,
    ):
        stage.draft("m.keras")


def test_a_folder_of_other_things_is_not_replaced(source: Path, tmp_path: Path) -> None:
    (tmp_path / "m_savedmodel").mkdir()
    (tmp_path / "m_savedmodel" / "diary").touch()
    with (
        pytest.raises(InkdigitsError, match="a folder with other things in it"),
        staged(tmp_path, source) as stage,
    ):
        stage.draft("m_savedmodel")
    assert (tmp_path / "m_savedmodel" / "diary").exists()


def test_a_full_disk_is_said(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with (
        pytest.raises(InkdigitsError, match=r"out cannot be written \(No space left on device\)"),
        staged(out, source),
    ):
        raise OSError(28, "No space left on device")
    assert not out.exists()


def test_too_little_space_is_said_beforehand(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with (
        pytest.raises(InkdigitsError, match=r"\(No space left on device: it takes 4,611,686,018,"),
        staged(out, source, needed=2**62),
    ):
        pytest.fail("it began")
    assert not out.exists()


def test_a_file_in_the_folders_place_is_said(source: Path) -> None:
    with (
        pytest.raises(InkdigitsError, match=r"Nothing was exported: .* \(Not a directory\)"),
        staged(source / "out", source),
    ):
        pass
