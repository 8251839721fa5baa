"""What commands ask of a running service, over a Unix socket that only its own user may open.

`POST /sync`, `POST /undo` and `POST /check` answer JSON lines: `{"progress": …}` any number of times, then
one `{"report": …}` or `{"error": {"code", "message", "remedy"}}`. Not the API of browsers; see `server.app`.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from linedesk.errors import BadRequest, LinedeskError, TooLarge
from linedesk.json_in import read_json
from linedesk.server import bodies

log = structlog.get_logger(__name__)

_BODY_MAX_BYTES = 65_536
_SHUTDOWN_S = 2.0

Told = Callable[[Mapping[str, Any]], None]


class SyncRequest(BaseModel):
    """The body of `POST /sync`. `approve` is the hash of a plan that a person has seen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connection: str = Field(min_length=1, max_length=64)
    preview: bool = False
    approve: str | None = Field(None, max_length=128)
    actor: str = Field("command line", max_length=128)


class UndoRequest(BaseModel):
    """The body of `POST /undo`: a run by its number, or the last one of a connection that `rule` or `record`
    tells. `record` and `rule` narrow what is taken back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: int | None = Field(None, ge=1)
    connection: str = Field("", max_length=64)
    record: str | None = Field(None, max_length=256)
    account: str | None = Field(None, max_length=64)
    rule: str | None = Field(None, max_length=256)
    preview: bool = False
    actor: str = Field("command line", max_length=128)


Sync = Callable[[SyncRequest, Told], Awaitable[Mapping[str, Any]]]
"""Runs one sync, tells progress as JSON objects, answers the report."""

Undo = Callable[[UndoRequest, Told], Awaitable[Mapping[str, Any]]]
"""Takes a run back, told and answered like a sync."""

Check = Callable[[], Awaitable[Mapping[str, Any]]]


@asynccontextmanager
async def controlled(
    handle: socket.socket, *, sync: Sync, undo: Undo, check: Check, shutdown_s: float = _SHUTDOWN_S
) -> AsyncIterator[None]:
    """Answer on the socket of `control_socket.bound_socket` while the block runs.

    What is asked for at its end has `shutdown_s` to be done, and is then cut.
    """
    app = web.Application()
    handlers = _Handlers(sync, undo, check)
    app.add_routes(
        [
            web.post("/sync", handlers.sync),
            web.post("/undo", handlers.undo),
            web.post("/check", handlers.check),
        ]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=shutdown_s)
    await runner.setup()
    try:
        await web.SockSite(runner, handle).start()
        yield
    finally:
        await runner.cleanup()


class _Handlers:
    def __init__(self, sync: Sync, undo: Undo, check: Check) -> None:
        self._sync = sync
        self._undo = undo
        self._check = check

    async def sync(self, request: web.Request) -> web.StreamResponse:
        async def work(tell: Told) -> Mapping[str, Any]:
            return await self._sync(bodies.check(await _json(request), SyncRequest), tell)

        return await _told(request, work)

    async def undo(self, request: web.Request) -> web.StreamResponse:
        async def work(tell: Told) -> Mapping[str, Any]:
            return await self._undo(bodies.check(await _json(request), UndoRequest), tell)

        return await _told(request, work)

    async def check(self, request: web.Request) -> web.StreamResponse:
        return await _told(request, lambda _: self._check())


async def _told(
    request: web.Request, work: Callable[[Told], Awaitable[Mapping[str, Any]]]
) -> web.StreamResponse:
    """Run `work` to its end, also when the command that asked for it is gone."""
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await response.prepare(request)
    lines = _Lines(response)
    async with asyncio.TaskGroup() as group:
        writer = group.create_task(lines.run(), name="control lines")
        try:
            last: Mapping[str, Any] = {"report": await work(lines.progress)}
        except LinedeskError as error:
            last = error.as_json()
        except Exception:
            # A defect of one run must neither end the service nor look like an answer to the command.
            log.exception("control_request_failed", path=request.path)
            last = LinedeskError("Something in Linedesk went wrong; the service's log says more.").as_json()
        lines.end(last)
        await writer
    return response


class _Lines:
    """Writes lines as the other end takes them; progress that is overtaken is left out."""

    def __init__(self, response: web.StreamResponse) -> None:
        self._response = response
        self._progress: Mapping[str, Any] | None = None
        self._last: Mapping[str, Any] | None = None
        self._news = asyncio.Event()

    def progress(self, document: Mapping[str, Any]) -> None:
        self._progress = document
        self._news.set()

    def end(self, document: Mapping[str, Any]) -> None:
        self._last = document
        self._news.set()

    async def run(self) -> None:
        try:
            while self._last is None:
                await self._news.wait()
                self._news.clear()
                if self._progress is not None:
                    document, self._progress = self._progress, None
                    await self._write({"progress": document})
            await self._write(self._last)
            await self._response.write_eof()
        except ConnectionError:
            log.info("control_client_left")

    async def _write(self, document: Mapping[str, Any]) -> None:
        await self._response.write(await asyncio.to_thread(_line, document))


def _line(document: Mapping[str, Any]) -> bytes:
    """A document as a line of JSON, made in pieces: in one go a report of 100,000 changes would let no other
    thread run for half a second, and so no call."""
    text = "".join(json.JSONEncoder(ensure_ascii=False).iterencode(document))
    # A text that is none would else take the whole report with it.
    return text.encode("utf-8", "replace") + b"\n"


async def _json(request: web.Request) -> object:
    raw = await bodies.read_raw(
        request,
        _BODY_MAX_BYTES,
        bodies.REQUEST_READ_S,
        TooLarge(f"The request's body is larger than {_BODY_MAX_BYTES} bytes."),
        BadRequest(f"The request's body did not arrive within {bodies.REQUEST_READ_S:.0f} s."),
    )
    try:
        return read_json(raw)
    except ValueError:
        raise BadRequest("The request's body must be JSON.") from None
