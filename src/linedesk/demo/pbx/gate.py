"""Who a request comes from: bearer tokens of every kind, signed server-to-server requests, session
cookies, and HTTP Basic where the switch allows it. What that one may do is in `auth.py`.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
from typing import Any

from aiohttp import web

from linedesk.clock import Clock
from linedesk.demo.pbx import s2s
from linedesk.demo.pbx.auth import Token
from linedesk.demo.pbx.forms import nested
from linedesk.demo.pbx.state import State
from linedesk.demo.pbx.users import House, User

COOKIE = "PHPSESSID"

_SIMPLE = re.compile(r"access_[A-Za-z0-9_-]{16,}")
_COMPANY = re.compile(r"wsk-v1-[A-Za-z0-9]{93}")
_OPAQUE = re.compile(r"[0-9a-f]{40}")
_JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+")
_COMPANY_SINCE = (7, 9)
_COMPANY_CLOUD_SINCE = (7, 4)
_BODILESS = frozenset({"GET", "HEAD", "DELETE"})


class Gate:
    """`who` is asked once for each request of the API."""

    def __init__(self, state: State, house: House, clock: Clock) -> None:
        self._state = state
        self._house = house
        self._clock = clock

    async def who(self, request: web.Request) -> Token | None:
        """The credential of a request to the PBX; None if it is missing, malformed, unknown or expired."""
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        text = text.strip()
        match scheme.lower():
            case "bearer" if _JWT.fullmatch(text):
                return await self._signed(request, text)
            case "bearer":
                token = self._bearer(text)
                return token if self._since(token, _COMPANY_SINCE) else None
            case "basic" if self._state.switches.basic_auth:
                return self._basic(text)
            case "":
                token = self._known(request.cookies.get(COOKIE, ""))
                return token if token is not None and token.kind == "session" else None
        return None

    async def who_in_the_cloud(self, request: web.Request) -> Token | None:
        """As `who`, for the cloud plane: simple tokens and sessions are unknown there."""
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and _JWT.fullmatch(text.strip()):
            return await self._signed(request, text.strip())
        if scheme.lower() != "bearer":
            text = request.headers.get("X-API-KEY", "")
        token = self._bearer(text.strip())
        if token is None or token.kind not in {"company", "oauth"}:
            return None
        return token if self._since(token, _COMPANY_CLOUD_SINCE) else None

    def user_of(self, login: str, password: str) -> User | None:
        """The user whose extension or login and web password these are."""
        for user in self._house.users.values():
            if login in {user.extension, user.login}:
                known = self._state.doors.password(user.extension)
                return user if hmac.compare_digest(known.encode(), password.encode()) else None
        return None

    def _bearer(self, text: str) -> Token | None:
        if not (_SIMPLE.fullmatch(text) or _COMPANY.fullmatch(text) or _OPAQUE.fullmatch(text)):
            return None
        token = self._known(text)
        return token if token is not None and token.kind in {"simple", "company", "oauth"} else None

    def _known(self, text: str) -> Token | None:
        token = self._state.tokens.get(text)
        return token if token is not None and token.alive(self._clock.now_ms()) else None

    def _since(self, token: Token | None, first: tuple[int, int]) -> bool:
        if token is None or token.kind != "company":
            return True
        version = tuple(int(part) for part in self._state.switches.wms_version.split(".")[:2])
        return version >= first

    def _basic(self, text: str) -> Token | None:
        try:
            login, _, password = base64.b64decode(text, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        user = self.user_of(login, password)
        return Token("", "basic", user.extension, user.role == "admin") if user is not None else None

    async def _signed(self, request: web.Request, text: str) -> Token | None:
        app = self._state.doors.s2s.get(request.headers.get("X-APP-ID", ""))
        if app is None:
            return None
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = {} if request.method in _BODILESS else await _body(request)
        now_s = self._clock.now_ms() / 1000 + self._state.switches.clock_offset_s
        asked = s2s.Request(request.method, request.path, headers, nested(request.query_string), body)
        return Token("", "s2s", None, True) if s2s.verified(text, app, asked, now_s) else None


async def _body(request: web.Request) -> dict[str, Any]:
    raw = await request.read()
    if request.content_type != "application/json":
        return nested(raw.decode(errors="replace"))
    try:
        document = json.loads(raw) if raw.strip() else {}
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
