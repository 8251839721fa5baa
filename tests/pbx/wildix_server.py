"""A Wildix PBX on loopback for the tests of the client: its wire, and a switch for each way to fail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from linedesk.accounts.model import PbxAccount
from linedesk.numbers.model import NumberPlan
from linedesk.pbx.wildix.client import WildixClient

Fault = Callable[[web.Request], Awaitable[web.StreamResponse]]

MAKE_CALL = "/api/v2/call-control/make-call"
ORIGINATE = "/api/v1/Originate"
COLLEAGUES = "/api/v1/Colleagues/"
TOKEN = "access_invented-for-tests"

ROUTE_MISSING = {"type": "error", "reason": "404 Not Found", "code": 404}


@dataclass
class FakeWildix:
    """`placed` are the calls the PBX makes. `faults` maps a path to what happens there instead."""

    url: str = ""
    has_v2: bool = True
    total_as_text: bool = True
    page_max: int = 1500
    repeats_pages: bool = False
    colleagues: list[dict[str, Any]] = field(default_factory=list)
    faults: dict[str, Fault] = field(default_factory=dict)
    placed: list[tuple[str, str]] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        body = json.loads(raw) if raw else None
        self.requests.append((request.path, dict(request.query), body))
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"type": "error", "reason": "Unauthorized", "result": None}, status=401)
        if (fault := self.faults.get(request.path)) is not None:
            return await fault(request)
        return self.answer(request, body)

    def answer(self, request: web.Request, body: Any) -> web.StreamResponse:
        if request.path == MAKE_CALL and self.has_v2:
            self.placed.append((request.query["user"], body["destination"]))
            return web.json_response({"message": "Success"})
        if request.path == ORIGINATE:
            if any(not isinstance(value, str) for value in body.values()):
                return web.json_response({"type": "error", "reason": "Internal"}, status=500)
            self.placed.append((body["channel"], body["exten"]))
            return web.json_response({"type": "result", "result": "Success"})
        if request.path == COLLEAGUES:
            start = 0 if self.repeats_pages else int(request.query["start"])
            count = min(int(request.query["count"]), self.page_max)
            total: int | str = len(self.colleagues)
            page = {
                "total": str(total) if self.total_as_text else total,
                "records": self.colleagues[start : start + count],
            }
            return web.json_response({"type": "result", "result": page})
        return web.json_response(ROUTE_MISSING, status=404)

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.requests]

    # Faults

    async def hang(self, request: web.Request) -> web.StreamResponse:
        """Takes the request and never answers."""
        await self.released.wait()
        return web.Response()

    async def accept_and_lose_the_answer(self, request: web.Request) -> web.StreamResponse:
        """Places the call, then the connection breaks before the answer."""
        self.answer(request, self.requests[-1][2])
        return _abort(request)

    async def break_in_mid_body(self, request: web.Request) -> web.StreamResponse:
        self.answer(request, self.requests[-1][2])
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "500"})
        await response.prepare(request)
        await response.write(b'{"mess')
        return _abort(request)

    def says(self, body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Fault:
        """Answers `body` (JSON unless it is text) with `status`, and does nothing."""

        async def fault(_request: web.Request) -> web.StreamResponse:
            if isinstance(body, str):
                kind = "text/html" if body.startswith("<") else "application/json"
                return web.Response(text=body, status=status, content_type=kind, headers=headers)
            return web.json_response(body, status=status, headers=headers)

        return fault


def _abort(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    raise asyncio.CancelledError


@asynccontextmanager
async def fake_wildix(**settings: Any) -> AsyncIterator[FakeWildix]:
    """A running PBX; `url` is where it listens."""
    pbx = FakeWildix(**settings)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", pbx.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    pbx.url = f"http://{host}:{port}"
    try:
        yield pbx
    finally:
        pbx.released.set()
        await runner.cleanup()


@asynccontextmanager
async def client_of(
    pbx: FakeWildix, *, token: str = TOKEN, timeout_s: float = 5.0
) -> AsyncIterator[WildixClient]:
    account = PbxAccount("acme", pbx.url, NumberPlan("IT"), token=token)
    client = WildixClient.for_account(account, timeout_s=timeout_s, loopback=True)
    try:
        yield client
    finally:
        await client.close()
