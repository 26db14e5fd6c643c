"""Pages that may open a WebSocket: browsers let any page try, and say only which one it is.

In: the headers of a handshake, the origins that the settings name. Out: whether it may.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from inkdigits.service.cors import ANY


def origin_allowed(headers: Headers, origins: Sequence[str]) -> bool:
    """Whether who asks is no page, our own page, or one of those that are named."""
    given = headers.getlist("origin")
    if not given:
        return True
    if len(given) > 1:
        return False
    if ANY in origins or given[0] in origins:
        return True
    page = urlsplit(given[0])
    return page.scheme in ("http", "https") and page.netloc == headers.get("host")
