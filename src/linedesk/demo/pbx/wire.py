"""Requests and answers in the PBX's own form: the envelope, its errors, forms and JSON bodies alike."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from linedesk.demo.pbx.auth import Token
from linedesk.demo.pbx.exchange import Exchange
from linedesk.demo.pbx.forms import Nested, nested
from linedesk.demo.switches import PbxSwitches

API_BODY_MAX = 8 * 1_048_576


class Refused(Exception):
    """An error answer of the PBX: `reason` as its envelope carries it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class RouteMissing(Exception):
    """This WMS has no such route."""


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

    @property
    def switches(self) -> PbxSwitches:
        return self.exchange.state.switches

    def listing_query(self) -> Nested:
        """The query string with its brackets read."""
        try:
            return nested(self.request.query_string)
        except ValueError:
            raise Refused(400, "Too many parameters") from None

    async def fields(self) -> dict[str, Any]:
        """The body as fields, from JSON or from a form; raises `Refused` (400) for neither."""
        raw = await self.request.read()
        if not raw.strip():
            return {}
        if self.is_json:
            try:
                document = json.loads(raw)
            except (ValueError, RecursionError):
                raise Refused(400, "Invalid JSON") from None
            if not isinstance(document, dict):
                raise Refused(400, "Invalid JSON")
            return document
        return dict(await self.request.post())

    async def data(self) -> dict[str, str]:
        """`data[…]` of the query string and of the form; a JSON body holds none of it."""
        found = self.listing_query().get("data")
        written: dict[str, Any] = dict(found) if isinstance(found, dict) else {}
        if not self.is_json:
            raw = await self.request.read()
            try:
                more = nested(raw.decode(errors="replace")).get("data")
            except ValueError:
                raise Refused(400, "Too many parameters") from None
            written |= more if isinstance(more, dict) else {}
        return {name: value for name, value in written.items() if isinstance(value, str)}

    @property
    def is_json(self) -> bool:
        return self.request.content_type == "application/json"

    def acting_user(self) -> str:
        """Whose call control this is: `?user=` of a root-admin credential, else the token's own user."""
        wanted = self.query.get("user", "").strip()
        own = self.token.extension
        if wanted and wanted != own:
            if self.token.root:
                return self._known(wanted)
            if self.switches.user_param == "refuse":
                raise Refused(403, "Only a root admin may act for another user")
        if own is None:
            if not wanted:
                raise Refused(400, "Parameter user is required")
            raise Refused(403, "Only a root admin may act for another user")
        return self._known(own)

    def _known(self, login: str) -> str:
        """By extension or by the e-mail a user signs in with, where it has no `+`."""
        for user in self.exchange.house.users.values():
            if login == user.extension or (login == user.email and "+" not in login):
                return user.extension
        raise Refused(404, "User not found")


def result(value: Any) -> web.Response:
    """Success, v1: always 200."""
    return web.json_response({"type": "result", "result": value})


def message(text: str = "Success") -> web.Response:
    """Success, v2 actions."""
    return web.json_response({"message": text})


def total(asked: Asked, count: int, usual: type[str] | type[int]) -> str | int:
    """A list's `total`, a text or a number as the switches say."""
    return _spelt(asked, count, asked.switches.total_as, usual)


def number(asked: Asked, value: int, usual: type[str] | type[int]) -> str | int:
    """An id, a text or a number as the switches say."""
    return _spelt(asked, value, asked.switches.ids_as, usual)


def _spelt(asked: Asked, value: int, spelling: str, usual: type[str] | type[int]) -> str | int:
    match spelling:
        case "string":
            return str(value)
        case "number":
            return value
        case "mixed":
            # Now this, now that, without an order that a client could learn.
            dice = asked.exchange.state.next_number() * 2_654_435_761 >> 13
            return value if dice & 1 else str(value)
        case _:
            return usual(value)


def error(refused: Refused, *, with_200: bool, v2: bool) -> web.Response:
    """The error envelope; v2 replies say it in `message` too."""
    body: dict[str, Any] = {"type": "error", "reason": refused.reason, "result": None}
    if v2:
        body["message"] = refused.reason
    return web.json_response(body, status=200 if with_200 else refused.status)


def route_missing() -> web.Response:
    """The 404 of a route that this WMS does not have; another body than "call not found"."""
    return web.json_response({"type": "error", "reason": "404 Not Found", "code": 404}, status=404)
