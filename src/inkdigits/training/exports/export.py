"""From a trained Keras file to the formats people ask for, each checked before any is kept.

In: the `.keras` file of a run and the data it was chosen on. Out: files in a folder, all of them
or none. Knows nothing of the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from inkdigits.data.mnist import Mnist
from inkdigits.errors import DataError
from inkdigits.training.exports.artefacts import Exported, Maker
from inkdigits.training.exports.source import Source
from inkdigits.training.exports.staging import staged
from inkdigits.training.exports.targets import Target
from inkdigits.training.noise import hushed

#: Each artefact takes about this many times the space of the Keras file while it is made.
SPACE = 4


@dataclass(frozen=True)
class ExportReport:
    """What was written.

    Attributes:
        source: the Keras file; `bytes` is its size.
        name: what the model is called; `version` was given.
        checked: how many validation digits everything was asked.
        accuracy: the share of them that the Keras model reads rightly.
        artefacts: what was written, in the order asked for.
    """

    source: Path
    bytes: int
    name: str
    version: str
    checked: int
    accuracy: float
    artefacts: tuple[Exported, ...]

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return {
            **asdict(self),
            "source": str(self.source),
            "artefacts": [artefact.to_dict() for artefact in self.artefacts],
        }


def export(
    model: Path,
    targets: Sequence[Target],
    folder: Path | None = None,
    *,
    data: Mnist,
    name: str | None = None,
    version: str = "1",
    tell: Callable[[str], None] = lambda _: None,
) -> ExportReport:
    """Export a Keras model, check every artefact, and only then put them in place.

    Args:
        model: a Keras file, (N, 28, 28, 1) in [0, 1] to ten probabilities, or the folder of a
            run; what is known of the run goes onto the cards of ONNX files.
        targets: what to export to; what is there twice is made once.
        folder: where to write; beside the Keras file by default.
        data: the split; `validation` calibrates and checks, `train` gives an int8 model its
            ranges, `test` is not looked at.
        name: what to call the files and the model, or `None` for the usual names.
        version: a short word, for ONNX files.
        tell: told what is being made.

    Raises:
        ModelError: the file is no digit reader, or an artefact disagrees with it.
        DataError: there are no validation images.
        InkdigitsError: the folder cannot be written. In all cases nothing is written.
    """
    if not len(data.validation):
        raise DataError(f"{len(data.train)} images are too few to check with: 10 are the least.")
    with hushed():
        source = Source.load(model, name, version)
    folder = folder or source.path.parent
    size, wanted = source.path.stat().st_size, dict.fromkeys(targets)
    with staged(folder, source.path, needed=SPACE * size * len(wanted)) as stage:
        drafts = {target: stage.draft(target.file_name(name, source.name)) for target in wanted}
        with hushed():
            maker = Maker(source, data, stage.scratch)
        made = []
        for target, draft in drafts.items():
            tell(str(target))
            with hushed():
                made.append(_moved(maker.make(target, draft), folder))
    return ExportReport(
        source=source.path,
        bytes=size,
        name=source.name,
        version=version,
        checked=len(maker.yardstick.images),
        accuracy=maker.yardstick.accuracy,
        artefacts=tuple(made),
    )


def _moved(made: Exported, folder: Path) -> Exported:
    """`made` with the paths that it will have."""
    card = None if made.card is None else folder / made.card.name
    return replace(made, path=folder / made.path.name, card=card)
