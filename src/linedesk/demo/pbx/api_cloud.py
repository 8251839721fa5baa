"""The cloud plane, as far as it concerns presence. It knows other credentials than the PBX does."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from linedesk.clock import Clock
from linedesk.demo.pbx.exchange import Exchange
from linedesk.demo.pbx.faults import Faults
from linedesk.demo.pbx.gate import Gate
from linedesk.demo.pbx.state import Mood

_SCOPES = frozenset({"stream:QueryPresences", "stream:read", "stream:*"})
_MOST = 500


class Cloud:
    """`POST /v2/stream/presence/query_multiple`: the telephony presence of up to 500 extensions."""

    def __init__(self, exchange: Exchange, gate: Gate, clock: Clock) -> None:
        self._exchange = exchange
        self._gate = gate
        self._faults = Faults(exchange.state, clock)

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/v2/stream/presence/query_multiple", self.presences)]

    async def presences(self, request: web.Request) -> web.StreamResponse:
        sw = self._exchange.state.switches
        if sw.cloud_absent:
            return _said(404, "Not Found")
        # It is another host: a fault that is not asked for by its path is one of the PBX.
        if sw.api_fault_paths and (fault := await self._faults.struck(request)) is not None:
            return fault
        token = await self._gate.who_in_the_cloud(request)
        if token is None:
            return _said(401, "Unauthorized")
        if token.kind == "oauth" or (token.kind == "company" and not _SCOPES & set(token.scopes)):
            return _said(403, "ForbiddenException")
        wanted = await _extensions(request)
        if wanted is None or len(wanted) > _MOST:
            return _said(400, f"filter must be a list of at most {_MOST} extensions")
        known = [each for each in wanted if self._exchange.house.user(each) is not None]
        return web.json_response({"presences": [self._presence(each) for each in known]})

    def _presence(self, extension: str) -> dict[str, str]:
        mood = self._exchange.state.moods.get(extension, Mood())
        telephony = self._exchange.presence_of(extension).upper()
        return {"extension": extension, "status": mood.status, "telephony": telephony}


async def _extensions(request: web.Request) -> list[str] | None:
    try:
        document: Any = json.loads(await request.read())
    except (ValueError, RecursionError):
        return None
    wanted = document.get("filter") if isinstance(document, dict) else None
    if not isinstance(wanted, list) or not all(isinstance(each, dict) for each in wanted):
        return None
    return [str(each.get("extension", "")) for each in wanted]


def _said(status: int, words: str) -> web.Response:
    return web.json_response({"message": words}, status=status)
