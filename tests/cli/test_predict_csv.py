from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from inkdigits import DataError, InkdigitsError, Recognizer
from inkdigits.cli import cli
from inkdigits.cli.predict_csv import ROWS
from inkdigits.data.digits import Digits
from inkdigits.data.mnist import Mnist
from tests.cli.conftest import Run

HEADER = ",".join(f"pixel{number}" for number in range(784))


def write(path: Path, digits: Digits, *, labelled: bool = False) -> Path:
    """A CSV as Kaggle's Digit Recognizer has it."""
    table = digits.images.reshape(len(digits), -1)
    if labelled:
        table = np.column_stack([digits.truth, table])
    head = f"label,{HEADER}" if labelled else HEADER
    np.savetxt(path, table, "%d", ",", header=head, comments="")
    return path


@pytest.fixture
def some(make_digits: Callable[..., Digits]) -> Digits:
    """Made-up digits, in more than one block."""
    return make_digits(2 * ROWS + 3)


def expected(digits: Digits, shifts: int = 0) -> str:
    read = Recognizer.load(shifts=shifts).predict(digits.images)
    return "ImageId,Label\n" + "".join(f"{n},{digit}\n" for n, digit in enumerate(read, 1))


def test_the_submission_is_what_the_recogniser_reads(
    run: Run, some: Digits, tmp_path: Path
) -> None:
    source, out = write(tmp_path / "test.csv", some), tmp_path / "submission.csv"
    result = run("predict-csv", source, "-o", out)
    assert result.exit_code == 0
    assert out.read_bytes().decode() == expected(some)
    assert result.stdout == ""
    assert f"read {len(some)} digits" in result.stderr
    assert f"the submission is {out}" in result.stderr
    assert "Accuracy" not in result.stderr


