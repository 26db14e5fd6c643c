"""Where settings come from: what is given, the environment, a TOML file, the defaults.

In: `INKDIGITS_<NAME>` variables and a file. Out: `Settings`, or a sentence for each that is wrong.
Knows nothing of what a setting does.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ByteSize, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from inkdigits.errors import InkdigitsError
from inkdigits.service.settings import Settings

PREFIX = "INKDIGITS_"
#: Names the TOML file where no option does.
CONFIG = f"{PREFIX}CONFIG"
#: What a setting of each type of numbers must be.
_NUMBERS: dict[Any, str] = {
    int: "must be a positive whole number.",
    float: "must be a positive number.",
    bool: "must be on or off.",
    ByteSize: "must be a positive number of bytes, such as 5242880 or 5 MiB.",
}
#: What is said of other mistakes, by pydantic's name for them.
_SAID = {
    "string_too_short": "must not be empty.",
    "greater_than_equal": "must be at least {ge:g}.",
    "less_than_equal": "must be at most {le:g}.",
}
#: A variable that a host sets -> what runs there, and loses its files when it is restarted.
_FLEETING = {"DYNO": "a Heroku dyno", "K_SERVICE": "a Cloud Run instance"}
#: A variable this like a setting's name is taken for a slip of the pen.
ALIKE = 0.88


class Row(NamedTuple):
    """One setting, as it is listed."""

    name: str
    default: str
    description: str

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()


def load(config: str | os.PathLike[str] | None = None, **given: Any) -> Settings:
    """Gather the settings.

    Args:
        config: a TOML file of `name = value` lines; by default what `INKDIGITS_CONFIG` names.
        given: settings that win over all others; `None` counts as not given.

    Raises:
        InkdigitsError: a sentence for each setting that is wrong, on lines of their own
            (`bad-setting`).
    """
    path = config or os.environ.get(CONFIG, "").strip() or None
    file = None if path is None else Path(path)
    written = {} if file is None else _read(file)
    given = {name: value for name, value in given.items() if value is not None}
    wrong = list(_slips())
    try:
        found = _sources(file)(**given)
    except ValidationError as error:
        for part in error.errors():
            name = str(part["loc"][0])
            where = _where(name, given, written, file)
            wrong.append(f"{where} {_what(name, dict(part))}")
    else:
        if lost := _lost(found):
            name = "database" if found.database else "feedback"
            wrong.append(f"{_where(name, given, written, file)} {lost}")
    if wrong:
        raise InkdigitsError("\n".join(wrong), code="bad-setting")
    return Settings.model_validate(found.model_dump())


def rows() -> list[Row]:
    """All settings, as the operator is told of them."""
    return [
        Row(name, _shown(name, field.default), (field.description or "").replace("\n", " "))
        for name, field in Settings.model_fields.items()
    ]


def _shown(name: str, default: object) -> str:
    if name == "threads":  # which is another on each machine
        return "one a core"
    if isinstance(default, bool):
        return "on" if default else "off"
    if isinstance(default, ByteSize):
        return default.human_readable(separator=" ").replace(".0 ", " ")
    if isinstance(default, tuple):
        return ", ".join(default) or "empty"
    return f"{default:g}" if isinstance(default, float) else str(default) or "empty"


def _sources(file: Path | None) -> type[Settings]:
    class Sources(Settings, BaseSettings):
        model_config = SettingsConfigDict(
            env_prefix=PREFIX,
            env_ignore_empty=True,
            extra="forbid",
            toml_file=file,
            enable_decoding=False,  # a list in a variable is words, not JSON
        )

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            """What is given, the environment, the file."""
            return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    return Sources


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        words = f"{file} cannot be read: {error.strerror}; name a TOML file of settings."
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        words = f"{file} is not TOML: {error}."
    raise InkdigitsError(words, code="bad-setting")


def _lost(settings: Settings) -> str:
    """Why what is kept would be lost, if it would."""
    scheme, separator, _ = settings.place.partition("://")
    in_file = bool(settings.place) and (not separator or scheme.startswith("sqlite"))
    home = next((_FLEETING[name] for name in _FLEETING if os.environ.get(name)), None)
    if home is None or not in_file or settings.feedback_may_vanish:
        return ""
    return (
        f"is a file, which {home} loses when it restarts: give the URL of a PostgreSQL database, "
        f"or {PREFIX}FEEDBACK_MAY_VANISH=1 if what is kept may be lost."
    )


def _slips() -> Iterator[str]:
    """Variables that are no settings, and look very like one."""
    known = {row.variable for row in rows()}
    for name in os.environ:
        if not name.upper().startswith(PREFIX) or name.upper() in known:
            continue
        if close := difflib.get_close_matches(name.upper(), known, 1, ALIKE):
            yield f"{name} is not a setting: did you mean {close[0]}?"


def _where(name: str, given: dict[str, Any], written: dict[str, Any], file: Path | None) -> str:
    variable = PREFIX + name.upper()
    if name in given:
        return f"--{name.replace('_', '-')}"
    if os.environ.get(variable):
        return variable
    return f"{name} in {file}" if name in written else variable


def _what(name: str, part: dict[str, Any]) -> str:
    """What a setting must be, in words."""
    kind, context = part["type"], part.get("ctx", {})
    if kind == "extra_forbidden":
        close = difflib.get_close_matches(name, Settings.model_fields, 1)
        return "is not a setting" + (f": did you mean {close[0]}?" if close else ".")
    if kind == "literal_error":
        return f"must be one of {context['expected'].replace(' or ', ', ')}.".replace("'", "")
    if kind in _SAID:
        return _SAID[kind].format(**context)
    field = Settings.model_fields.get(name)
    if field is not None and field.annotation in _NUMBERS:
        said = _NUMBERS[field.annotation]
        nought = any(getattr(bound, "ge", None) == 0 for bound in field.metadata)
        return f"{said.replace('positive ', '')[:-1]}, 0 or more." if nought else said
    if kind == "value_error":
        return str(context["error"])
    return f"is not right: {part['msg'][0].lower()}{part['msg'][1:]}."
