"""`inkdigits webcam`: numbers before a camera or in a film, in a window or as JSON lines."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inkdigits import InkdigitsError, Recognizer
from inkdigits.cli import numbering

if TYPE_CHECKING:
    from inkdigits.layout import Grouping
    from inkdigits.rules import Rules
    from inkdigits.video import View


@click.command("webcam")
@click.option(
    "--source",
    default="0",
    show_default=True,
    help="The number of a camera, or a video file, of which every frame is read.",
)
@click.option(
    "--model", default="standard", show_default=True, help="A shipped model or an ONNX file."
)
@numbering.group
@numbering.rules
@click.option("--json", "as_json", is_flag=True, help="Open no window: print JSON lines.")
@click.option(
    "--every-frame", is_flag=True, help="With --json: a line a frame, not only what changes."
)
@click.option(
    "--save-to",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the frames that s saves, by default the current one; with --json, each "
    "frame that changes something is saved there.",
)
@click.option("--max-frames", type=click.IntRange(min=1), help="Stop after so many frames.")
def command(
    source: str,
    model: str,
    group: Grouping,
    rules: Rules,
    as_json: bool,
    every_frame: bool,
    save_to: Path | None,
    max_frames: int | None,
) -> None:
    """Read the numbers that a camera or a film shows, steadied over its frames.

    In the window, q or Escape quits, and s saves what is seen: a picture with its boxes (PNG), and
    what was read (JSON). A number is shown once several frames agree on it.

    With --json there is one line for each change of what is shown: the frame, its time in seconds,
    how many frames are read a second, and the numbers. Ctrl+C ends it.
    """
    if every_frame and not as_json:
        raise click.UsageError("--every-frame goes with --json.")
    from inkdigits import video

    if save_to is not None:
        _make(save_to)
    with video.open_source(source) as frames:
        recognizer = Recognizer.load(model)
        # a camera is held upright: other ways up would cost three more looks at each frame
        read = partial(recognizer.read, group=group, rules=rules, turn=False)
        views = islice(video.watch(frames, read), max_frames)
        try:
            if as_json:
                _print(views, every_frame, save_to)
                return
            from inkdigits.cli.window import Window

            window = Window(f"inkdigits: {'camera ' * source.isdigit()}{source}")
            folder = save_to or Path()
            window.show(frames, views, lambda view: save(view, folder), stay=max_frames is None)
        except KeyboardInterrupt:
            return  # the way to end a camera's stream


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InkdigitsError(f"{folder} cannot be made: {error.strerror}.") from None


def _print(views: Iterator[View], every_frame: bool, save_to: Path | None) -> None:
    for view in views:
        if view.changed and save_to is not None:
            save(view, save_to)
        if view.changed or every_frame:
            click.echo(json.dumps(_row(view)))


def _row(view: View) -> dict[str, Any]:
    return {
        "frame": view.frame.number,
        "seconds": round(view.frame.seconds, 3),
        "rate": round(view.rate, 2),
        "changed": view.changed,
        "numbers": [sighting.to_dict() for sighting in view.sightings],
    }


def save(view: View, folder: Path) -> Path:
    """Keep a frame as it is shown: a picture with its boxes, and beside it what was read.

    Returns:
        the picture; the JSON has its name but for the ending.

    Raises:
        InkdigitsError: it could not be written.
    """
    from inkdigits.annotate import annotated
    from inkdigits.data.output import write_all

    shown = replace(view.reading, numbers=tuple(it.to_number() for it in view.sightings))
    png = io.BytesIO()
    annotated(view.frame.pixels, shown).save(png, "PNG")
    stamp = time.strftime("%Y%m%d-%H%M%S")
    path = folder / f"inkdigits-{stamp}-{view.frame.number:06}.png"
    text = json.dumps({**_row(view), "reading": view.reading.to_dict()}, indent=2)
    write_all({path: png.getvalue(), path.with_suffix(".json"): text.encode()})
    return path
