"""The door of the simulated Freshdesk API: who asks, the minute's budget, faults, and the way to a function.

One table of routes; a function takes an `Ask` and gives an `Answer`.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from linedesk.clock import Clock
from linedesk.demo.crm.faults import Faults, encoded, lost, response
from linedesk.demo.crm.limits import Minute
from linedesk.demo.crm.switches import FreshdeskSwitches
from linedesk.demo.crm.switching import CrmSwitchboard
from linedesk.demo.crm.wire import Answer, Refusal, coded, not_found

PREFIX = "/api/v2"


@dataclass(frozen=True, slots=True)
class ApiAgent:
    """Who an API key belongs to. Only an administrator reads the definitions of fields."""

    id: int
    name: str
    email: str
    admin: bool = True

    def as_json(self) -> dict[str, Any]:
        """As `/agents/me` shows it."""
        return {
            "available": True,
            "occasional": False,
            "id": self.id,
            "ticket_scope": 1,
            "signature": None,
            "group_ids": [],
            "role_ids": [1 if self.admin else 3],
            "type": "support_agent",
            "contact": {
                "active": True,
                "email": self.email,
                "job_title": None,
                "language": "en",
                "name": self.name,
                "phone": None,
                "mobile": None,
                "time_zone": "London",
            },
        }


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: `ids` are the numbers in its path, `body` its JSON object (empty without one)."""

    agent: ApiAgent
    query: Mapping[str, str]
    url: str
    ids: tuple[int, ...]
    body: dict[str, Any]
    switches: FreshdeskSwitches


Function = Callable[[Ask], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """`path` holds `{id}` where a number stands. `listing`: it counts for the contact lists' own limit."""

    method: str
    path: str
    function: Function
    listing: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.escape(self.path).replace(r"\{id\}", r"(\d{1,18})"))


class FreshdeskApi:
    """`keys`: API key -> whose it is."""

    def __init__(
        self,
        routes: list[Route],
        keys: Mapping[str, ApiAgent],
        faults: Faults,
        switchboard: CrmSwitchboard,
        clock: Clock,
    ) -> None:
        self._routes = [(each, each.pattern) for each in routes]
        self._keys = keys
        self._switchboard = switchboard
        self._clock = clock
        self._minute = Minute()
        self._faults = faults

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request under `/api/v2`."""
        switches, fault = self._switchboard.switches, self._faults.due()
        if switches.api_delay_s:
            await self._clock.sleep(switches.api_delay_s)
        limit: dict[str, str] = {}
        try:
            agent = self._agent(request)
            path = request.path.removeprefix(PREFIX).rstrip("/")
            found = self._find(request.method, path)
            listing = found is not None and found[0].listing
            limit = self._minute.take(switches, self._clock.now_ms() / 1000, listing=listing)
            answer = self._faults.instead(fault)
            if answer is None:
                answer = await self._work(request, agent, path, found)
        except Refusal as refusal:
            answer = refusal.answer
        answer = Answer(answer.status, answer.body, {**limit, **answer.headers})
        writing = request.method in {"POST", "PUT", "DELETE"} and answer.status < 300
        if writing and switches.write_fault == "stored-answer-lost":
            return lost(request)
        if fault in {"hang", "reset", "truncated", "slow"}:
            return await self._faults.send(request, answer, fault)
        return response(answer, encoded(answer))

    async def _work(
        self, request: web.Request, agent: ApiAgent, path: str, found: tuple[Route, tuple[int, ...]] | None
    ) -> Answer:
        if found is None:
            raise self._no_route(path)
        route, ids = found
        body = await _body(request)
        switches = self._switchboard.switches
        answer = route.function(Ask(agent, request.query, str(request.url), ids, body, switches))
        if route.listing and request.query.get("page", "1") == "1":
            self._faults.between_pages()
        return answer

    def _agent(self, request: web.Request) -> ApiAgent:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        try:
            key = base64.b64decode(text, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            key = ""
        agent = self._keys.get(key) if scheme.lower() == "basic" else None
        if agent is None:
            raise coded(401, "invalid_credentials", "You have to be logged in to perform this action.")
        return agent

    def _find(self, method: str, path: str) -> tuple[Route, tuple[int, ...]] | None:
        for route, pattern in self._routes:
            match = pattern.fullmatch(path)
            if match is not None and route.method == method:
                return route, tuple(int(each) for each in match.groups())
        return None

    def _no_route(self, path: str) -> Refusal:
        allowed = sorted({route.method for route, pattern in self._routes if pattern.fullmatch(path)})
        if not allowed:
            return not_found()
        methods = ", ".join(allowed)
        body = {"message": f"Method not allowed. It should be one of these: {methods}"}
        return Refusal(Answer(405, body, {"Allow": methods}))


async def _body(request: web.Request) -> dict[str, Any]:
    if request.method not in {"POST", "PUT"}:
        return {}
    raw = await request.read()
    if not raw:
        return {}
    if request.content_type != "application/json":
        raise coded(415, "unsupported_media_type", "Content type should be application/json")
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise coded(400, "invalid_json", "Request body has invalid json format") from None
    if not isinstance(document, dict):
        raise coded(400, "invalid_json", "Request body has invalid json format")
    return document
