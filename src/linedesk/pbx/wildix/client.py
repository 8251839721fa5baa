"""The PBX port on a Wildix PBX: click-to-dial and the list of colleagues over its HTTP API.

Dialling takes v2 `make-call`. The older v1 `Originate` is used only when the PBX says that it has no such
route: after a time-out or a lost connection the phone may be ringing, and a second request would ring twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import structlog

from linedesk.accounts.model import PbxAccount
from linedesk.addresses import Reach
from linedesk.errors import (
    ConfigError,
    VendorAuth,
    VendorError,
    VendorGarbled,
    VendorRefused,
    VendorRouteMissing,
)
from linedesk.net import HttpClient
from linedesk.pbx.base import Colleague, DialAccepted, DialRequest
from linedesk.pbx.wildix.auth import Auth, BearerToken, Outgoing
from linedesk.pbx.wildix.colleagues import PAGE, Listing
from linedesk.pbx.wildix.envelope import payload

log = structlog.get_logger(__name__)

_DEFAULT_DIALPLAN = "users"
_EXTENSION = re.compile(r"[0-9A-Za-z_.-]{1,32}")
_DESTINATION = re.compile(r"\+?[0-9*#]{1,40}")
_LOOK = "Look at your phone before you try again: the call may be ringing already."


class WildixClient:
    """One signed-in PBX account, as `pbx.base.Pbx`; `await close()` at the end."""

    def __init__(self, account: str, http: HttpClient, auth: Auth) -> None:
        self._account = account
        self._http = http
        self._auth = auth
        # extension -> dialplan, as the last listing of colleagues had it
        self._dialplans: dict[str, str] = {}

    @classmethod
    def for_account(cls, account: PbxAccount, *, timeout_s: float, loopback: bool = False) -> WildixClient:
        """A client for a configured account; raises `ConfigError` for a missing or unfit token or address.

        `loopback` is that of `addresses.Reach`.
        """
        if not account.token:
            raise ConfigError(
                f"The PBX account {account.name} has no token, so Linedesk can't dial for it.",
                remedy="Make a token in WMS under Integrations, and put it into the account.",
            )
        http = HttpClient(
            account.url,
            who=f"The PBX {account.name}",
            timeout_s=timeout_s,
            reach=Reach(private=account.private, loopback=loopback),
        )
        return cls(account.name, http, BearerToken(account.name, account.token))

    async def dial(self, request: DialRequest) -> DialAccepted:
        """Ring the extension's own phone, then call the destination. One call at most, whatever happens."""
        self._check(request)
        try:
            await self._command(
                "/api/v2/call-control/make-call",
                {"destination": request.destination},
                query={"user": request.extension},
            )
        except VendorRouteMissing:
            log.info("older_dialling", account=self._account)
        else:
            return DialAccepted("make-call")
        dialplan = await self._dialplan_of(request.extension)
        await self._command(
            "/api/v1/Originate",
            {
                "channel": f"Local/{request.extension}@{dialplan}",
                "context": dialplan,
                "exten": request.destination,
                "priority": "1",
                "async": "true",
            },
        )
        return DialAccepted("originate")

    async def colleagues(self) -> tuple[Colleague, ...]:
        """Every user of the PBX that has an extension, by extension. Raises `VendorError`s."""
        listing = Listing(self._http.who)
        while not listing.complete:
            page = await self._exchange(
                "GET",
                "/api/v1/Colleagues/",
                query={"start": str(listing.next_start), "count": str(PAGE), "sort": "dn", "dir": "ASC"},
            )
            listing.add(page)
        self._dialplans = listing.dialplans
        return listing.colleagues()

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    def _check(self, request: DialRequest) -> None:
        # Both end up in a channel name of the PBX, where other characters would have a meaning.
        if not _EXTENSION.fullmatch(request.extension):
            raise VendorRefused(
                f"The extension set for this agent is not one that {self._http.who} can ring."
            )
        if not _DESTINATION.fullmatch(request.destination):
            raise VendorRefused("The number to dial holds more than digits, +, * and #.")

    async def _command(
        self, path: str, body: Mapping[str, object], query: Mapping[str, str] | None = None
    ) -> None:
        try:
            await self._exchange("POST", path, query=query, body=body)
        except (VendorAuth, VendorRouteMissing):
            raise
        except VendorError as error:
            if type(error) in {VendorError, VendorGarbled}:
                # It answered, but not with a yes or a no.
                error.remedy = _LOOK
            raise

    async def _dialplan_of(self, extension: str) -> str:
        if extension not in self._dialplans:
            try:
                await self.colleagues()
            except VendorError as error:
                # The token may not read colleagues; nearly every PBX has its users in the default one.
                log.warning("dialplan_unknown", account=self._account, error_code=error.code)
        return self._dialplans.get(extension, _DEFAULT_DIALPLAN)

    async def _exchange(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Mapping[str, Any]:
        outgoing = Outgoing(method, path, query or {}, body)
        headers = await self._auth.headers(outgoing)
        reply = await self._http.send(method, path, query=query, json=body, headers=headers)
        try:
            return payload(reply)
        except VendorAuth:
            # Refused before it had any effect, so it may go again with a newer credential.
            if not await self._auth.renew(headers):
                raise
        headers = await self._auth.headers(outgoing)
        return payload(await self._http.send(method, path, query=query, json=body, headers=headers))
