"""CSV: both layouts come back, and damage is always a DataError that names the line."""

from __future__ import annotations

import gzip
import io
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from inkdigits.data.kaggle import _table, blocks, read_csv
from inkdigits.errors import DataError

HEADERS = {
    "recognizer": [f"pixel{i}" for i in range(784)],
    "in csv": [f"{row}x{column}" for row in range(1, 29) for column in range(1, 29)],
    "none": [],
}
IMAGES = hnp.arrays(np.uint8, st.tuples(st.integers(1, 3), st.just(784)), fill=st.just(0))


def csv_text(images: NDArray[np.uint8], labels: list[int] | None, header: list[str]) -> str:
    lines = []
    if header:
        lines.append(",".join([*(["label"] if labels is not None else []), *header]))
    for number, image in enumerate(images):
        first = [] if labels is None else [labels[number]]
        lines.append(",".join(map(str, [*first, *image])))
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("csv") / "train.csv"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    images=IMAGES,
    layout=st.sampled_from(sorted(HEADERS)),
    labelled=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
    mark=st.booleans(),
    data=st.data(),
)
def test_round_trip(
    path: Path,
    images: NDArray[np.uint8],
    layout: str,
    labelled: bool,
    end: str,
    mark: bool,
    data: st.DataObject,
) -> None:
    labels = [data.draw(st.integers(0, 9)) for _ in images] if labelled else None
    text = csv_text(images, labels, HEADERS[layout]).replace("\n", end)
    path.write_bytes(text.encode("utf-8-sig" if mark else "utf-8"))
    digits = read_csv(path)
    np.testing.assert_array_equal(digits.images.reshape(-1, 784), images)
    assert digits.images.dtype == np.uint8
    assert (None if digits.labels is None else digits.labels.tolist()) == labels


@settings(max_examples=60, deadline=None)
@given(
    cell=st.text(max_size=6)
    | st.sampled_from(["256", "-1", "1.0", "nan", "", "²", "٣", "0x1", "#", '"1"', "9" * 5000]),
    row=st.integers(0, 2),
    column=st.integers(0, 784),
)
def test_one_bad_cell(path: Path, cell: str, row: int, column: int) -> None:
    table = [["0"] * 785 for _ in range(3)]
    table[row][column] = cell
    path.write_text("\n".join(map(",".join, table)), encoding="utf-8", errors="replace")
    try:
        digits = read_csv(path)
    except DataError:
        return
    # accepted: then it was a number; no single cell makes line 1 a header
    assert len(digits) == 3
    value = digits.truth[row] if column == 0 else digits.images.reshape(3, -1)[row, column - 1]
    assert int(value) == int(cell.strip())


@settings(deadline=None)
@given(raw=st.binary(max_size=200))
def test_noise(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)
    with pytest.raises(DataError, match=r"train\.csv"):
        read_csv(path)


@settings(max_examples=30, deadline=None)
@given(cut=st.integers(0, 785 * 2 * 3 - 3))
def test_cut_short(path: Path, cut: int) -> None:
    path.write_text("\n".join([",".join(["7"] * 785)] * 3)[:cut])
    with suppress(DataError):
        assert len(read_csv(path)) == (cut + 1) // (785 * 2)


ONES = ",".join(["1"] * 785)
PIXELS = ",".join(HEADERS["recognizer"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", r"train\.csv is empty\.$"),
        (" \n\n", "is empty"),
        ("a,b,c\n1,2,3\n", "line 1 has 3 columns; 784 or 785"),
        (f"label,{PIXELS}\n", "has no rows"),
        (f"{ONES}\n" + ",".join(["1"] * 780), "line 2 has 780 columns; 785 are expected.$"),
        (f"{ONES}\n\n" + ",".join(["300"] * 785), "line 3: '300' is not a whole"),
        (f"{ONES}\n\n" + ",".join(["10"] * 785), "line 3: the label must be 0 to 9.$"),
        (",".join(["1"] * 784 + ["\U00069db2"]), "line 1: .* is not a whole"),
        (ONES.replace(",", ";"), "line 1 has semicolons between"),
        (ONES.replace(",", "\t"), "line 1 has tabs between"),
        ("label," + PIXELS.rpartition(",")[0], "line 1 has a label and 783 pixels"),
        (f",{PIXELS}\n0,{ONES[2:]}", "line 1 names the first of its 785 columns ''"),
        (f"{PIXELS},class\n{ONES}", "line 1 names the first of its 785 columns 'pixel0'"),
        ("1" * 70_000, "line 1 is too long"),
        (f"{PIXELS}\n" + ",".join(["255"] * 784), "dark ink on a light ground"),
    ],
)
def test_messages(path: Path, text: str, words: str) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=words):
        read_csv(path)


