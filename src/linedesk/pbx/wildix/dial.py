"""Click-to-dial: one call at most, whatever happens.

Dialling takes v2 `make-call`. The older v1 routes are used only when the PBX says that it has no such
route: after a time-out or a lost connection the phone may be ringing, and a second request would ring twice.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping

import structlog

from linedesk.errors import (
    VendorAuth,
    VendorError,
    VendorGarbled,
    VendorRefused,
    VendorRouteMissing,
)
from linedesk.pbx.base import DialAccepted, DialRequest
from linedesk.pbx.wildix.auth import Outgoing
from linedesk.pbx.wildix.exchange import Exchange

log = structlog.get_logger(__name__)

MAKE_CALL = "/api/v2/call-control/make-call"
ORIGINATE = "/api/v1/Originate"
ORIGINATE_CALL = "/api/v1/Originate/Call/"

_EXTENSION = re.compile(r"[0-9A-Za-z_.-]{1,32}")
_DESTINATION = re.compile(r"\+?[0-9*#]{1,40}")
_LOOK = "Look at your phone before you try again: the call may be ringing already."


class Dialling:
    """`dialplan_of` answers the dialplan of an extension; it raises nothing."""

    def __init__(
        self, account: str, exchange: Exchange, dialplan_of: Callable[[str], Awaitable[str]]
    ) -> None:
        self._account = account
        self._exchange = exchange
        self._dialplan_of = dialplan_of

    async def for_extension(self, request: DialRequest) -> DialAccepted:
        """Ring the phone of any extension, with an administrator's credential."""
        self.check(request)
        try:
            await self._command(MAKE_CALL, {"destination": request.destination}, {"user": request.extension})
        except VendorRouteMissing:
            log.info("older_dialling", account=self._account)
        else:
            return DialAccepted("make-call")
        dialplan = await self._dialplan_of(request.extension)
        await self._command(
            ORIGINATE,
            {
                "channel": f"Local/{request.extension}@{dialplan}",
                "context": dialplan,
                "exten": request.destination,
                "priority": "1",
                "async": "true",
            },
        )
        return DialAccepted("originate")

    async def for_own_user(self, request: DialRequest) -> DialAccepted:
        """Ring the phone of the user whose token this client has; the PBX is not told an extension."""
        self.check(request)
        try:
            await self._command(MAKE_CALL, {"destination": request.destination})
        except VendorRouteMissing:
            log.info("older_dialling", account=self._account)
        else:
            return DialAccepted("make-call")
        await self._command(ORIGINATE_CALL, {"number": request.destination})
        return DialAccepted("originate-call")

    def check(self, request: DialRequest) -> None:
        """Raise `VendorRefused` for an extension or a number that can't be dialled; asks nobody."""
        # Both end up in a channel name of the PBX, where other characters would have a meaning.
        if not _EXTENSION.fullmatch(request.extension):
            raise VendorRefused(
                f"The extension set for this agent is not one that {self._exchange.who} can ring."
            )
        if not _DESTINATION.fullmatch(request.destination):
            raise VendorRefused("The number to dial holds more than digits, +, * and #.")

    async def _command(
        self, path: str, body: Mapping[str, object], query: Mapping[str, str] | None = None
    ) -> None:
        try:
            await self._exchange.ask(Outgoing("POST", path, query or {}, body), idempotent=False)
        except (VendorAuth, VendorRouteMissing):
            raise
        except VendorError as error:
            if type(error) in {VendorError, VendorGarbled}:
                # It answered, but not with a yes or a no.
                error.remedy = _LOOK
            raise
