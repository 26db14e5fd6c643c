"""What an operator can turn: limits and the model's name, read from the environment.

In: environment variables `INKDIGITS_<NAME>`. Out: one frozen `Settings`. Knows nothing of HTTP.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from inkdigits.errors import InkdigitsError

MIB = 2**20
LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True)
class Settings:
    """Every knob of the service; each is set by the variable `INKDIGITS_` plus its name.

    Attributes:
        model: the name of a shipped model, or the path of an ONNX file.
        log_level: `debug`, `info`, `warning` or `error`.
        max_body: bytes of a request body.
        max_image: bytes of one picture after base64.
        max_batch: pictures in one batch.
        max_parts: parts of one multipart body.
        max_header_bytes: names and values of all request headers together.
        max_headers: number of request headers.
        threads: pictures read at the same time.
        max_waiting: requests that may wait for a thread; further ones are refused with 503.
        body_timeout: seconds a client may take to send its body.
        feedback: where corrections are stored, a file or the URL of a database; empty for nowhere,
            and then nothing that is sent is kept.
        feedback_rows: how many corrections are kept at most; further ones are refused with 507.
        header_timeout: seconds it may take to send the head; kept by `inkdigits serve` alone.
    """

    model: str = "standard"
    log_level: str = "info"
    max_body: int = 5 * MIB
    max_image: int = 5 * MIB
    max_batch: int = 64
    max_parts: int = 16
    max_header_bytes: int = 16 * 1024
    max_headers: int = 100
    threads: int = max(1, min(4, os.cpu_count() or 1))
    max_waiting: int = 64
    body_timeout: float = 10.0
    header_timeout: float = 10.0
    feedback: str = ""
    feedback_rows: int = 10_000

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the variables that are set; the rest keep their defaults.

        Raises:
            InkdigitsError: a variable holds something else than it should (`bad-setting`).
        """
        values: dict[str, Any] = {}
        for knob in fields(cls):
            name = f"INKDIGITS_{knob.name.upper()}"
            text = environment.get(name, "").strip()
            if text:
                values[knob.name] = _convert(name, text, type(knob.default))
        settings = cls(**values)
        if settings.log_level not in LOG_LEVELS:
            message = f"INKDIGITS_LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}."
            raise InkdigitsError(message, code="bad-setting")
        return settings


def _convert(name: str, text: str, kind: type) -> str | int | float:
    if kind is str:
        return text
    try:
        number = float(text) if kind is float else int(text)
    except ValueError:
        number = 0
    if not 0 < number < 2**63:
        raise InkdigitsError(f"{name} must be a positive number.", code="bad-setting")
    return number
