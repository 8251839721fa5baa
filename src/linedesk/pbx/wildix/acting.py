"""For whom a credential may act: every extension, or its own user's alone.

A PBX honours `?user=` of administrators only. For anybody else it may refuse, or quietly take the token's own
user instead: then one agent would be shown another's calls, and another's phone would ring.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

import structlog

from linedesk.clock import Clock
from linedesk.errors import (
    VendorForbidden,
    VendorGarbled,
    VendorNotFound,
    VendorRefused,
    VendorRouteMissing,
    VendorTimeout,
    VendorUnreachable,
)
from linedesk.pbx.base import Me

log = structlog.get_logger(__name__)

_KNOWN_FOR_MS = 600_000
_UNTOLD = (VendorForbidden, VendorGarbled, VendorNotFound, VendorRefused, VendorRouteMissing)
_REMEDY = (
    "Put a company API key or the token of an administrator into the account, or let agents sign in with "
    "Wildix."
)


class AskMe(Protocol):
    """`People.me`."""

    def __call__(self, *, interactive: bool) -> Awaitable[Me]: ...


class Acting:
    """Asks whose credential it is, and now and then again. `who` begins the sentences of errors."""

    def __init__(self, who: str, me: AskMe, clock: Clock) -> None:
        self._who = who
        self._ask = me
        self._clock = clock
        self._me: Me | None = None
        self._asked_ms: int | None = None

    async def is_own(self, extension: str, *, interactive: bool) -> bool:
        """Whether `extension` is the credential's own user's; False: it is another's, for whom it may act.

        Raises `VendorForbidden` where it may not, and other `VendorError`s when that can't be known now:
        nothing but the question was sent then.
        """
        me = await self._whose(interactive=interactive)
        if me is None or me.admin or me.extension is None:
            return False
        if me.extension == extension:
            return True
        if not me.role:
            return False
        raise VendorForbidden(
            f"The token of {self._who} is that of extension {me.extension}, who is no administrator, so it "
            f"can't act for extension {extension}.",
            remedy=_REMEDY,
        )

    async def _whose(self, *, interactive: bool) -> Me | None:
        """None: the PBX does not tell, so it has to be taken as what the account's owner meant it to be."""
        now_ms = self._clock.now_ms()
        if self._asked_ms is not None and 0 <= now_ms - self._asked_ms < _KNOWN_FOR_MS:
            return self._me
        try:
            self._me = await self._ask(interactive=interactive)
        except _UNTOLD as error:
            log.info("credential_owner_not_told", who=self._who, error_code=error.code)
            self._me = None
        except VendorTimeout as error:
            # A time-out's usual remedy is about a phone that may be ringing.
            raise VendorUnreachable(error.message) from None
        self._asked_ms = now_ms
        return self._me


def may_act_for_others(me: Me) -> bool | None:
    """None where the PBX doesn't show it."""
    if me.admin or me.extension is None:
        return True
    return False if me.role else None
