"""A submission is on disk whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from inkdigits.data import submission as subject
from inkdigits.errors import InkdigitsError


def test_it_is_as_kaggle_wants_it() -> None:
    assert subject.submission(np.array([2, 0, 9])) == "ImageId,Label\n1,2\n2,0\n3,9\n"


def test_probabilities_go_with_the_same_number() -> None:
    table = np.zeros((2, 10), np.float32)
    table[0, 3], table[1, 9] = 1, 0.25
    lines = subject.probability_table(table).splitlines()
    assert lines[0] == "ImageId,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9"
    assert lines[1] == "1" + ",0.000000" * 3 + ",1.000000" + ",0.000000" * 6
    assert lines[2].startswith("2,")
    assert lines[2].endswith(",0.250000")
    assert len(lines) == 3


def test_a_target_that_will_not_do_is_refused(tmp_path: Path) -> None:
    there = tmp_path / "there.csv"
    there.write_text("old")
    link = tmp_path / "link.csv"
    link.symlink_to(there)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    subject.check_target(tmp_path / "new.csv")
    subject.check_target(there, force=True)
    for path, words in (
        (tmp_path, "is a folder: give the name"),
        (tmp_path / "no" / "new.csv", f"there is no folder {tmp_path / 'no'}: make it first"),
        (there / "new.csv", "there is no folder"),
        (there, "exists: choose another name, or overwrite it with --force"),
    ):
        with pytest.raises(InkdigitsError, match=words):
            subject.check_target(path)
    with pytest.raises(InkdigitsError, match="not an ordinary file"):
        subject.check_target(pipe, force=True)
    with pytest.raises(InkdigitsError, match="is the file to read from"):
        subject.check_target(link, sources=[there], force=True)


def test_files_are_replaced_and_links_kept(tmp_path: Path) -> None:
    old, link, new = tmp_path / "old.csv", tmp_path / "link.csv", tmp_path / "new.csv"
    old.write_text("old")
    link.symlink_to(old)
    subject.write_all({link: "a\n", new: "b\n"})
    assert (old.read_bytes(), new.read_bytes()) == (b"a\n", b"b\n")
    assert link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.csv", "new.csv", "old.csv"]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, other = tmp_path / "old.csv", tmp_path / "other.csv"
    old.write_text("old")
    write = Path.write_text

    def full(path: Path, text: str, **how: str) -> int:
        write(path, text[: len(text) // 2], **how)
        if "other" in path.name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return len(text)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(InkdigitsError, match=r"other\.csv could not be written: No space left"):
        subject.write_all({old: "new", other: "new"})
    assert old.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["old.csv"]