def test_other_files_are_told_by_what_they_are(path: Path) -> None:
    path.write_bytes(gzip.compress(b"pixel0"))
    with pytest.raises(DataError, match=r"train\.csv is a gzip file: unpack it first"):
        read_csv(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("train.csv", "pixel0")
    with pytest.raises(DataError, match=r"train\.csv is a ZIP archive: unpack it first"):
        read_csv(path)
    for raw in (ONES.encode("utf-16"), ONES.encode("utf-16-le"), "\xe9tiquette".encode("latin-1")):
        path.write_bytes(raw)
        with pytest.raises(DataError, match="not UTF-8 text"):
            read_csv(path)
    with pytest.raises(DataError, match=r"could not be read: Is a directory"):
        read_csv(path.parent)


def test_all_bad_rows_are_named_up_to_ten(path: Path) -> None:
    rows = [ONES] * 3000
    for line in (3, 1500, 2999):
        rows[line - 1] = ONES + ",1"
    path.write_text("\n".join(rows))
    with pytest.raises(DataError) as caught:
        read_csv(path)
    assert str(caught.value) == f"{path} has 3 bad rows:\n" + "\n".join(
        f"  line {line} has 786 columns; 785 are expected" for line in (3, 1500, 2999)
    )
    path.write_text("\n".join([ONES, *["1,x"] * 1234]))
    with pytest.raises(DataError) as caught:
        read_csv(path)
    lines = str(caught.value).splitlines()
    assert lines[0].endswith("has 1,234 bad rows:")
    assert lines[10] == "  line 11 has 2 columns; 785 are expected"
    assert lines[11:] == ["  and 1,224 more"]


def test_a_bad_byte_in_the_middle_is_named_by_its_line(path: Path) -> None:
    path.write_bytes(f"{ONES}\n{ONES}".encode() + b"\xff\n" + ONES.encode())
    with pytest.raises(DataError, match=r"line 2: .* is not a whole number"):
        read_csv(path)


def test_blocks_give_every_row_once_and_stop_at_a_bad_one() -> None:
    rows = [",".join([str(n % 10), str(n), *["0"] * 783]) for n in range(10)]
    given = list(blocks(io.StringIO("\n".join(rows)), "x", size=4))
    assert [len(block) for block in given] == [4, 4, 2]
    assert [int(v) for block in given for v in block.images[:, 0, 0]] == list(range(10))
    assert [int(v) for block in given for v in block.truth] == list(range(10))
    rows[5] = "bad"
    reading = blocks(io.StringIO("\n".join(rows)), "x", size=4)
    assert len(next(reading)) == 4
    with pytest.raises(DataError, match="x line 6 has 1 columns"):
        next(reading)


@pytest.mark.parametrize(
    "header",
    [",".join(f'"{name}"' for name in HEADERS["recognizer"]), ",".join(map(str, range(784)))],
)
def test_other_headers_are_known(path: Path, header: str) -> None:
    path.write_text(f"{header}\n" + ",".join(["7"] * 784))
    digits = read_csv(path)
    assert digits.labels is None
    assert digits.images.tolist() == [[[7] * 28] * 28]


def test_no_row_with_other_characters_reaches_numpy() -> None:
    # its reader takes some of them, not the same in each process, for digits
    row = ["1"] * 784
    assert _table([",".join(row)], 784) is not None
    for cell in ("²", "٣", "\U00069db2"):
        assert _table([",".join([cell, *row[1:]])], 784) is None


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="could not be read") as caught:
        read_csv(tmp_path / "absent.csv")
    assert caught.value.code == "data-not-found"
