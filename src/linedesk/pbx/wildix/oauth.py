"""OAuth 2.0 of the PBX: the address a person is sent to, a code for a grant, and a grant that stays fresh.

The PBX wants the application's id and secret in the body, and knows no PKCE.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog
from authlib.oauth2.rfc6749.parameters import (  # type: ignore[import-untyped]
    prepare_grant_uri,
    prepare_token_request,
)

from linedesk.budget import Gate
from linedesk.clock import Clock
from linedesk.errors import VendorAuth, VendorGarbled
from linedesk.net import HttpClient, Reply
from linedesk.pbx.wildix.auth import Outgoing
from linedesk.pbx.wildix.envelope import clean, payload
from linedesk.pbx.wildix.fields import mapping, whole

log = structlog.get_logger(__name__)

AUTHORIZE = "/authorization/oauth2"
TOKEN = "/authorization/oauth2Token"  # noqa: S105 - a path

_AHEAD_MS = 60_000
_PAUSE_MS = 60_000
_SIGN_IN = "Sign in with Wildix again."
_LIFE_MAX_S = 10 * 365 * 86_400
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class GrantEnded(VendorAuth):
    """The PBX no longer accepts a grant or a code: only a new consent helps."""


class Application(Protocol):
    """The PBX's OAuth 2.0 application: `OAuthClient` and `ApplicationCredential` are such."""

    @property
    def client_id(self) -> str: ...

    @property
    def client_secret(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person consented to. `expires_at_ms` None: the PBX told no end of the access token."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at_ms: int | None


OnGrant = Callable[[Grant], Awaitable[None]]


def authorize_url(pbx_url: str, client_id: str, redirect_uri: str, state: str) -> str:
    """Where the person's browser goes to consent. `state` must be bound to that browser's session."""
    address = f"{pbx_url.rstrip('/')}{AUTHORIZE}"
    return str(prepare_grant_uri(address, client_id, "code", redirect_uri=redirect_uri, state=state))


async def exchange_code(
    http: HttpClient,
    client: Application,
    code: str,
    redirect_uri: str,
    *,
    clock: Clock,
    gate: Gate | None = None,
) -> Grant:
    """The grant for a code that came to `redirect_uri`; a code is good once.

    Raises `GrantEnded` when the PBX refuses the code, `VendorAuth` for the application, other `VendorError`s.
    """
    values = {"code": code, "redirect_uri": redirect_uri}
    return await _ask(http, client, clock, gate, _Asked("authorization_code", values, _SIGN_IN))


class OAuthSession:
    """A grant kept fresh: renewed ahead of its end, by one request however many wait for it.

    `on_grant` is awaited when the PBX gave another refresh token: that one is used for nothing before it
    is stored. `again` is the remedy once the PBX no longer accepts the grant.
    """

    def __init__(
        self,
        http: HttpClient,
        client: Application,
        grant: Grant,
        *,
        clock: Clock,
        gate: Gate | None = None,
        on_grant: OnGrant | None = None,
        again: str,
    ) -> None:
        self._http = http
        self._client = client
        self._grant = grant
        self._clock = clock
        self._gate = gate
        self._on_grant = on_grant
        self._again = again
        self._renew_at_ms = self._due_ms(grant)
        self._unsaved = False
        self._refused: tuple[int, VendorAuth] | None = None
        self._refreshing: asyncio.Task[None] | None = None

    @property
    def grant(self) -> Grant:
        """The present grant."""
        return self._grant

    async def headers(self, request: Outgoing) -> Mapping[str, str]:
        if self._stale():
            await self._refresh()
        return {"Authorization": f"Bearer {self._grant.access_token}"}

    async def renew(self, refused: Mapping[str, str]) -> bool:
        if refused.get("Authorization") == f"Bearer {self._grant.access_token}":
            await self._refresh()
        return True

    async def close(self) -> None:
        """Let a running refresh end, so that a new refresh token is not lost."""
        if self._refreshing is not None:
            await asyncio.wait([self._refreshing])

    def _stale(self) -> bool:
        over = self._renew_at_ms is not None and self._clock.now_ms() >= self._renew_at_ms
        return over or not self._grant.access_token or self._unsaved

    def _due_ms(self, grant: Grant) -> int | None:
        """When it is renewed: a minute before its end, or later where its whole life is short."""
        if grant.expires_at_ms is None:
            return None
        life_ms = grant.expires_at_ms - self._clock.now_ms()
        return grant.expires_at_ms - min(_AHEAD_MS, max(life_ms, 0) // 4)

    async def _refresh(self) -> None:
        """One refresh at a time; it goes on when the request that began it is given up."""
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._renewed(), name="oauth-refresh")
            self._refreshing.add_done_callback(_looked_at)
        await asyncio.shield(self._refreshing)

    async def _renewed(self) -> None:
        if self._unsaved:
            await self._save()
            return
        self._not_so_soon()
        before = self._grant.refresh_token
        if before is None:
            raise GrantEnded(f"The sign-in to {self._http.who} has ended.", remedy=self._again)
        try:
            fresh = await _ask(
                self._http,
                self._client,
                self._clock,
                self._gate,
                _Asked("refresh_token", {"refresh_token": before}, self._again),
            )
        except VendorAuth as error:
            self._refused = (self._clock.now_ms(), error)
            raise
        self._refused = None
        rotated = fresh.refresh_token not in {None, before}
        self._grant = Grant(fresh.access_token, fresh.refresh_token or before, fresh.expires_at_ms)
        self._renew_at_ms = self._due_ms(self._grant)
        if rotated:
            self._unsaved = True
            await self._save()

    def _not_so_soon(self) -> None:
        """A grant that was refused is asked about once a minute only: more would look like an attack."""
        if self._refused is not None:
            at_ms, error = self._refused
            if 0 <= self._clock.now_ms() - at_ms < _PAUSE_MS:
                raise type(error)(error.message, remedy=error.remedy)

    async def _save(self) -> None:
        if self._on_grant is not None:
            await self._on_grant(self._grant)
        self._unsaved = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question to the token address. `again`: what a person does when it is refused."""

    grant_type: str
    values: Mapping[str, str] = field(repr=False)
    again: str


async def _ask(
    http: HttpClient, client: Application, clock: Clock, gate: Gate | None, asked: _Asked
) -> Grant:
    body = prepare_token_request(
        asked.grant_type, client_id=client.client_id, client_secret=client.client_secret, **asked.values
    )
    asked_ms = clock.now_ms()
    reply = await http.send("POST", TOKEN, content=str(body).encode(), headers=_FORM, gate=gate)
    return _grant(reply, _answer(reply, asked.again), asked_ms)


def _answer(reply: Reply, again: str) -> Mapping[str, Any]:
    try:
        data = mapping(reply.json())
    except VendorGarbled:
        data = {}
    error = data.get("error")
    if reply.status >= 500 or not isinstance(error, str) or not error:
        return payload(reply)
    log.warning("oauth_refused", who=reply.who, reason=clean(error, 40))
    if error == "invalid_client":
        raise VendorAuth(
            f"{reply.who} doesn't know the OAuth application that Linedesk uses.",
            remedy="Copy its id and its secret key from WMS again: PBX, Integrations, Applications.",
        )
    why = clean(data.get("error_description")).rstrip(".") or clean(error, 40)
    refusal = GrantEnded if error == "invalid_grant" else VendorAuth
    raise refusal(f"{reply.who} refused the sign-in: {why}.", remedy=again)


def _looked_at(task: asyncio.Task[None]) -> None:
    """Everyone who waited may be gone; an error is then no news to anybody."""
    if not task.cancelled():
        task.exception()


def _grant(reply: Reply, data: Mapping[str, Any], asked_ms: int) -> Grant:
    # Some answers of this PBX stand in its usual envelope.
    inner = data if "access_token" in data else mapping(data.get("result"))
    access, refresh = inner.get("access_token"), inner.get("refresh_token")
    if not isinstance(access, str) or not _TOKEN.fullmatch(access):
        raise VendorGarbled(f"{reply.who} answered without an access token.")
    life_s = whole(inner.get("expires_in"))
    return Grant(
        access_token=access,
        refresh_token=refresh if isinstance(refresh, str) and _TOKEN.fullmatch(refresh) else None,
        expires_at_ms=asked_ms + life_s * 1000 if life_s is not None and 0 <= life_s <= _LIFE_MAX_S else None,
    )
