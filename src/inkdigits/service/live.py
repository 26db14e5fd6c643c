"""Live drawing: a WebSocket that reads a drawing while it is drawn, the latest state first.

In: messages of JSON, each a drawing with an `id`. Out: an answer each, but for those that a later
one overtook while another was read. One answer is on its way at a time, so that a client that does
not read costs one answer, and then its connection.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from contextlib import suppress
from typing import Any

from fastapi import APIRouter
from starlette.websockets import WebSocket

from inkdigits.service import fields, payload, strict_json
from inkdigits.service.problems import Problem, from_exception
from inkdigits.service.protection import protection_of
from inkdigits.service.reception import archive_of, engine_of

logger = logging.getLogger("inkdigits.service")
router = APIRouter()
PATH = "/api/v1/live"
#: Bytes of a message.
MAX_MESSAGE = 64 * 2**10
#: Seconds that a client may take to accept an answer.
SLOW = 10.0
GOING, BINARY, NOT_JSON, TOO_OFTEN, TOO_LARGE = 1001, 1003, 1007, 1008, 1009
_LAST_ID = 2**53


@router.websocket(PATH)
async def live(socket: WebSocket) -> None:
    """Read what is drawn, as often as the client sends it."""
    engine_of(socket).reader()
    with socket.app.state.sockets.one() as leave:
        await socket.accept()
        await Session(socket, leave).run()


class Session:
    """One connection, from its acceptance to its end."""

    def __init__(self, socket: WebSocket, leave: asyncio.Event) -> None:
        self._socket = socket
        self._settings = socket.app.state.settings
        self._engine = engine_of(socket)
        self._leave = leave
        self._news = asyncio.Event()
        self._latest: str | None = None
        self._skipped = 0
        self._tokens, self._since = float(self._settings.live_rate), time.monotonic()
        self._told = {"messages": 0, "answers": 0, "skipped": 0}
        socket.scope["state"]["socket"] = self._told

    async def run(self) -> None:
        """Listen and answer until one side ends it."""
        tasks = [asyncio.create_task(it) for it in (self._listen(), self._answer(), self._left())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        codes = [task.result() for task in done]
        if code := next((code for code in codes if code), 0):
            self._told["code"] = code
            with suppress(RuntimeError, TimeoutError):  # it is gone
                await asyncio.wait_for(self._socket.close(code), SLOW)

    async def _left(self) -> int:
        await self._leave.wait()
        return GOING

    async def _listen(self) -> int:
        """Keep the latest message; answers with which code to close, 0 where the client went."""
        while True:
            try:
                message = await asyncio.wait_for(self._socket.receive(), self._settings.live_idle)
            except TimeoutError:
                return GOING
            if message["type"] == "websocket.disconnect":
                return 0
            text = message.get("text")
            if text is None:
                return BINARY
            if len(text) > MAX_MESSAGE:
                return TOO_LARGE
            self._told["messages"] += 1
            if not self._allowed():
                return TOO_OFTEN
            if self._latest is not None:
                self._skipped += 1
                self._told["skipped"] += 1
                self._engine.watch.metrics.messaged("skipped")
            self._latest = text
            self._news.set()

    def _allowed(self) -> bool:
        """Whether it keeps to the rate: a token a message, one second's worth at most."""
        rate, now = float(self._settings.live_rate), time.monotonic()
        self._tokens = min(rate, self._tokens + (now - self._since) * rate)
        self._since = now
        self._tokens -= 1
        return self._tokens >= 0

    async def _answer(self) -> int:
        """Answer the latest message, again and again; answers with which code to close."""
        while True:
            await self._news.wait()
            self._news.clear()
            text, self._latest = self._latest, None
            skipped, self._skipped = self._skipped, 0
            assert text is not None
            try:
                told = await self._read(text)
            except _NotJsonError:
                return NOT_JSON
            if skipped:
                told["skipped"] = skipped
            try:
                await asyncio.wait_for(self._socket.send_text(json.dumps(told)), SLOW)
            except TimeoutError:
                return TOO_OFTEN
            self._told["answers"] += 1

    async def _read(self, text: str) -> dict[str, Any]:
        """The answer to a message: a prediction, or a problem, with the message's `id`."""
        asked: dict[str, Any] = {"id": None}
        metrics = self._engine.watch.metrics
        try:
            self._engine.admit()
            await protection_of(self._socket).charge(self._socket, 1)
            told = await self._engine.run(lambda: self._work(text, asked))
        except _NotJsonError:
            raise
        except Exception as error:
            problem = from_exception(error)
            metrics.rejected(problem.code)
            metrics.messaged("refused")
            request_id = self._socket.scope["state"]["request_id"]
            if problem.code == "internal":
                logger.exception("message not read", extra={"request_id": request_id})
            return {"id": asked["id"], "error": problem.to_dict(request_id)}
        metrics.messaged("answered")
        return {"id": asked["id"], **told}

    def _work(self, text: str, asked: dict[str, Any]) -> dict[str, Any]:
        with self._engine.decoding():
            submission = _submission(text, asked, self._settings)
        self._engine.check(submission.options)
        self._engine.watch.metrics.asked(1)
        began = time.perf_counter()
        found = self._engine.read(submission)
        kept = archive_of(self._socket).keep(
            found,
            submission,
            self._socket.scope["state"]["request_id"],
            time.perf_counter() - began,
        )
        options = submission.options
        return found.to_dict(top_k=options.top_k, seen=options.seen) | kept


class _NotJsonError(Exception):
    """A message is no JSON."""


def _submission(text: str, asked: dict[str, Any], settings: Any) -> payload.Submission:
    """What a message holds; its id goes into `asked`."""
    try:
        value = strict_json.loads(text.encode())
    except (Problem, UnicodeEncodeError) as error:
        if isinstance(error, Problem) and error.code == "invalid-field":
            raise
        raise _NotJsonError from error
    if isinstance(value, dict):
        value = dict(value)
        asked["id"] = fields.integer(value.pop("id", None), "/id", 0, _LAST_ID)
    return payload.of_value(value, settings)
