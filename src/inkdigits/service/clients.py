"""Who asks: the address that a request came from, also where proxies of ours stand between.

In: an ASGI scope, the networks of our proxies. Out: the client's address and scheme. What a header
says of them is believed only of a proxy, and only as far as proxies go: the rightmost address that
is none of ours is the client's. Knows nothing of what is done with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Literal

from starlette.datastructures import Headers
from starlette.types import Scope

#: The header in which proxies name who asked them. Only one is read: a proxy overwrites that which
#: it knows of, and passes on the other as the client sent it.
Header = Literal["x-forwarded-for", "forwarded"]
UNKNOWN = "unknown"
#: The network that one subscriber has: with IPv6 he may use any address in it.
_SUBSCRIBER = 64
_PAIR = re.compile(r'\s*([A-Za-z]+)\s*=\s*(?:"([^"\\]*)"|([^\s";,]*))\s*')


class Clients:
    """Finds out who asks."""

    def __init__(self, trusted: Sequence[str] = (), header: Header = "x-forwarded-for") -> None:
        """Trust the proxies in these networks, and the header that they write."""
        self._networks = [ip_network(it, strict=False) for it in trusted]
        self._header = header
        self._trusts = lru_cache(10_000)(self._is_trusted)

    def of(self, scope: Scope) -> tuple[str, str]:
        """The client's address, and the scheme that it used."""
        peer, scheme = (scope.get("client") or (UNKNOWN,))[0], scope.get("scheme", "http")
        if not self._networks or not self._trusts(peer):
            return peer, scheme
        headers = Headers(scope=scope)
        hop = peer
        for address, said in self._hops(headers):
            scheme = said or scheme
            if address is None:  # our proxy cannot tell, or what stands there is nonsense
                return hop, scheme
            hop = address
            if not self._trusts(hop):
                break
        return hop, scheme

    def _hops(self, headers: Headers) -> Iterator[tuple[str | None, str | None]]:
        """Who asked each proxy, and by which scheme, as they wrote it: the nearest first.

        None is looked at before it is asked for: a client may have written thousands of them.
        """
        if self._header == "forwarded":
            for element in reversed(",".join(headers.getlist("forwarded")).split(",")):
                pairs = {m[1].lower(): m[2] or m[3] or "" for m in _PAIR.finditer(element)}
                yield _address(pairs.get("for", "")), _scheme(pairs.get("proto", ""))
            return
        addresses = ",".join(headers.getlist("x-forwarded-for")).split(",")
        schemes = ",".join(headers.getlist("x-forwarded-proto")).split(",")
        for number, address in enumerate(reversed(addresses)):
            # a proxy that only overwrites the scheme leaves fewer of them than addresses
            yield _address(address), _scheme(schemes[max(-1 - number, -len(schemes))])

    def _is_trusted(self, address: str) -> bool:
        found = _parsed(address)
        return found is not None and any(found in network for network in self._networks)


@lru_cache(10_000)
def subscriber(address: str) -> str:
    """Whom an address belongs to: itself with IPv4, its network of 64 bits with IPv6."""
    found = _parsed(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((int(found), _SUBSCRIBER), strict=False))
    return str(found or UNKNOWN)


def _address(text: str) -> str | None:
    """An address as proxies write it, perhaps with a port; `None` where it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    found = _parsed(text)
    return None if found is None else str(found)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.partition("%")[0])  # what follows names an interface
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _scheme(text: str) -> str | None:
    text = text.strip().lower()
    return text if text in ("http", "https") else None
