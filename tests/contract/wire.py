"""Faults laid over any aiohttp application: what proxies, overload and broken networks do to its answers.

wire = Wire()
app.middlewares.insert(0, wire.middleware)
wire.befall(Trouble.LOST_AFTER, "POST", "/contacts")
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from contract.troubles import Trouble

_PAGE = "<html><body>Sign in to the guest network</body></html>"
_REFUSALS = {
    Trouble.UNAUTHORISED: 401,
    Trouble.FORBIDDEN: 403,
    Trouble.SERVER_ERROR: 500,
    Trouble.BAD_GATEWAY: 502,
    Trouble.UNAVAILABLE: 503,
    Trouble.GATEWAY_TIMEOUT: 504,
}


@dataclass(slots=True)
class _Rule:
    """`skip` requests that fit pass first, then `times` are befallen."""

    trouble: Trouble
    method: str
    path: re.Pattern[str]
    times: int
    skip: int

    def fits(self, request: web.Request) -> bool:
        return request.method == self.method and bool(self.path.search(request.path_qs))


@dataclass(slots=True)
class Wire:
    """`asked`: every request as method and path. `before`: called with each request before it is handled.

    `echo`: a text (a credential) that the error bodies repeat, as careless systems do.
    """

    echo: str = ""
    before: Callable[[web.Request], None] | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    _rules: list[_Rule] = field(default_factory=list)
    _last_page: dict[str, tuple[bytes, str | None]] = field(default_factory=dict)

    def befall(
        self, trouble: Trouble, method: str, path: str, *, times: int = 1_000_000, skip: int = 0
    ) -> None:
        """Let requests whose method and path (a regular expression) fit meet a trouble."""
        self._rules.append(_Rule(trouble, method, re.compile(path), times, skip))

    def calm(self) -> None:
        """From now on everything passes."""
        self._rules.clear()
        self.before = None

    @property
    def middleware(self) -> Middleware:
        @web.middleware
        async def between(request: web.Request, handler: Handler) -> web.StreamResponse:
            self.asked.append((request.method, request.path_qs))
            if self.before is not None:
                self.before(request)
            trouble = self._trouble_of(request)
            if trouble is None:
                return await self._remembered(request, handler)
            return await self._befallen(trouble, request, handler)

        return between

    def _trouble_of(self, request: web.Request) -> Trouble | None:
        for rule in self._rules:
            if not rule.fits(request):
                continue
            if rule.skip:
                rule.skip -= 1
                continue
            if rule.times:
                rule.times -= 1
                return rule.trouble
        return None

    async def _befallen(self, trouble: Trouble, request: web.Request, handler: Handler) -> web.StreamResponse:
        if trouble is Trouble.HANG:
            await _until_left(request)
        instead = self._instead(trouble, request.path)
        if instead is not None:
            return instead
        if trouble is Trouble.LOST_BEFORE:
            return _broken(request)
        answer = await handler(request)
        if trouble is Trouble.LOST_AFTER:
            return _broken(request)
        if trouble is Trouble.TRUNCATED:
            return await _cut(request, answer)
        return _emptied(answer) if trouble is Trouble.EMPTY_PAGE else answer

    def _instead(self, trouble: Trouble, path: str) -> web.Response | None:
        """What is answered in place of the application."""
        if trouble in _REFUSALS:
            return self._refusal(_REFUSALS[trouble])
        if trouble in _WAITS:
            return self._refusal(429, {"Retry-After": _WAITS[trouble]()})
        if trouble is Trouble.HTML:
            return web.Response(text=_PAGE, content_type="text/html")
        if trouble is Trouble.REPEAT_PAGE and path in self._last_page:
            body, link = self._last_page[path]
            return web.Response(body=body, headers=_linked(link), content_type="application/json")
        return None

    async def _remembered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request)
        if request.method == "GET":
            self._last_page[request.path] = _body(answer), answer.headers.get("Link")
        return answer

    def _refusal(self, status: int, headers: dict[str, str] | None = None) -> web.Response:
        why = f"Not with {self.echo}"
        body = {"type": "error", "reason": why, "message": why, "description": why, "code": "trouble"}
        return web.json_response(body, status=status, headers=headers)


def _from_now(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


_WAITS: Mapping[Trouble, Callable[[], str]] = {
    Trouble.BUSY_SECONDS: lambda: "3600",
    Trouble.BUSY_DATE: lambda: _from_now(3600),
    Trouble.BUSY_BRIEFLY: lambda: "1",
    Trouble.BUSY_BRIEFLY_DATE: lambda: _from_now(2),
}


def _body(answer: web.StreamResponse) -> bytes:
    body = answer.body if isinstance(answer, web.Response) else b""
    return body if isinstance(body, bytes) else b""


def _emptied(answer: web.StreamResponse) -> web.StreamResponse:
    """The answer without its rows; totals and links stay, so more seems to follow."""
    data = json.loads(_body(answer))
    if isinstance(data, dict) and isinstance(data.get("result"), dict):
        data["result"]["records"] = []
    else:
        data = []
    return web.json_response(data, headers=_linked(answer.headers.get("Link")))


def _linked(link: str | None) -> dict[str, str] | None:
    return {"Link": link} if link is not None else None


async def _until_left(request: web.Request) -> None:
    # A transport tells of its end in no other way.
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110
        await asyncio.sleep(0.02)


def _broken(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _cut(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """Half of the body, announced as all of it."""
    body = _body(answer)
    half = web.StreamResponse(
        status=answer.status,
        headers={"Content-Type": "application/json", "Content-Length": str(len(body) or 10)},
    )
    await half.prepare(request)
    await half.write(body[: len(body) // 2] or b"{")
    if request.transport is not None:
        request.transport.close()
    return half
