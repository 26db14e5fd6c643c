"""A trained line reader -> its ONNX file and card.

In: a network of `network.line` and rows that it did not learn from. Out: `NAME.onnx`, `NAME.json`.
Temperature and threshold are found on those rows. Knows nothing of how it was trained.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
from numpy.typing import NDArray

from inkdigits import line, spelling
from inkdigits.data import output
from inkdigits.errors import InkdigitsError
from inkdigits.line import LineModel
from inkdigits.strip import HEIGHT
from inkdigits.training.exports import card
from inkdigits.training.exports.graph import OPSET, rename
from inkdigits.training.lines.composing import Rows

#: Temperatures that are tried; the share of accepted rows that shall be right, and the share of
#: rows of digits that may be refused for it at most.
TEMPERATURES = tuple(float(t) for t in np.geomspace(0.7, 3.0, 16))
RIGHT, REFUSED = 0.985, 0.15
#: How far the ONNX file's logits may be from the network's.
AGREEMENT = 2e-3


@dataclass(frozen=True)
class Calibration:
    """What was found on rows that were not learnt.

    Attributes:
        temperature: what to divide logits by.
        accept_threshold: the least probability of a text to act on.
        right: share of rows read right.
        refused: share of rows under the threshold.
        right_when_accepted: of the others.
    """

    temperature: float
    accept_threshold: float
    right: float
    refused: float
    right_when_accepted: float


def export(
    network: keras.Model,
    rows: Rows,
    folder: Path,
    *,
    name: str,
    version: str,
    about: dict[str, Any],
) -> Path:
    """Write `folder/name.onnx` and its card.

    Raises:
        InkdigitsError: the ONNX file does not answer as the network does.
    """
    proto = convert(network)
    logits = _logits(proto, network, rows)
    found = calibrate(logits, rows.texts)
    onnx.helper.set_model_props(
        proto,
        {
            "name": name,
            "version": version,
            "alphabet": line.ALPHABET,
            "temperature": repr(found.temperature),
            "accept_threshold": repr(found.accept_threshold),
            "licence": card.LICENCE,
        },
    )
    data = proto.SerializeToString(deterministic=True)
    golden = next(iter(rows))
    answer = _answer(network, golden.astype(np.float32) / np.float32(255))
    written = {
        "name": name,
        "version": version,
        "licence": card.LICENCE,
        "sha256": hashlib.sha256(data).hexdigest(),
        "parameters": network.count_params(),
        **about,
        "calibration": vars(found),
        "golden": {
            "strip": base64.b64encode(golden.tobytes()).decode(),
            "logits": np.round(answer, 4).tolist(),
        },
    }
    path = folder / f"{name}.onnx"
    text = json.dumps(written, indent=1) + "\n"
    output.write_all({path: data, path.with_suffix(".json"): text.encode()})
    LineModel.load(path)  # which checks the golden strip
    return path


def convert(network: keras.Model) -> onnx.ModelProto:
    """The network as ONNX: `strip` (N, 32, W, 1) to `logits` (N, T, 15)."""
    strip = keras.InputSpec(shape=(None, HEIGHT, None, 1), dtype="float32", name="strip")
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(scratch) / "line.onnx"
        network.export(
            path, format="onnx", verbose=False, opset_version=OPSET, input_signature=[strip]
        )
        proto = onnx.load(path)
    rename(proto, "strip", "line")
    onnx.checker.check_model(proto, full_check=True)
    return proto


def calibrate(logits: list[NDArray[np.float32]], texts: NDArray[np.str_]) -> Calibration:
    """Find the temperature of the least log loss of whole texts, then the threshold.

    Only rows of digits count, marks aside. The threshold is the least at which `RIGHT` of the rows
    above it are right, or that which refuses `REFUSED` of them, whichever is lower.
    """
    clean = [k for k, text in enumerate(texts) if "?" not in str(text)]
    truths = ["".join(filter(str.isdigit, str(texts[k]))) for k in clean]
    losses, answers = [], []
    for temperature in TEMPERATURES:
        read = [
            spelling.likeliest(spelling.places(spelling.shares(logits[k], temperature)))
            for k in clean
        ]
        sure = np.array([share for _, share in read])
        good = np.array([text == truth for (text, _), truth in zip(read, truths, strict=True)])
        chance = np.clip(np.where(good, sure, 1 - sure), 1e-6, 1)
        losses.append(float(-np.log(chance).mean()))
        answers.append((sure, good))
    best = int(np.argmin(losses))
    sure, good = answers[best]
    order = np.argsort(-sure)
    enough = np.flatnonzero(np.cumsum(good[order]) >= RIGHT * np.arange(1, len(order) + 1))
    last = max(enough[-1] if len(enough) else 0, int((1 - REFUSED) * (len(order) - 1)))
    threshold = float(sure[order][last])
    kept = sure >= threshold
    return Calibration(
        TEMPERATURES[best],
        round(threshold, 4),
        float(good.mean()),
        float(1 - kept.mean()),
        float(good[kept].mean()),
    )


def _logits(proto: onnx.ModelProto, network: keras.Model, rows: Rows) -> list[NDArray[np.float32]]:
    """What the file says of each row, after a look at whether the network says the same."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "line.onnx"
        onnx.save(proto, path)
        model = LineModel.load(path)
    strips = [strip.astype(np.float32) / np.float32(255) for strip in rows]
    answers = model.logits(strips)
    for strip, answer in list(zip(strips, answers, strict=True))[:20]:
        if np.abs(_answer(network, strip) - answer).max() > AGREEMENT:
            raise InkdigitsError("The ONNX file does not answer as the network does.")
    return answers


def _answer(network: keras.Model, strip: NDArray[np.float32]) -> NDArray[np.float32]:
    """The network's logits of a strip that is filled up as `LineModel` does it."""
    wide = strip.shape[1]
    padded = np.pad(strip, ((0, 0), (0, -wide % line.ALIGNED)))
    logits: NDArray[np.float32] = keras.ops.convert_to_numpy(network(padded[None, ..., None]))[0]
    return logits[: -(-wide // line.STRIDE)]
