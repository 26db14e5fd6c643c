"""Bytes to a real server, and what comes back, without a client that would mend them."""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import httpx2

from .targets import Server

#: What a whole head has besides what a case is about.
HOST = b"Host: a\r\nConnection: close\r\n"


@dataclass(frozen=True)
class Reply:
    """The first answer of a connection, and how many answers there were."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    answers: int


def get(path: bytes = b"/livez", more: bytes = b"", *, method: bytes = b"GET") -> bytes:
    """A request without a body."""
    return method + b" " + path + b" HTTP/1.1\r\n" + HOST + more + b"\r\n"


def post(more: bytes, body: bytes = b"", path: bytes = b"/predict") -> bytes:
    """A request of JSON whose length is told by `more`."""
    kind = b"Content-Type: application/json\r\n"
    return b"POST " + path + b" HTTP/1.1\r\n" + HOST + kind + more + b"\r\n" + body


def connect(server: Server, seconds: float = 20) -> socket.socket:
    return socket.create_connection(server.address, timeout=seconds)


def ask(server: Server, request: bytes) -> Reply:
    """Send bytes, and read until the server hangs up."""
    with connect(server) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # it may not want all of them
            connection.sendall(request)
        return reply(everything(connection))


def everything(connection: socket.socket) -> bytes:
    """All that comes until the server hangs up."""
    came = b""
    with suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            came += piece
    return came


def reply(came: bytes) -> Reply:
    head, _, rest = came.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = httpx2.Headers(
        [(name, value) for name, _, value in (it.partition(": ") for it in lines)]
    )
    length = int(headers.get("content-length", "0"))
    return Reply(int(first.split(" ")[1]), headers, rest[:length], came.count(b"HTTP/1.1 "))


def vanish(connection: socket.socket) -> None:
    """Go away without a farewell: what is unread or unsent is lost."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
