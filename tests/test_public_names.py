"""The public names are all there, and cost nothing until they are asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import inkdigits


def test_each_public_name_is_the_one_of_its_home() -> None:
    from inkdigits import errors, recognizer, results, rules

    assert inkdigits.Recognizer is recognizer.Recognizer
    assert inkdigits.Prediction is results.Prediction
    assert inkdigits.Box is results.Box
    assert inkdigits.Number is results.Number
    assert inkdigits.Reading is results.Reading
    assert inkdigits.Rules is rules.Rules
    assert inkdigits.InkdigitsError is errors.InkdigitsError
    assert set(inkdigits.__all__) <= set(dir(inkdigits))


def test_an_unknown_name_is_the_usual_error() -> None:
    with pytest.raises(AttributeError, match="module 'inkdigits' has no attribute 'Recogniser'"):
        inkdigits.Recogniser  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'Recogniser'"):
        exec("from inkdigits import Recogniser")


def loaded(code: str) -> set[str]:
    """The packages that a fresh interpreter holds after it ran `code`."""
    code += "\nimport json, sys\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(done.stderr.splitlines()[-1])}


HELP = "from click.testing import CliRunner\nfrom inkdigits.cli import cli\n"


@pytest.mark.parametrize(
    "code", ["import inkdigits", HELP + "assert not CliRunner().invoke(cli, ['--help']).exit_code"]
)
def test_neither_the_import_nor_the_help_loads_the_pipeline(code: str) -> None:
    heavy = {"numpy", "cv2", "PIL", "onnxruntime", "rich", "fastapi"}
    assert loaded(code) & heavy == set()
    assert {"numpy", "onnxruntime"} <= loaded("from inkdigits import Recognizer")


def test_nobody_is_told_that_a_model_was_loaded(tmp_path: Path) -> None:
    # ONNX Runtime notes in this folder what it will report; on CI it would not, hence no CI here
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    code = "from inkdigits import Recognizer; Recognizer.load()"
    run = [sys.executable, "-c", code]
    subprocess.run(run, env={**kept, "HOME": str(tmp_path)}, check=True, capture_output=True)
    assert list(tmp_path.rglob("*")) == []
