"""An ensemble from the names of its members to its files.

In: ONNX digit readers of any size and quantisation, and the validation part. Out: `NAME.onnx` and
its card `NAME.json`, both or neither. Knows nothing of how the readers were trained or of the
command line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from inkdigits.data.mnist import Mnist
from inkdigits.errors import DataError, ModelError
from inkdigits.evaluation.metrics import Labels
from inkdigits.model import Model
from inkdigits.training.calibrate import Calibration, calibrate
from inkdigits.training.exports import card, graph
from inkdigits.training.exports.agreement import pixels
from inkdigits.training.exports.ensemble import choose, merge
from inkdigits.training.exports.members import Member, check, tolerance
from inkdigits.training.exports.source import checked_name
from inkdigits.training.exports.staging import staged

#: The file's logits may differ by less than this from the mean as NumPy computes it.
LIMIT = 1e-4


@dataclass(frozen=True)
class Candidate:
    """A reader, and what validation says of it.

    Attributes:
        member: the reader.
        logits: its answers to the validation part, divided by its temperature, (N, 10) float32.
        errors: how many of those are wrong.
        place: 1 for the first chosen, 2 for the second; `None` for one left out.
    """

    member: Member
    logits: NDArray[np.float32]
    errors: int
    place: int | None = None

    @property
    def accuracy(self) -> float:
        """The share of the validation part that it reads rightly alone."""
        return 1 - self.errors / len(self.logits)

    def to_dict(self) -> dict[str, Any]:
        """What the ensemble's card says of it."""
        told = self.member.to_dict()
        return {"name": told.pop("name"), "validation_accuracy": self.accuracy, **told}


@dataclass(frozen=True)
class EnsembleReport:
    """What was written.

    Attributes:
        path: the ONNX file; `bytes` is its size.
        card: the card beside it.
        name: what the model is called; `version` was given.
        max_difference: the largest difference of its logits from the mean of its members'.
        calibration: temperature, thresholds and validation figures.
        candidates: all readers that were given, in that order.
    """

    path: Path
    card: Path
    bytes: int
    name: str
    version: str
    max_difference: float
    calibration: Calibration
    candidates: tuple[Candidate, ...]

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return {
            "path": str(self.path),
            "card": str(self.card),
            "bytes": self.bytes,
            "name": self.name,
            "version": self.version,
            "max_difference": self.max_difference,
            "calibration": self.calibration.to_dict(),
            "candidates": [
                {"path": str(it.member.path), "place": it.place, **it.to_dict()}
                for it in self.candidates
            ],
        }


def assemble(
    given: Sequence[str],
    folder: Path,
    *,
    data: Mnist,
    most: int | None = None,
    name: str = "ensemble",
    version: str = "1",
    tell: Callable[[str], None] = lambda _: None,
) -> EnsembleReport:
    """Make one reader of several.

    Args:
        given: paths of ONNX files, or names of shipped models; two at least.
        folder: where to write.
        data: the split; `validation` chooses, calibrates and checks, the rest is not looked at.
        most: how many members to choose at most, or `None` to take all of them.
        name: what to call the files and the model.
        version: a short word.
        tell: told what is being asked or made.

    Raises:
        ModelError: a member is no ONNX digit reader, they do not fit together, none makes the
            best one better, or the name cannot be one.
        DataError: there are no validation images.
        InkdigitsError: the folder cannot be written. In all cases nothing is written.
    """
    checked_name(name)
    if not len(data.validation):
        raise DataError(f"{len(data.train)} images are too few to choose by: 10 are the least.")
    members = [Member.load(it) for it in given]
    check(members)
    candidates = _candidates(members, data, most, tell)
    tell(f"{name}.onnx")
    taken = [it for it in candidates if it.place is not None]
    taken.sort(key=lambda it: it.place or 0)
    proto = merge([it.member for it in taken])
    sources = [member.path for member in members]
    with staged(folder, *sources, needed=2 * proto.ByteSize()) as stage:
        file, beside = stage.draft(f"{name}.onnx"), stage.draft(f"{name}.json")
        onnx.save(proto, file)
        logits = Model.load(file).logits(pixels(data.validation.images))
        difference = _hold(logits, taken)
        calibration = calibrate(logits, data.validation.truth)
        graph.describe(proto, name, version, calibration)
        onnx.save(proto, file)
        golden = card.Golden(
            data.validation.images[0], logits[0], tolerance([it.member for it in taken])
        )
        about = _about(taken, most, len(candidates), difference)
        written = card.complete(
            about, version=version, data=data, calibration=calibration, golden=golden, files=[file]
        )
        card.write(written, beside)
        Model.load(file)
        size = file.stat().st_size
    return EnsembleReport(
        path=folder / file.name,
        card=folder / beside.name,
        bytes=size,
        name=name,
        version=version,
        max_difference=difference,
        calibration=calibration,
        candidates=tuple(candidates),
    )


def _candidates(
    members: Sequence[Member], data: Mnist, most: int | None, tell: Callable[[str], None]
) -> list[Candidate]:
    """The members in the order given, asked and chosen among."""
    images, truth = pixels(data.validation.images), data.validation.truth
    answers = []
    for member in members:
        tell(str(member.path))
        answers.append(member.logits(images))
    chosen = tuple(range(len(members))) if most is None else choose(answers, truth, most)
    if len(chosen) < 2:
        best = members[chosen[0]].path
        raise ModelError(f"No other member makes {best} read better: use it as it is.")
    places = {member: place for place, member in enumerate(chosen, 1)}
    return [
        Candidate(member, answer, _errors(answer, truth), places.get(i))
        for i, (member, answer) in enumerate(zip(members, answers, strict=True))
    ]


def _errors(logits: NDArray[np.float32], truth: Labels) -> int:
    return int((logits.argmax(axis=1) != truth).sum())


def _hold(logits: NDArray[np.float32], taken: Sequence[Candidate]) -> float:
    """The largest difference of the merged file's logits from the members' mean."""
    mean = np.mean([it.logits for it in taken], axis=0, dtype=np.float64)
    difference = float(np.abs(logits - mean).max())
    if not difference < LIMIT:  # also where it is NaN
        raise ModelError(
            f"The merged file's logits differ by up to {difference:.1e} from the mean of its "
            "members'; nothing was written: please report it with the members."
        )
    return difference


def _about(
    taken: Sequence[Candidate], most: int | None, of: int, difference: float
) -> dict[str, Any]:
    """What the card says of an ensemble in particular."""
    members = [it.to_dict() for it in taken]
    sizes = [it["parameters"] for it in members]
    taught = {it["training_data"] for it in members}
    return {
        "architecture": (
            f"The mean of {len(taken)} networks' logits, each divided by its own temperature."
        ),
        "parameters": None if None in sizes else sum(sizes),
        "training_data": taught.pop() if len(taught) == 1 else None,
        "members": members,
        "chosen": None
        if most is None
        else {"of": of, "most": most, "by": "fewest errors on the validation part, greedily"},
        "agreement": {"checked": len(taken[0].logits), "max_difference": difference},
    }
