"""How a log line looks: JSON for machines, or words for a person.

In: records of `logging`, with what `extra` gave them. Out: lines on stderr. A line is one line,
whatever is in it; of an exception, all lines after the first are indented. Knows no request.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

Format = Literal["auto", "text", "json"]
LOGGER = "inkdigits.service"
_PLAIN = re.compile(r"[!#-<>-~]+")  # no blank, quote or equals sign


def formatter(style: Format) -> logging.Formatter:
    """The formatter of a style; `auto` is text on a terminal, and JSON elsewhere."""
    if style == "auto":
        style = "text" if sys.stderr is not None and sys.stderr.isatty() else "json"
    before: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        _without_others,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,  # without values of variables
    ]
    last: Processor = _line if style == "text" else structlog.processors.JSONRenderer()
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(processors=[remove, last], foreign_pre_chain=before)


def set_up(level: str, style: Format) -> None:
    """Send all that is logged in this process through one pipe to stderr, warnings too."""
    root = logging.getLogger()
    if not root.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(formatter(style))
        root.addHandler(handler)
    root.setLevel(level.upper())
    logging.captureWarnings(True)
    if level != "debug":
        logging.getLogger("uvicorn").setLevel(logging.WARNING)


def set_up_own(level: str, style: Format) -> None:
    """Send the service's log to stderr, unless the process has already set up logging."""
    logger = logging.getLogger(LOGGER)
    if logger.hasHandlers():
        return
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(style))
    logger.addHandler(handler)
    logger.setLevel(level.upper())


def _line(_: WrappedLogger, __: str, event: EventDict) -> str:
    """`time level event key=value ...`; what is not plain is quoted as JSON does."""
    time, level = event.pop("timestamp", ""), event.pop("level", "")
    what = _visible(str(event.pop("event", "")))
    exception = event.pop("exception", None)
    pairs = [f"{name}={_shown(value)}" for name, value in event.items()]
    line = " ".join([str(time), str(level), what, *pairs])
    if not exception:
        return line
    return "\n    ".join([line, *map(_visible, str(exception).splitlines())])


def _visible(text: str) -> str:
    """The text with what would move the cursor, or end the line, written out."""
    escaped = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return "".join(escaped)


def _without_others(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Leave out what another formatter left in the record."""
    for name in ("message", "asctime"):
        event.pop(name, None)
    return event


def _shown(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)
