"""A Wildix PBX on loopback for the tests of the client: its wire, and a switch for each way to fail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from linedesk.accounts.model import Credential, OAuthClient, PbxAccount, TokenCredential, TokenKind
from linedesk.clock import Clock, SystemClock
from linedesk.numbers.model import NumberPlan
from linedesk.pbx.wildix.client import WildixClient
from linedesk.pbx.wildix.exchange import Traffic
from pbx.wildix_book import WireBook

Fault = Callable[[web.Request], Awaitable[web.StreamResponse]]

MAKE_CALL = "/api/v2/call-control/make-call"
ORIGINATE = "/api/v1/Originate"
ORIGINATE_CALL = "/api/v1/Originate/Call/"
COLLEAGUES = "/api/v1/Colleagues/"
TOKEN = "access_invented-for-tests"

ROUTE_MISSING = {"type": "error", "reason": "404 Not Found", "code": 404}


@dataclass
class FakeWildix:
    """`placed` are the calls the PBX makes. `faults` maps a path to what happens there instead.

    `open_paths` are answered without a credential; `accepts` judges the credential of the others.
    """

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
    book: WireBook = field(default_factory=WireBook)
    headers: list[dict[str, str]] = field(default_factory=list)
    open_paths: set[str] = field(default_factory=set)
    accepts: Callable[[web.Request, Any], bool] = field(default=lambda request, _body: has_token(request))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        form = request.content_type == "application/x-www-form-urlencoded"
        body = dict(parse_qsl(raw.decode(), keep_blank_values=True)) if form else json.loads(raw or b"null")
        self.requests.append((request.path, dict(request.query), body))
        self.headers.append(dict(request.headers))
        if request.path not in self.open_paths and not self.accepts(request, body):
            return web.json_response({"type": "error", "reason": "Unauthorized", "result": None}, status=401)
        if (fault := self.faults.get(request.path)) is not None:
            return await fault(request)
        return self.answer(request, body)

    def answer(self, request: web.Request, body: Any) -> web.StreamResponse:
        if request.path == MAKE_CALL and self.has_v2:
            self.placed.append((request.query.get("user", "me"), body["destination"]))
            return web.json_response({"message": "Success"})
        if request.path == ORIGINATE_CALL:
            self.placed.append(("me", body["number"]))
            return web.json_response({"type": "result", "result": "Success"})
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
        return self.book.answer(request, body) or web.json_response(ROUTE_MISSING, status=404)

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


def has_token(request: web.Request) -> bool:
    return request.headers.get("Authorization") == f"Bearer {TOKEN}"


def account_of(pbx: FakeWildix, credential: Credential | None = None, **settings: Any) -> PbxAccount:
    """An account on this PBX, its cloud plane included."""
    token = credential or TokenCredential(TokenKind.SIMPLE, TOKEN)
    return PbxAccount(
        "acme",
        pbx.url,
        NumberPlan("IT"),
        credential=token,
        cloud_url=pbx.url,
        sign_in=OAuthClient("app-1", "sesame"),
        **settings,
    )


class NoBudget:
    """A gate that lets everything through at once."""

    async def wait(self, *, interactive: bool) -> None:
        """At once."""

    async def until_due(self) -> None:
        """At once."""

    def note(self, status: int, headers: Any) -> None:
        """Nothing to learn."""


def free_traffic() -> Traffic:
    """Places as always, but no budget, so that a test need not wait."""
    traffic = Traffic(5)
    traffic.gate = NoBudget()
    return traffic


@asynccontextmanager
async def client_of(
    pbx: FakeWildix,
    *,
    token: str = TOKEN,
    kind: TokenKind = TokenKind.COMPANY,
    timeout_s: float = 5.0,
    credential: Credential | None = None,
    clock: Clock | None = None,
    **settings: Any,
) -> AsyncIterator[WildixClient]:
    account = account_of(pbx, credential or TokenCredential(kind, token))
    client = WildixClient.for_account(
        account,
        timeout_s=timeout_s,
        clock=clock or SystemClock(),
        loopback=True,
        **{"traffic": free_traffic(), **settings},
    )
    try:
        yield client
    finally:
        await client.close()
