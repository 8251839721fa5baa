"""The door of the simulated PBX's API: finds the route, checks the token and its scope, makes faults.

Paths are matched without regard to case and to a slash at the end. An answer that no fault touches is
always the envelope of `wire.py`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from linedesk.clock import Clock
from linedesk.demo.pbx import api_v1, api_v2
from linedesk.demo.pbx.auth import find_token
from linedesk.demo.pbx.exchange import Exchange
from linedesk.demo.pbx.wire import Asked, Refused, error, route_missing

Handler = Callable[[Asked], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """`resource` is the scope that a company key needs."""

    method: str
    path: str
    resource: str
    handler: Handler

    def match(self, method: str, path: str) -> dict[str, str] | None:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)
        found = re.fullmatch(pattern, path, re.IGNORECASE)
        return found.groupdict() if found and method == self.method else None


_V2 = "/api/v2/call-control"
ROUTES = (
    Route("POST", f"{_V2}/make-call", "callcontrol", api_v2.make_call),
    Route("GET", f"{_V2}/list-calls", "callcontrol", api_v2.list_calls),
    Route("GET", f"{_V2}/list-devices", "callcontrol", api_v2.list_devices),
    Route("POST", f"{_V2}/answer", "callcontrol", api_v2.answer),
    Route("POST", f"{_V2}/hangup", "callcontrol", api_v2.hang_up),
    Route("POST", f"{_V2}/hold", "callcontrol", api_v2.hold),
    Route("POST", f"{_V2}/unhold", "callcontrol", api_v2.resume),
    Route("POST", "/api/v1/originate/call", "originate", api_v1.originate_call),
    Route("POST", "/api/v1/originate", "originate", api_v1.originate),
    Route("GET", "/api/v1/colleagues", "colleagues", api_v1.colleagues),
    Route("GET", "/api/v1/pbx/colleagues", "colleagues", api_v1.pbx_colleagues),
    Route("GET", "/api/v1/colleagues/{id}", "colleagues", api_v1.colleague),
    Route("GET", "/api/v1/personal/info", "personal", api_v1.personal_info),
    Route("GET", "/api/v1/pbx/version", "pbx", api_v1.version),
    Route("GET", "/api/v1/pbx/ping", "pbx", api_v1.ping),
)


class Api:
    """`handle` serves everything below `/api/`."""

    def __init__(self, exchange: Exchange, clock: Clock) -> None:
        self._exchange = exchange
        self._clock = clock

    async def handle(self, request: web.Request) -> web.StreamResponse:
        sw = self._exchange.state.switches
        if sw.api_delay_s:
            await self._clock.sleep(sw.api_delay_s * sw.time_scale)
        if (fault := await self._fault(request)) is not None:
            return fault
        path = request.path
        if sw.redirect_on_slash and path.endswith("/"):
            raise web.HTTPMovedPermanently(path.rstrip("/"))
        path = path.rstrip("/")
        v2 = path.lower().startswith("/api/v2/")
        try:
            answer = await self._route(request, path, v2=v2)
        except Refused as refused:
            return error(refused, with_200=sw.error_with_200, v2=v2)
        if sw.api_fault == "drop-after-accept" and request.method == "POST":
            # The command was taken; the caller never hears of it.
            _cut(request)
        return answer

    async def _route(self, request: web.Request, path: str, *, v2: bool) -> web.StreamResponse:
        sw = self._exchange.state.switches
        token = find_token(
            request.headers.get("Authorization"), self._exchange.state.tokens, sw, self._exchange.now_ms()
        )
        if token is None:
            raise Refused(401, "Unauthorized")
        if v2 and sw.v2_absent:
            return route_missing()
        for route in ROUTES:
            found = route.match(request.method, path)
            if found is not None:
                if not token.may(route.resource, request.method):
                    raise Refused(403, "Forbidden")
                return await route.handler(Asked(request, self._exchange, token, found))
        return route_missing()

    async def _fault(self, request: web.Request) -> web.StreamResponse | None:
        sw = self._exchange.state.switches
        match sw.api_fault:
            case "html":
                text = "<html><body><h1>It works!</h1></body></html>"
                return web.Response(text=text, content_type="text/html")
            case "500":
                return error(Refused(500, "Internal Server Error"), with_200=False, v2=False)
            case "429":
                answer = error(Refused(429, "Too Many Requests"), with_200=False, v2=False)
                if sw.retry_after_s is not None:
                    answer.headers["Retry-After"] = str(sw.retry_after_s)
                return answer
            case "hang":
                await asyncio.Event().wait()  # until the caller gives up and aiohttp cancels
        return None


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
