"""What an operator can turn: limits, the model, where things are kept.

In: values, from wherever (`configuration` reads them). Out: one frozen `Settings`, proved to be
sound. Knows nothing of HTTP, files or the environment.
"""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from inkdigits.service import checks
from inkdigits.service.clients import Header
from inkdigits.service.telemetry.logs import Format

LogLevel = Literal["debug", "info", "warning", "error"]
LOG_LEVELS: tuple[LogLevel, ...] = get_args(LogLevel)

Count = Annotated[int, Field(gt=0, lt=2**63)]
Seconds = Annotated[float, Field(gt=0, lt=1e9, allow_inf_nan=False)]
Size = Annotated[ByteSize, Field(gt=0, lt=2**63)]
Word = Annotated[str, Field(min_length=1)]

Words = Annotated[tuple[Word, ...], BeforeValidator(checks.listed)]
Rated = Annotated[str, AfterValidator(checks.rate)]
Store = Annotated[str, AfterValidator(checks.store)]
KeyMode = Literal["off", "optional", "required"]
Networks = Annotated[
    tuple[str, ...], BeforeValidator(checks.words), AfterValidator(checks.networks)
]
Origins = Annotated[tuple[str, ...], BeforeValidator(checks.words), AfterValidator(checks.origins)]

Port = Annotated[int, Field(ge=0, le=65535)]

Stored = Literal["off", "metadata", "pictures"]
STORED: tuple[Stored, ...] = get_args(Stored)

KIB, MIB = 2**10, 2**20
#: Corrections are taken; other words for it, and for the contrary.
ON = "on"
_ON, _OFF = ("on", "true", "yes", "1"), ("off", "false", "no", "0", "")


class Settings(BaseModel):
    """Every knob of the service; `Settings()` has the defaults, whatever the environment says.

    What stands under a setting is what operators are told of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    model: Word = "standard"
    """The name of a shipped model, or an ONNX file."""
    log_level: LogLevel = "info"
    """How much is logged: debug, info, warning or error."""
    max_body: Size = ByteSize(5 * MIB)
    """Bytes of a request's body; more is refused with 413."""
    max_image: Size = ByteSize(5 * MIB)
    """Bytes of one picture, after base64."""
    max_batch: Count = 64
    """Pictures in one batch."""
    max_parts: Count = 16
    """Parts of one multipart body."""
    max_header_bytes: Size = ByteSize(16 * KIB)
    """Names and values of all headers of a request together."""
    max_headers: Count = 100
    """Headers of a request."""
    threads: Count = max(1, min(4, os.cpu_count() or 1))
    """Pictures read at the same time; by default one a core, four at most."""
    max_waiting: Count = 64
    """Requests that may wait for a thread; more are refused with 503 at once."""
    header_timeout: Seconds = 10.0
    """Seconds that the head of a request may take; kept by inkdigits serve alone."""
    body_timeout: Seconds = 10.0
    """Seconds that the body of a request may take."""
    feedback: str = ""
    """Whether corrections are taken, which go into the database: on or off; or the database."""
    feedback_rows: Count = 10_000
    """Corrections that are kept at most; more are refused with 507."""
    feedback_may_vanish: bool = False
    """Whether the database may be a file where files do not last: Heroku, Cloud Run."""

    metrics: bool = True
    """Whether there are Prometheus metrics: on or off."""
    metrics_port: Port = 0
    """A port for the metrics alone; 0 for /metrics beside the page; kept by inkdigits serve."""
    metrics_host: Word = "127.0.0.1"
    """The address that goes with metrics_port."""
    log_format: Format = "auto"
    """How a line of the log looks: text, json, or auto, which is text on a terminal alone."""
    log_client: bool = False
    """Whether the log tells the address that each request came from: on or off."""
    workers: Count = 1
    """Processes that answer; one that dies is replaced. Kept by inkdigits serve alone."""
    models: Words = ()
    """Further models that requests may name, such as standard-mnist or an ONNX file."""
    drain: Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)] = 1.0
    """Seconds at SIGTERM for which readyz says no while all is still answered; 0 stops at once."""

    database: Annotated[str, Field(validate_default=True)] = ""
    """Where corrections and predictions are kept: an SQLite file or the URL of a database."""
    store: Stored = "off"
    """What is kept of predictions: off, metadata (the answers) or pictures (28x28 pixels too)."""
    store_days: Annotated[int, Field(ge=0, lt=100_000)] = 30
    """Days for which predictions are kept; 0 keeps them until `inkdigits store purge`."""

    rate_limit: Rated = ""
    """What one client may ask, such as 1200/minute; empty for as much as it likes."""
    key_rate_limit: Rated = ""
    """What may be asked with one key; empty for the same as without a key."""
    rate_limit_store: Store = ""
    """Where replicas count together: redis://, rediss:// or unix://; empty for each by itself."""
    trusted_proxies: Networks = ()
    """Networks of proxies that are believed who asked them, such as 10.0.0.0/8; empty for none."""
    proxy_header: Header = "x-forwarded-for"
    """The header that those proxies write: x-forwarded-for or forwarded."""
    cors_origins: Origins = ()
    """Origins whose pages may call the API, such as https://example.com; * for all."""

    max_sockets: Count = 1000
    """WebSockets that may be open; more are refused with 503."""
    live_rate: Count = 200
    """Messages a second that one WebSocket may send; it is closed beyond that."""
    live_idle: Seconds = 300.0
    """Seconds without a message after which a WebSocket is closed."""

    keys: KeyMode = "off"
    """Whether the API takes keys, which the database holds: off, optional or required."""

    @field_validator("feedback", mode="before")
    @classmethod
    def _switch(cls, value: object) -> object:
        word = str(value).strip().lower() if isinstance(value, str | bool | int) else ""
        return {**dict.fromkeys(_ON, ON), **dict.fromkeys(_OFF, "")}.get(word, value)

    @field_validator("database")
    @classmethod
    def _one_place(cls, value: str, info: ValidationInfo) -> str:
        feedback = info.data.get("feedback", "")
        if feedback == ON and not value:
            raise ValueError("must be set where feedback is on: an SQLite file, or a URL.")
        if value and feedback not in ("", ON, value):
            raise ValueError("and INKDIGITS_FEEDBACK name two places: give feedback=on.")
        return value

    @field_validator("store", "keys")
    @classmethod
    def _somewhere(cls, value: str, info: ValidationInfo) -> str:
        given = info.data.get("database", "") or info.data.get("feedback", "")
        if value != "off" and not given and "database" in info.data:
            raise ValueError("needs a database: give INKDIGITS_DATABASE a file, or a URL.")
        return value

    @property
    def place(self) -> str:
        """Where the database is; empty where there is none."""
        return self.database or ("" if self.feedback == ON else self.feedback)

    def but(self, **changes: Any) -> Self:
        """The same settings but for these, checked like the others."""
        return self.model_validate({**self.model_dump(), **changes})
