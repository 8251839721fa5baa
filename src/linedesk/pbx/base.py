"""The PBX port: what Linedesk asks of a telephone system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from linedesk.calls.model import LegStatus, Telephony


@dataclass(frozen=True, slots=True)
class DialRequest:
    """Ring `extension`'s own phone, then call `destination` (digits as the PBX wants them)."""

    extension: str
    destination: str


@dataclass(frozen=True, slots=True)
class DialAccepted:
    """The PBX took the request. `route` names the way used; it says nothing about an answer."""

    route: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """A user of the PBX. `extension` is what is dialled; `id` is the PBX's own.

    `licence`: basic, essential, business, premium …; "" where the PBX doesn't tell.
    """

    id: str
    name: str
    extension: str
    email: str | None = None
    role: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class LiveCall:
    """One call of one user as the PBX lists it now. `id` is the PBX's handle for call control (`sipCallId`),
    which is not the id that webhooks use. Numbers are as the wire has them; `duration_s` since the answer."""

    id: str
    caller: str
    caller_name: str
    callee: str
    callee_name: str
    status: LegStatus
    duration_s: int = 0


@dataclass(frozen=True, slots=True)
class Me:
    """Whose credential it is. `extension` None: a key of the company, not of a user. `role`: as the PBX names
    it, in lower case; empty: it doesn't tell."""

    name: str
    extension: str | None = None
    email: str | None = None
    id: str = ""
    admin: bool = False
    role: str = ""


class Pbx(Protocol):
    """One signed-in PBX. Every method has a deadline, obeys the budget and raises only `VendorError`s.

    `interactive`: a person waits for the answer, so it goes before background requests.
    """

    async def dial(self, request: DialRequest) -> DialAccepted:
        """Click-to-dial. Never tried twice after a time-out: the call may be ringing."""
        ...

    async def colleagues(self) -> tuple[Colleague, ...]: ...

    async def me(self) -> Me:
        """Who the credential belongs to."""
        ...

    async def live_calls(self, extension: str, *, interactive: bool = False) -> tuple[LiveCall, ...]:
        """The calls of one user now. `VendorRouteMissing` on a PBX that is too old."""
        ...

    async def presences(self, extensions: Sequence[str]) -> Mapping[str, Telephony]:
        """What each user's devices do, from the cloud, at most 500 at once; unknown users are left out.

        Raises `VendorAuth` or `VendorForbidden` for a credential that does not reach the cloud.
        """
        ...
