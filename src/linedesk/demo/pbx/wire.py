"""Requests and answers in the PBX's own form: the envelope, its errors, forms and JSON bodies alike."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from linedesk.demo.pbx.auth import Token
from linedesk.demo.pbx.exchange import Exchange

BODY_MAX = 65_536


class Refused(Exception):
    """An error answer of the PBX: `reason` as its envelope carries it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Asked:
    """One API request that has passed the door. `path` holds the parts that the route's pattern named."""

    request: web.Request
    exchange: Exchange
    token: Token
    path: dict[str, str]

    @property
    def query(self) -> Any:
        return self.request.query

    async def fields(self) -> dict[str, Any]:
        """The body as fields, from JSON or from a form; raises `Refused` (400) for neither."""
        raw = await self.request.read()
        if not raw.strip():
            return {}
        if self.request.content_type == "application/json":
            try:
                document = json.loads(raw)
            except (ValueError, RecursionError):
                raise Refused(400, "Invalid JSON") from None
            if not isinstance(document, dict):
                raise Refused(400, "Invalid JSON")
            return document
        return dict(await self.request.post())

    def acting_user(self) -> str:
        """Whose call control this is: `?user=` of a root-admin credential, else the token's own user."""
        wanted = self.query.get("user", "").strip()
        own = self.token.extension
        if wanted and wanted != own:
            if self.token.root:
                return self._known(wanted)
            if self.exchange.state.switches.user_param == "refuse":
                raise Refused(403, "Only a root admin may act for another user")
        if own is None:
            if not wanted:
                raise Refused(400, "Parameter user is required")
            raise Refused(403, "Only a root admin may act for another user")
        return self._known(own)

    def _known(self, extension: str) -> str:
        if self.exchange.house.user(extension) is None:
            raise Refused(404, "User not found")
        return extension


def result(value: Any) -> web.Response:
    """Success, v1: always 200."""
    return web.json_response({"type": "result", "result": value})


def message(text: str = "Success") -> web.Response:
    """Success, v2 actions."""
    return web.json_response({"message": text})


def error(refused: Refused, *, with_200: bool, v2: bool) -> web.Response:
    """The error envelope; v2 replies say it in `message` too."""
    body: dict[str, Any] = {"type": "error", "reason": refused.reason, "result": None}
    if v2:
        body["message"] = refused.reason
    return web.json_response(body, status=200 if with_200 else refused.status)


def route_missing() -> web.Response:
    """The 404 of a route that this WMS does not have; another body than "call not found"."""
    return web.json_response({"type": "error", "reason": "404 Not Found", "code": 404}, status=404)
