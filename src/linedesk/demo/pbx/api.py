"""The door of the simulated PBX's API: finds the route, checks the credential and its scope, makes faults.

Paths are matched without regard to case and to a slash at the end. An answer that no fault touches is
always the envelope of `wire.py`.
"""

from __future__ import annotations

import re

from aiohttp import web

from linedesk.clock import Clock
from linedesk.demo.pbx.auth import Token
from linedesk.demo.pbx.exchange import Exchange
from linedesk.demo.pbx.faults import Faults, under
from linedesk.demo.pbx.gate import Gate
from linedesk.demo.pbx.routes import CONTACTS, ROUTES, Route
from linedesk.demo.pbx.wire import API_BODY_MAX, Asked, Refused, RouteMissing, error, route_missing


class Api:
    """`handle` serves everything below `/api/`."""

    def __init__(self, exchange: Exchange, gate: Gate, clock: Clock) -> None:
        self._exchange = exchange
        self._gate = gate
        self._clock = clock
        self._faults = Faults(exchange.state, clock)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        sw = self._exchange.state.switches
        if sw.api_delay_s:
            await self._clock.sleep(sw.api_delay_s * sw.time_scale)
        if (fault := await self._faults.before(request)) is not None:
            return fault
        if sw.redirect_on_slash and request.path.endswith("/"):
            query = f"?{request.query_string}" if request.query_string else ""
            raise web.HTTPMovedPermanently(request.path.rstrip("/") + query)
        path = re.sub(r"/{2,}", "/", request.path).rstrip("/")
        v2 = path.lower().startswith("/api/v2/")
        try:
            answer = await self._route(request, path, v2=v2)
        except RouteMissing:
            answer = route_missing()
        except Refused as refused:
            with_200 = sw.error_with_200 or under(path, sw.error_200_paths)
            answer = self._refusal(refused, with_200=with_200, v2=v2)
        return await self._faults.after(request, answer)

    async def _route(self, request: web.Request, path: str, *, v2: bool) -> web.StreamResponse:
        request = request.clone(client_max_size=API_BODY_MAX)
        token = await self._gate.who(request)
        if token is None:
            raise Refused(401, "Unauthorized")
        if v2 and self._exchange.state.switches.v2_absent:
            raise RouteMissing
        for route in ROUTES:
            found = route.match(request.method, path)
            if found is not None:
                self._check_scope(route, token)
                return await route.handler(Asked(request, self._exchange, token, found))
        raise RouteMissing

    def _check_scope(self, route: Route, token: Token) -> None:
        resource = route.resource
        if resource == CONTACTS:
            resource = self._exchange.state.switches.contacts_scope
        if not token.may(resource, route.method):
            raise Refused(403, "Forbidden")

    def _refusal(self, refused: Refused, *, with_200: bool, v2: bool) -> web.Response:
        form = self._exchange.state.switches.unauthorised_form
        if refused.status != 401 or with_200 or form == "envelope":
            return error(refused, with_200=with_200, v2=v2)
        match form:
            case "message":
                return web.json_response({"message": refused.reason}, status=401)
            case "html":
                text = "<html><body><h1>401 Unauthorized</h1></body></html>"
                return web.Response(text=text, content_type="text/html", status=401)
            case _:
                return web.Response(status=401)
