"""Signing in with an extension and its web password, as PieSync did. Legacy: built only when asked for.

The PBX's login gives a session cookie; where a PBX has no login address, HTTP Basic is used instead.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Mapping

from linedesk.accounts.model import PasswordCredential
from linedesk.budget import Gate
from linedesk.clock import Clock
from linedesk.errors import VendorAuth, VendorNotFound, VendorRefused, VendorRouteMissing
from linedesk.net import HttpClient
from linedesk.pbx.wildix.auth import Outgoing
from linedesk.pbx.wildix.envelope import payload

LOGIN = "/api/v1/personal/login"
_COOKIE = re.compile(r"(?:^|[,\s])PHPSESSID=([0-9A-Za-z,_-]+?)(?:[;,\s]|$)")
_PAUSE_MS = 300_000
_REMEDY = (
    "Check the extension and its web password. Users with two-factor or single sign-on can't be used "
    "this way: make a token in WMS instead."
)


class PasswordSession:
    """A session cookie, made anew when the PBX no longer takes it.

    A refused password is not tried again for five minutes, so that the PBX does not lock the user.
    """

    def __init__(
        self, http: HttpClient, credential: PasswordCredential, *, clock: Clock, gate: Gate | None = None
    ) -> None:
        self._http = http
        self._credential = credential
        self._clock = clock
        self._gate = gate
        self._lock = asyncio.Lock()
        self._headers: Mapping[str, str] | None = None
        self._refused_ms: int | None = None

    async def headers(self, request: Outgoing) -> Mapping[str, str]:
        async with self._lock:
            if self._headers is None:
                self._headers = await self._sign_in()
            return self._headers

    async def renew(self, refused: Mapping[str, str]) -> bool:
        async with self._lock:
            if refused is not self._headers:
                return True
            if "Authorization" in refused:
                return False
            self._headers = None
            self._headers = await self._sign_in()
            return True

    async def close(self) -> None:
        """The session ends by itself."""

    async def _sign_in(self) -> Mapping[str, str]:
        now_ms = self._clock.now_ms()
        if self._refused_ms is not None and 0 <= now_ms - self._refused_ms < _PAUSE_MS:
            raise self._wrong()
        form = {"login": self._credential.login, "password": self._credential.password}
        reply = await self._http.send("POST", LOGIN, form=form, gate=self._gate)
        try:
            payload(reply)
        except VendorRouteMissing:
            return self._basic()
        except (VendorAuth, VendorRefused, VendorNotFound):
            # What the PBX says here may quote the login, so its words are not passed on.
            self._refused_ms = now_ms
            raise self._wrong() from None
        cookie = _COOKIE.search(reply.headers.get("set-cookie", ""))
        return {"Cookie": f"PHPSESSID={cookie[1]}"} if cookie else self._basic()

    def _basic(self) -> Mapping[str, str]:
        pair = f"{self._credential.login}:{self._credential.password}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def _wrong(self) -> VendorAuth:
        return VendorAuth(f"{self._http.who} refused the password.", remedy=_REMEDY)
