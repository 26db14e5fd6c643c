"""Settings that are more than a number or a word: rates, networks, origins, addresses of stores.

In: what an operator wrote. Out: the same, once it is sound; or a `ValueError` whose words follow
the name of the setting. Knows no setting by its name.
"""

from __future__ import annotations

import re
from ipaddress import ip_network
from urllib.parse import urlsplit

_ORIGIN = re.compile(r"https?://(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?")
_STORES = ("redis", "rediss", "unix")


def listed(value: object) -> object:
    """A list as a variable has it, with commas between, becomes one."""
    if not isinstance(value, str):
        return value
    return tuple(filter(None, map(str.strip, value.split(","))))


def words(value: object) -> object:
    """The same, of words that hold no spaces: these may stand between, too."""
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def rate(text: str) -> str:
    """Such as `600/minute`; empty for none."""
    from inkdigits.service.rates import Rate

    if text:
        try:
            Rate.parse(text)
        except ValueError:
            raise ValueError("must be a rate such as 1200/minute or 10/second.") from None
    return text


def networks(given: tuple[str, ...]) -> tuple[str, ...]:
    """Such as `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`."""
    for text in given:
        try:
            ip_network(text, strict=False)
        except ValueError:
            raise ValueError("must be addresses or networks such as 10.0.0.0/8.") from None
    return given


def origins(given: tuple[str, ...]) -> tuple[str, ...]:
    """Such as `https://example.com`, as browsers write them; or `*`."""
    for text in given:
        if text != "*" and not _ORIGIN.fullmatch(text):
            raise ValueError(
                "must be origins such as https://example.com, in small letters and without a "
                "path, or * for all."
            )
    return given


def store(text: str) -> str:
    """The address of a Redis; empty for none."""
    if text:
        try:
            parts = urlsplit(text)
            sound = parts.scheme in _STORES and (
                bool(parts.path.strip("/")) if parts.scheme == "unix" else bool(parts.hostname)
            )
        except ValueError:
            sound = False
        if not sound:  # what was given may hold a password
            raise ValueError("must be redis://HOST:PORT, rediss://HOST:PORT or unix:///PATH.")
    return text
