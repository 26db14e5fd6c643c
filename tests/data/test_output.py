"""A file is there whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from inkdigits.data import output as subject
from inkdigits.errors import InkdigitsError


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
    subject.write_all({link: b"a\n", new: b"b\n"})
    assert (old.read_bytes(), new.read_bytes()) == (b"a\n", b"b\n")
    assert link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.csv", "new.csv", "old.csv"]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, other = tmp_path / "old.csv", tmp_path / "other.csv"
    old.write_text("old")
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        write(path, content[: len(content) // 2])
        if "other" in path.name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return len(content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InkdigitsError, match=r"other\.csv could not be written: No space left"):
        subject.write_all({old: b"new", other: b"new"})
    assert old.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["old.csv"]
