"""The digit readers that an ensemble is made of.

In: what a person calls a reader, and validation images. Out: a `Member`, its logits and what its
card knows of it. Knows nothing of choosing and merging. No machine's paths go into `to_dict`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import onnx
from numpy.typing import NDArray

from inkdigits.errors import ModelError
from inkdigits.model import GOLDEN_TOLERANCE, Model, shipped
from inkdigits.training.exports.card import ROUNDING_TOLERANCE
from inkdigits.training.exports.graph import OPSET

#: What is taken over from a member's card.
KNOWN = (
    *(
        "architecture",
        "parameters",
        "training_data",
        "recipe",
        "lessons",
        "wild",
        "blend",
        "backend",
    ),
    "quantisation",
)


@dataclass(frozen=True)
class Member:
    """One reader, loaded.

    Attributes:
        given: what the person called it.
        path: its ONNX file.
        model: what reads with it; knows its name, temperature and checksum.
        proto: its graph.
        card: the card beside it, or `{}`.
    """

    given: str
    path: Path
    model: Model
    proto: onnx.ModelProto
    card: dict[str, Any]

    @classmethod
    def load(cls, given: str) -> Self:
        """Load a shipped model by its name, or any model by the path of its `.onnx` file.

        Raises:
            ModelError: it is a Keras file or a folder, or no model that `Model.load` takes.
        """
        path = Path(given)
        if given not in shipped() and (path.is_dir() or path.suffix.lower() in {".keras", ".h5"}):
            kind = "a folder" if path.is_dir() else "a Keras file"
            raise ModelError(
                f"{given} is {kind}, and an ensemble is made of ONNX files: "
                f"run `inkdigits export {given} --to onnx` first."
            )
        model = Model.load(given)
        path = model.info.path
        return cls(given, path, model, onnx.load(path), _card(path.with_suffix(".json")))

    @property
    def bytes(self) -> int:
        """The size of its file."""
        return self.path.stat().st_size

    def logits(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits divided by the member's temperature, so that members can be compared.

        Args:
            images: (N, 28, 28, 1) in [0, 1].

        Returns:
            (N, 10) float32.
        """
        return self.model.logits(images) / np.float32(self.model.info.temperature)

    @property
    def tolerance(self) -> float | None:
        """How far those may be off on another machine; `None` where nothing is rounded."""
        rounds = any("QuantizeLinear" in node.op_type for node in self.proto.graph.node)
        return ROUNDING_TOLERANCE / self.model.info.temperature if rounds else None

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict for the ensemble's card; `None` stands for what no card tells."""
        info = self.model.info
        return {
            "name": info.name,
            "version": info.version,
            "sha256": info.sha256,
            "bytes": self.bytes,
            "temperature": info.temperature,
            **{key: self.card.get(key) for key in KNOWN},
        }


def check(members: list[Member]) -> None:
    """See that readers can be merged, which is quickly done.

    Raises:
        ModelError: there are fewer than two, one is there twice, or their ONNX versions differ.
    """
    if len(members) < 2:
        raise ModelError(f"An ensemble has two members at least, not {len(members)}: give more.")
    seen: dict[str, Path] = {}
    for member in members:
        info, proto = member.model.info, member.proto
        if info.sha256 in seen:
            raise ModelError(
                f"{member.path} and {seen[info.sha256]} are the same file: give each member once."
            )
        seen[info.sha256] = member.path
        opset = next((it.version for it in proto.opset_import if it.domain in {"", "ai.onnx"}), 0)
        if opset != OPSET:
            raise ModelError(
                f"{member.path} has ONNX opset {opset}, but members must have {OPSET}: "
                "make it anew with `inkdigits export`."
            )
        if proto.ir_version != members[0].proto.ir_version:
            raise ModelError(
                f"{member.path} has ONNX IR version {proto.ir_version} and {members[0].path} has "
                f"{members[0].proto.ir_version}: make both anew with `inkdigits export`."
            )


def tolerance(members: list[Member]) -> float | None:
    """How far the mean of the members' logits may be off on another machine; `None` as above."""
    found = [member.tolerance for member in members]
    if all(limit is None for limit in found):
        return None
    return round(sum(limit or GOLDEN_TOLERANCE for limit in found) / len(found), 4)


def _card(path: Path) -> dict[str, Any]:
    """A card that `Model.load` has found to be sound, if there is one."""
    if not path.is_file():
        return {}
    card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return card