def test_labels_give_the_accuracy(run: Run, some: Digits, tmp_path: Path) -> None:
    read = Recognizer.load().predict(some.images).astype(np.uint8)
    labels = read.copy()
    labels[:13] = (labels[:13] + 1) % 10
    source = write(tmp_path / "train.csv", Digits(some.images, labels), labelled=True)
    result = run("predict-csv", source, "-o", tmp_path / "out.csv", "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert (answer["rows"], answer["wrong"]) == (len(some), 13)
    assert answer["accuracy"] == 1 - 13 / len(some)
    assert answer["counts"] == np.bincount(read, minlength=10).tolist()
    assert answer["model"]["name"] == "standard"
    assert answer["probabilities"] is None
    result = run("predict-csv", source, "-o", "-")
    assert result.stdout == expected(some)
    assert f"Accuracy: {answer['accuracy']:.2%} (13 of {len(some)} are not" in result.stderr


def test_standard_streams(some: Digits, tmp_path: Path) -> None:
    source = write(tmp_path / "test.csv", some)
    with source.open("rb") as file:
        result = CliRunner().invoke(cli, ["predict-csv", "-", "-o", "-"], input=file)
    assert result.exit_code == 0
    assert result.stdout == expected(some)
    result = CliRunner().invoke(cli, ["predict-csv", "-", "-o", "-"], input=b"")
    assert str(result.exception) == "The standard input is empty."
    assert result.stdout == ""


def test_probabilities_go_to_their_own_file(run: Run, some: Digits, tmp_path: Path) -> None:
    source, table = write(tmp_path / "test.csv", some), tmp_path / "p.csv"
    result = run("predict-csv", source, "-o", tmp_path / "out.csv", "--probabilities", table)
    assert result.exit_code == 0
    assert f"the probabilities {table}" in result.stderr
    written = np.loadtxt(table, delimiter=",", skiprows=1)
    np.testing.assert_array_equal(written[:, 0], np.arange(1, len(some) + 1))
    np.testing.assert_allclose(
        written[:, 1:], Recognizer.load().predict_proba(some.images), atol=1e-6
    )


def test_shifts_are_used_and_said(run: Run, some: Digits, tmp_path: Path) -> None:
    part = some[:10]
    source, table = write(tmp_path / "test.csv", part), tmp_path / "p.csv"
    args = ("predict-csv", source, "-o", "-", "--probabilities", table, "--shifts", 1)
    result = run(*args)
    assert result.exit_code == 0, result.output
    assert result.stdout == expected(part, shifts=1)
    assert f"{Recognizer.load().version}+shifts1 read 10 digits" in result.stderr
    written = np.loadtxt(table, delimiter=",", skiprows=1)[:, 1:]
    shifted = Recognizer.load(shifts=1).predict_proba(part.images)
    np.testing.assert_allclose(written, shifted, atol=1e-6)
    assert not np.allclose(written, Recognizer.load().predict_proba(part.images), atol=1e-3)


def test_a_bad_row_anywhere_leaves_nothing(run: Run, some: Digits, tmp_path: Path) -> None:
    source, out = write(tmp_path / "test.csv", some), tmp_path / "out.csv"
    lines = source.read_text().splitlines()
    lines[2], lines[-1] = lines[2] + ",0", "x" + lines[-1]
    source.write_text("\n".join(lines))
    for target in (out, "-"):
        result = run("predict-csv", source, "-o", target)
        assert result.exit_code == 1
        assert isinstance(result.exception, DataError)
        assert "has 2 bad rows" in str(result.exception)
        assert "line 3 has 785 columns; 784 are expected" in str(result.exception)
        assert f"line {len(lines)}: 'x0' is not a whole" in str(result.exception)
        assert result.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["test.csv"]


def test_what_is_there_is_kept_unless_forced(run: Run, some: Digits, tmp_path: Path) -> None:
    source, out = write(tmp_path / "test.csv", some[:3]), tmp_path / "out.csv"
    out.write_text("precious")
    for extra in ((), ("--probabilities", out)):
        target = out if not extra else tmp_path / "new.csv"
        result = run("predict-csv", source, "-o", target, *extra)
        assert isinstance(result.exception, InkdigitsError)
        assert "--force" in str(result.exception)
    assert out.read_text() == "precious"
    assert run("predict-csv", source, "-o", out, "--force").exit_code == 0
    assert out.read_text() == expected(some[:3])
    result = run("predict-csv", source, "-o", source, "--force")
    assert "is the file to read from" in str(result.exception)


def test_files_that_cannot_be(run: Run, some: Digits, tmp_path: Path) -> None:
    source = write(tmp_path / "test.csv", some[:3])
    for args, words in (
        ((tmp_path / "absent.csv",), "absent.csv could not be read: No such file"),
        ((tmp_path,), "could not be read: Is a directory"),
        ((source, "-o", tmp_path), "is a folder"),
        ((source, "-o", tmp_path / "no" / "out.csv"), "there is no folder"),
        ((source, "--model", "nope"), "There is no model named 'nope'"),
    ):
        result = run("predict-csv", "-o", tmp_path / "new.csv", *args)
        assert result.exit_code == 1
        assert isinstance(result.exception, InkdigitsError), result.exception
        assert words in str(result.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["test.csv"]


@pytest.mark.parametrize(
    "args",
    [
        *((), ("a.csv", "-o", "-", "--json"), ("a.csv", "--nope")),
        *(("a.csv", "--probabilities", "-"), ("a.csv", "--shifts", "4")),
    ],
)
def test_wrong_calls_exit_with_2(run: Run, args: tuple[str, ...]) -> None:
    assert run("predict-csv", *args).exit_code == 2


def command(*args: object) -> list[str]:
    return [sys.executable, "-m", "inkdigits", "predict-csv", *map(str, args)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_standard_output_is_one_sentence(some: Digits, tmp_path: Path) -> None:
    source = write(tmp_path / "test.csv", some[:3])
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command(source, "-o", "-"), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    words = "inkdigits: The standard output could not be written: No space left on device.\n"
    assert done.stderr == words


def test_a_terminal_sees_how_far_it_is(some: Digits, tmp_path: Path) -> None:
    source = write(tmp_path / "test.csv", some)
    ours, its = pty.openpty()
    done = subprocess.run(
        command(source, "-o", tmp_path / "out.csv"),
        stderr=its,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "80"},
        check=False,
    )
    os.close(its)
    said = b""
    with open(ours, "rb", buffering=0) as screen:  # noqa: PTH123 - a descriptor
        try:
            while piece := screen.read(4096):
                said += piece
        except OSError:  # Linux's word for the end of a terminal
            pass
    assert done.returncode == 0, said
    assert f"{len(some)} rows".encode() in said
    assert b"the submission is" in said


@pytest.mark.data
def test_real_digits_as_kaggle_gives_them(run: Run, mnist: Mnist, tmp_path: Path) -> None:
    part = mnist.validation[:500]
    source, out = write(tmp_path / "train.csv", part, labelled=True), tmp_path / "out.csv"
    result = run("predict-csv", source, "-o", out, "--json")
    read = np.loadtxt(out, int, delimiter=",", skiprows=1)
    np.testing.assert_array_equal(read[:, 0], np.arange(1, 501))
    right = float((read[:, 1] == part.truth).mean())
    assert json.loads(result.stdout)["accuracy"] == pytest.approx(right)
    assert right > 0.98
